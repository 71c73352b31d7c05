import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Term } from './procedure.js'
import { dayAfterTerm, daysLater } from './term.js'

const epoch = Date.UTC(2000, 0, 1)
const day = fc.integer({ min: 0, max: 20_000 }).map((n) => new Date(epoch + n * 86_400_000).toISOString().slice(0, 10))
const term: fc.Arbitrary<Term> = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  unit: fc.constantFrom('days' as const, 'weeks' as const, 'months' as const),
})

describe('a term', () => {
  it.each<[string, Term, string]>([
    ['2027-01-31', { count: 1, unit: 'months' }, '2027-02-28'],
    ['2028-01-31', { count: 1, unit: 'months' }, '2028-02-29'],
    ['2026-12-31', { count: 2, unit: 'months' }, '2027-02-28'],
    ['2026-11-22', { count: 2, unit: 'months' }, '2027-01-22'],
    ['2026-03-28', { count: 2, unit: 'days' }, '2026-03-30'],
    ['2026-10-24', { count: 1, unit: 'weeks' }, '2026-10-31'],
    ['2026-01-15', { count: 24, unit: 'months' }, '2028-01-15'],
  ])('from %s of %o ends on %s', (from, given, to) => {
    expect(dayAfterTerm(from, given)).toBe(to)
  })

  it('ends later than it begins, and a longer one never ends sooner', () => {
    fc.assert(
      fc.property(day, term, (from, given) => {
        const end = dayAfterTerm(from, given)
        expect(end > from).toBe(true)
        expect(dayAfterTerm(from, { ...given, count: given.count + 1 }) > end).toBe(true)
        expect(daysLater(end, 0)).toBe(end)
      }),
    )
  })

  it('of months ends on the same day of the month, or on the last that there is', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 60 }), (from, count) => {
        const end = dayAfterTerm(from, { count, unit: 'months' })
        const isLast = daysLater(end, 1).endsWith('-01')
        expect(end.slice(8) === from.slice(8) || (isLast && end.slice(8) < from.slice(8))).toBe(true)
      }),
    )
  })
})
