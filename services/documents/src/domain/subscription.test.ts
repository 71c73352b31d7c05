import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorisation as claims } from '../federation.fixture.js'
import type { HeldEvidence } from './evidence.js'
import {
  isChangeVisible,
  longestSubscriptionMs,
  subscriptionEndMs,
  subscriptionRefusal,
  visibleTo,
} from './subscription.js'

const authorisation = (given: Parameters<typeof claims>[0] = {}) => {
  const { iss: provider, iat: _, ...rest } = claims({ changesTold: true, ...given })
  return { ...rest, provider }
}
const evidence = (value: HeldEvidence['value'], related: HeldEvidence['related'] = []): HeldEvidence => ({
  value,
  version: 1,
  asOfMs: 1,
  related,
})

describe('a subscription', () => {
  it('is refused where the provider did not sign for it, and where each time is the person’s own asking', () => {
    const { changesTold: _, ...unsigned } = authorisation()
    expect(subscriptionRefusal(unsigned)).toBe('CHANGES_NOT_AUTHORISED')
    expect(subscriptionRefusal(authorisation({ mode: 'explicit-request' }))).toBe('CHANGES_NOT_AUTHORISED')
    for (const mode of ['information', 'consent', 'proactive'] as const)
      expect(subscriptionRefusal(authorisation({ mode }))).toBeUndefined()
  })

  it('ends with whatever ends first: 12 months, the authorisation, the consent', () => {
    const nowMs = 1_800_000_000_000
    const inDays = (days: number) => nowMs / 1000 + days * 86_400
    expect(subscriptionEndMs({ exp: inDays(1000) }, undefined, nowMs)).toBe(nowMs + longestSubscriptionMs)
    expect(subscriptionEndMs({ exp: inDays(100) }, inDays(200), nowMs)).toBe(inDays(100) * 1000)
    expect(subscriptionEndMs({ exp: inDays(1000) }, inDays(30), nowMs)).toBe(inDays(30) * 1000)
  })
})

describe('a change', () => {
  const names = ['amount', 'year', 'street', 'debts'] as const
  const value = fc.record(
    Object.fromEntries(names.map((name) => [name, fc.integer({ min: 0, max: 3 })])) as Record<
      string,
      fc.Arbitrary<number>
    >,
    { requiredKeys: [] },
  )

  it('is visible exactly when an authorised field is another one', () => {
    fc.assert(
      fc.property(value, value, fc.subarray([...names]), (before, after, fields) => {
        const isOther = fields.some((field) => before[field] !== after[field])
        const seen = isChangeVisible(
          authorisation({ fields, predicates: [] }),
          evidence(before as Record<string, number>),
          evidence(after as Record<string, number>),
        )
        expect(seen).toBe(isOther)
      }),
    )
  })

  it('is none where only the order of members is another', () => {
    const all = authorisation({ fields: ['home'], predicates: [] })
    const [before, after] = [{ home: { street: 'a', rooms: [1, 2] } }, { home: { rooms: [1, 2], street: 'a' } }]
    expect(isChangeVisible(all, evidence(before), evidence(after))).toBe(false)
    expect(isChangeVisible(all, evidence(before), evidence({ home: { street: 'a', rooms: [2, 1] } }))).toBe(true)
  })

  it('is visible of a bound only where its answer turns', () => {
    const bound = authorisation({
      fields: [],
      predicates: [{ id: 'low', kind: 'at-most', field: 'amount', constant: 10 }],
    })
    const seen = (before: number, after: number) =>
      isChangeVisible(bound, evidence({ amount: before }), evidence({ amount: after }))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), (before, after) => {
        expect(seen(before, after)).toBe(before <= 10 !== after <= 10)
      }),
    )
  })

  it('is visible of people only in the relation that may be asked about, in whatever order they stand', () => {
    const children = authorisation({
      fields: [],
      predicates: [{ id: 'child-of', kind: 'related-subject', relation: 'children' }],
    })
    const named = (...related: [string, string][]) =>
      evidence(
        {},
        related.map(([relation, subject]) => ({ relation, subject })),
      )
    const two = named(['children', 'a'], ['children', 'b'])
    expect(isChangeVisible(children, two, named(['children', 'b'], ['children', 'a'], ['partner', 'c']))).toBe(false)
    expect(isChangeVisible(children, two, named(['children', 'a']))).toBe(true)
  })

  it('from nothing to something is visible, and of what cannot be seen is nothing', () => {
    const some = authorisation({ fields: ['amount'], predicates: [] })
    expect(visibleTo(some, undefined)).toBe('')
    expect(visibleTo(some, evidence({ street: 1 }))).toBe('')
    expect(isChangeVisible(some, undefined, evidence({ street: 1 }))).toBe(false)
    expect(isChangeVisible(some, undefined, evidence({ amount: 1 }))).toBe(true)
    expect(isChangeVisible(some, evidence({ amount: 1 }), undefined)).toBe(true)
  })
})
