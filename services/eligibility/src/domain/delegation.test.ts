import { type Delegation, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, delegationFault } from './delegation.js'
import { daysLater } from './term.js'

const today = '2026-11-22'
const given: Delegation = {
  delegationId: '',
  agent: { agentId: 'g1', firstName: 'Ada', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false },
  jwkJson: '{}',
  procedures: ['grant'],
  outcomes: [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_REFUSED],
  fromDay: '2026-01-01',
  toDay: '2031-12-31',
  legalReference: 'Order of 1 January 2026, published the same day',
  endedAtMs: 0,
}
const fault = (change: Partial<Delegation>) => delegationFault({ ...given, ...change }, (id) => id === 'grant', today)

describe('a delegation', () => {
  const agent = { agentId: 'g1', firstName: 'Ada', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false }

  it.each<[string, Partial<Delegation>]>([
    ['agent.agentId', { agent: undefined }],
    ['agent.agentId', { agent: { ...agent, agentId: ' ' } }],
    ['agent.firstName', { agent: { ...agent, firstName: '' } }],
    ['agent.lastName', { agent: { ...agent, lastName: ' ' } }],
    ['agent.capacity', { agent: { ...agent, capacity: '' } }],
    ['procedures', { procedures: [] }],
    ['procedures', { procedures: ['grant', 'grant'] }],
    ['procedures', { procedures: ['grant', 'stars'] }],
    ['outcomes', { outcomes: [] }],
    ['outcomes', { outcomes: [Outcome.OUTCOME_UNSPECIFIED] }],
    ['outcomes', { outcomes: [7 as Outcome] }],
    ['outcomes', { outcomes: [Outcome.OUTCOME_REFUSED, Outcome.OUTCOME_REFUSED] }],
    ['toDay', { fromDay: '2027-01-02', toDay: '2027-01-01' }],
    ['toDay', { toDay: '2026-11-21' }],
    ['toDay', { toDay: '2032-01-01' }],
    ['legalReference', { legalReference: 'order' }],
  ])('is refused for its %s: %o', (field, change) => {
    expect(fault(change)).toMatchObject({ field, what: expect.stringMatching(/\w/) })
  })

  it('is registered for six years, today its last day or its first', () => {
    expect(fault({})).toBeUndefined()
    expect(fault({ toDay: today })).toBeUndefined()
    expect(fault({ fromDay: today, toDay: today })).toBeUndefined()
    expect(fault({ agent })).toBeUndefined()
    const unnamed = { ...agent, firstName: '', lastName: '', isUnnamed: true }
    expect(fault({ agent: unnamed })).toBeUndefined()
    expect(fault({ agent: { ...unnamed, capacity: '' } })).toMatchObject({ field: 'agent.capacity' })
  })

  it('covers its procedures, outcomes and days, and nothing else, until it ends', () => {
    const ends = ['2025-12-31', given.fromDay, given.toDay, '2032-01-01']
    const any = fc.integer({ min: -20, max: 2200 }).map((days) => daysLater('2026-01-01', days))
    const day = fc.oneof(any, fc.constantFrom(...ends))
    const outcome = fc.oneof(fc.constantFrom(...given.outcomes), fc.constantFrom(...Object.values(Outcome)))
    fc.assert(
      fc.property(
        fc.constantFrom('grant', 'other'),
        outcome,
        day,
        fc.constantFrom(0, 1, 1_800_000_000_000),
        (procedure, outcome, on, endedAtMs) => {
          const isWithin = on >= given.fromDay && on <= given.toDay
          const isNamed = procedure === 'grant' && given.outcomes.includes(outcome)
          expect(covers({ ...given, endedAtMs }, { procedure, outcome }, on)).toBe(
            isWithin && isNamed && endedAtMs === 0,
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})
