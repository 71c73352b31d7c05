import { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { Direction, type Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reassessmentOf, reviewOf } from '../review.fixture.js'
import { isAgainst, reviewRefusal } from './review-refusal.js'

const { OUTCOME_GRANTED, OUTCOME_PARTLY_GRANTED, OUTCOME_REFUSED } = Outcome
const { DIRECTION_FAVOURABLE, DIRECTION_UNFAVOURABLE, DIRECTION_SAME, DIRECTION_UNKNOWN } = Direction
const today = '2026-12-20'
const reviewed = (direction: Direction, observationsUntilDay = ''): Review =>
  reviewOf({
    state: ReviewState.REVIEW_STATE_REASSESSED,
    reassessment: reassessmentOf(direction),
    observationsUntilDay,
  })
const outcomes = fc.constantFrom(OUTCOME_GRANTED, OUTCOME_PARTLY_GRANTED, OUTCOME_REFUSED)
const directions = fc.constantFrom(DIRECTION_FAVOURABLE, DIRECTION_UNFAVOURABLE, DIRECTION_SAME, DIRECTION_UNKNOWN)
const granted = (now: Outcome) => ({ before: OUTCOME_GRANTED, made: { outcome: now } })

describe('a decision in the place of another', () => {
  it('is not issued in a review that has ended, or in which nobody asked anew', () => {
    const better = reviewed(DIRECTION_FAVOURABLE)
    const made = granted(OUTCOME_GRANTED)
    expect(reviewRefusal({ ...better, endedAtMs: 9 }, made, today)).toBe('REVIEW_ENDED')
    expect(reviewRefusal(reviewOf(), made, today)).toBe('REVIEW_NOT_REASSESSED')
    const outdated = { ...better, state: ReviewState.REVIEW_STATE_OPEN }
    expect(reviewRefusal(outdated, made, today)).toBe('REVIEW_NOT_REASSESSED')
    expect(reviewRefusal(better, made, today)).toBeUndefined()
  })

  it('is not issued against anybody before they were asked, and had the days that they were given', () => {
    for (const direction of [DIRECTION_UNFAVOURABLE, DIRECTION_UNKNOWN])
      for (const [until, refusal] of [
        ['', 'OBSERVATIONS_NOT_INVITED'],
        ['2026-12-21', 'OBSERVATIONS_AWAITED'],
        [today, 'OBSERVATIONS_AWAITED'],
        ['2026-12-19', undefined],
      ] as const)
        expect(reviewRefusal(reviewed(direction, until), granted(OUTCOME_GRANTED), today)).toBe(refusal)
  })

  it('takes nothing away under a finding that is the same, or better', () => {
    for (const direction of [DIRECTION_SAME, DIRECTION_FAVOURABLE]) {
      expect(isAgainst(OUTCOME_GRANTED, OUTCOME_PARTLY_GRANTED, direction)).toBe(true)
      expect(isAgainst(OUTCOME_GRANTED, OUTCOME_REFUSED, direction)).toBe(true)
      expect(isAgainst(OUTCOME_PARTLY_GRANTED, OUTCOME_GRANTED, direction)).toBe(false)
      expect(isAgainst(OUTCOME_GRANTED, OUTCOME_GRANTED, direction)).toBe(false)
    }
  })

  it('gives something in the place of nothing without anybody being asked', () => {
    fc.assert(
      fc.property(fc.constantFrom(OUTCOME_GRANTED, OUTCOME_PARTLY_GRANTED), directions, (now, direction) => {
        expect(isAgainst(OUTCOME_REFUSED, now, direction)).toBe(false)
      }),
    )
  })

  it('never refuses anything unheard, and never needs less hearing for giving less', () => {
    fc.assert(
      fc.property(outcomes, directions, (then, direction) => {
        expect(isAgainst(then, OUTCOME_REFUSED, direction)).toBe(true)
        const inOrder = [OUTCOME_GRANTED, OUTCOME_PARTLY_GRANTED, OUTCOME_REFUSED]
        const against = inOrder.map((now) => Number(isAgainst(then, now, direction)))
        expect(against).toEqual([...against].sort())
      }),
    )
  })
})
