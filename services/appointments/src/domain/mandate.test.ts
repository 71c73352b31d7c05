import { describe, expect, it } from 'vitest'
import { mandateRefusal } from './mandate.js'

const mandate = (fromDay: string, toDay: string, reference = 'M-1') => ({ reference, fromDay, toDay })
const needed = { needsMandate: true, today: '2026-11-23' }

describe('the mandate of a helper', () => {
  it('is missing where it is needed', () => {
    expect(mandateRefusal(undefined, needed)).toBe('MANDATE_MISSING')
    expect(mandateRefusal(undefined, { ...needed, needsMandate: false })).toBeUndefined()
  })

  it.each([
    ['2026-11-01', '2026-11-22', 'MANDATE_ENDED'],
    ['2026-11-24', '2026-12-31', 'MANDATE_ENDED'],
    ['2026-11-23', '2026-11-23', undefined],
    ['2026-11-01', '2026-11-23', undefined],
    ['2026-11-23', '2027-11-23', undefined],
  ])('from %s to %s is %s on the 23rd', (from, to, outcome) => {
    expect(mandateRefusal(mandate(from, to), needed)).toBe(outcome)
    expect(mandateRefusal(mandate(from, to), { ...needed, needsMandate: false })).toBe(outcome)
  })

  it.each([
    [mandate('2026-11-23', '2026-11-22'), 'mandate.toDay'],
    [mandate('2026-02-30', '2026-11-30'), 'mandate.fromDay'],
    [mandate('2026-11-01', 'soon'), 'mandate.toDay'],
    [mandate('2026-11-01', '2026-11-30', ' '), 'mandate.reference'],
    [mandate('2026-11-01', '2026-11-30', 'x'.repeat(129)), 'mandate.reference'],
  ])('%j does not say what a mandate says', (shown, field) => {
    expect(mandateRefusal(shown, needed)).toMatchObject({ field })
  })
})
