import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Holder, needToAsk, triedForMs, triedOf } from './re-ask.js'

const nothingDecided = { hasRefusedConsent: false, isOwnWish: false }
const holder = (given: Partial<Holder> = {}): Holder => ({
  member: 'fund',
  mode: 'information',
  tried: 'never',
  ...given,
})
const asking = { provider: 'fund', evidenceType: 'income', purpose: 'rate' } as never
const attempt = (given: object = {}) =>
  ({
    counterparty: 'fund',
    evidence_type: 'income',
    purpose: 'rate',
    outcome: 'absent',
    reason: 'none',
    at_ms: 1000,
    ...given,
  }) as const

describe('asking a person', () => {
  it('is needless while one member in reach was not asked', () => {
    const holders = [holder({ tried: 'in vain' }), holder({ member: 'other-fund' })]
    expect(needToAsk(holders, nothingDecided)).toEqual({ need: 'none', holders: ['other-fund'] })
  })

  it('is needless for what an exchange brought, and for what lies in the own file', () => {
    for (const each of [holder({ tried: 'obtained' }), holder({ mode: 'own file' })])
      expect(needToAsk([each], { ...nothingDecided, isOwnWish: each.mode === 'own file' }).need).toBe('none')
  })

  it('is right where nobody holds it, where none confirmed it, and where the person decided so', () => {
    expect(needToAsk([], nothingDecided).need).toBe('nobody-holds-it')
    expect(needToAsk([holder({ tried: 'in vain' })], nothingDecided).need).toBe('none-confirmed-it')
    const agreed = [holder({ mode: 'consent' })]
    expect(needToAsk(agreed, { ...nothingDecided, hasRefusedConsent: true }).need).toBe('consent-refused')
    expect(needToAsk(agreed, { ...nothingDecided, isOwnWish: true }).need).toBe('own-wish')
  })

  it('is not excused in another mode by a refused consent', () => {
    const holders = [holder({ mode: 'consent' }), holder({ member: 'tax' })]
    expect(needToAsk(holders, { ...nothingDecided, hasRefusedConsent: true })).toEqual({
      need: 'none',
      holders: ['tax'],
    })
  })

  it('is called needless exactly when somebody is named who holds it', () => {
    const anyHolder = fc.record({
      member: fc.constantFrom('a', 'b', 'c'),
      mode: fc.constantFrom<Holder['mode'][]>('information', 'consent', 'explicit-request', 'own file'),
      tried: fc.constantFrom<Holder['tried'][]>('never', 'in vain', 'obtained'),
    })
    fc.assert(
      fc.property(
        fc.array(anyHolder, { maxLength: 5 }),
        fc.record({ hasRefusedConsent: fc.boolean(), isOwnWish: fc.boolean() }),
        (holders, decided) => {
          const found = needToAsk(holders, decided)
          expect(found.need === 'none').toBe(found.holders.length > 0)
          for (const member of found.holders)
            expect(holders.some((one) => one.member === member && one.tried !== 'in vain')).toBe(true)
        },
      ),
    )
  })
})

describe('an attempt', () => {
  it.each(['absent', 'stale', 'unreachable', 'ambiguous', 'pending', 'sent'] as const)(
    'that ended %s excuses',
    (outcome) => {
      expect(triedOf(asking, [attempt({ outcome })], 2000)).toBe('in vain')
    },
  )

  it('excuses for thirty days and no longer', () => {
    expect(triedOf(asking, [attempt()], 1000 + triedForMs - 1)).toBe('in vain')
    expect(triedOf(asking, [attempt()], 1000 + triedForMs)).toBe('never')
  })

  it('excuses nothing when the procedure itself had it refused', () => {
    expect(triedOf(asking, [attempt({ outcome: 'refused', reason: 'NOTICE_MISMATCH' })], 2000)).toBe('never')
    expect(triedOf(asking, [attempt({ outcome: 'refused', reason: 'CONSENT_REVOKED' })], 2000)).toBe('in vain')
  })

  it('of another purpose, type or member says nothing, and the newest counts', () => {
    for (const given of [{ purpose: 'card' }, { evidence_type: 'household' }, { counterparty: 'tax' }])
      expect(triedOf(asking, [attempt(given)], 2000)).toBe('never')
    expect(triedOf(asking, [attempt({ outcome: 'released' }), attempt()], 2000)).toBe('obtained')
  })
})
