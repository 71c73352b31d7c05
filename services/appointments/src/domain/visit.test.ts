import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  askAgainMs,
  decideVisit,
  type LegPledged,
  longestWaitMs,
  outcomeTold,
  type PledgeStateName,
  pledgeAsked,
  pledgeSteps,
  pledgeTold,
  type VisitOutcome,
  visitSteps,
} from './visit.js'

const leg = (change: Partial<LegPledged> = {}): LegPledged => ({
  member: 'fund',
  startsAtMs: 1000,
  endsAtMs: 2000,
  refusal: undefined,
  ...change,
})
const own = leg({ member: 'hall', startsAtMs: 0, endsAtMs: 1000 })
const decided = (legs: readonly LegPledged[], nowMs = 0) =>
  decideVisit(legs, { coordinator: 'hall', decideByMs: 30_000 }, nowMs)

describe('the decision on a visit', () => {
  it.each<[string, readonly LegPledged[], number, string, string]>([
    ['a member said no', [own, leg({ refusal: 'SLOT_TAKEN' })], 0, 'fund', 'SLOT_TAKEN'],
    ['a member said nothing', [own, leg({ endsAtMs: 0 })], 0, 'fund', 'PROVIDER_UNREACHABLE'],
    ['two meetings overlap', [own, leg({ startsAtMs: 999 })], 0, 'hall', 'VISIT_INVALID'],
    [
      'one waits for hours',
      [own, leg({ startsAtMs: 1001 + longestWaitMs, endsAtMs: 2e7 })],
      0,
      'hall',
      'VISIT_INVALID',
    ],
    ['it is too late', [own, leg()], 30_000, 'hall', 'DEADLINE_EXCEEDED'],
  ])('is no where %s', (_, legs, nowMs, refusedBy, refusedBecause) => {
    expect(decided(legs, nowMs)).toEqual({ state: 'released', refusedBy, refusedBecause })
  })

  it('is yes where everybody has pledged in time', () => {
    expect(decided([leg(), own], 29_999)).toEqual({ state: 'booked' })
  })
})

describe('the states of visits and pledges', () => {
  const outcome = fc.constantFrom<VisitOutcome>('booked', 'released', 'cancelled')

  it('let nothing follow an end, and no release follow a booking', () => {
    for (const steps of [visitSteps, pledgeSteps]) {
      expect(steps.released).toEqual([])
      expect(steps.cancelled).toEqual([])
      expect(steps.booked).toEqual(['cancelled'])
    }
    expect(visitSteps.pledging).not.toContain('cancelled')
  })

  it('refuse a pledge that comes after its end, and repeat an answer', () => {
    expect((['pledged', 'booked', 'released', 'cancelled', undefined] as const).map(pledgeAsked)).toEqual([
      ...['again', 'again', 'ended', 'ended', 'take'],
    ])
  })

  it('hear the same outcome once, in whatever order outcomes come, and go only where a step leads', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 6 }), fc.boolean(), (outcomes, isKnown) => {
        let state: PledgeStateName | undefined = isKnown ? 'pledged' : undefined
        const meetings: string[] = []
        for (const each of outcomes) {
          const told = pledgeTold(state, each)
          if (state !== undefined && told.state !== state) expect(pledgeSteps[state]).toContain(told.state)
          if (told.meeting !== 'none') meetings.push(told.meeting)
          state = told.state
          expect(pledgeTold(state, each)).toEqual({ state, meeting: 'none' })
        }
        if (!isKnown) expect(meetings).not.toContain('book')
        expect(['', 'book', 'free', 'book free']).toContain(meetings.join(' '))
      }),
    )
  })

  it('are told as released where nothing is known', () => {
    expect(outcomeTold(undefined)).toBe('released')
    expect(outcomeTold('pledging')).toBe('pledging')
  })
})

describe('asking again', () => {
  it('comes after longer and longer pauses, an hour at most', () => {
    const pauses = Array.from({ length: 20 }, (_, asked) => askAgainMs(asked))
    expect(pauses.slice(0, 3)).toEqual([60_000, 120_000, 240_000])
    expect(pauses.every((each, index) => index === 0 || each >= (pauses[index - 1] ?? 0))).toBe(true)
    expect(Math.max(...pauses)).toBe(3_600_000)
  })
})
