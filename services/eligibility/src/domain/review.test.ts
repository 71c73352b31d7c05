import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { Direction, type Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { describe, expect, it } from 'vitest'
import { cause, reassessmentOf, reviewOf } from '../review.fixture.js'
import { invited, rankOf, reassessed, replaced, upheld, withCause } from './review.js'

const { REVIEW_STATE_OPEN, REVIEW_STATE_REASSESSED, REVIEW_STATE_OBSERVATIONS_INVITED } = ReviewState
const worse = reassessmentOf(Direction.DIRECTION_UNFAVOURABLE)
const reviewed = (change: Partial<Review> = {}): Review =>
  reviewOf({ state: REVIEW_STATE_REASSESSED, reassessment: worse, ...change })
const heard = reviewed({ state: REVIEW_STATE_OBSERVATIONS_INVITED, observationsUntilDay: '2026-12-20' })
const ended = reviewed({ state: ReviewState.REVIEW_STATE_UPHELD, endedAtMs: 9 })

const changes: readonly (readonly [string, (review: Review) => unknown])[] = [
  ['asks nobody for observations', (review) => invited(review, '2026-12-20')],
  ['upholds nothing', (review) => upheld(review, 'words', 9)],
  ['replaces nothing', (review) => replaced(review, 'd2', 9)],
]

describe('a review', () => {
  it.each(changes)('%s before it was reassessed, nor once it has ended', (_, change) => {
    expect(change(reviewOf())).toEqual({ refusal: 'REVIEW_NOT_REASSESSED' })
    expect(change(reviewOf({ state: REVIEW_STATE_OPEN, reassessment: worse }))).toEqual({
      refusal: 'REVIEW_NOT_REASSESSED',
    })
    expect(change(ended)).toEqual({ refusal: 'REVIEW_ENDED' })
    expect(change(reviewed())).not.toHaveProperty('refusal')
  })

  it('is not reassessed once it has ended', () => {
    expect(reassessed(ended, ended, worse)).toEqual({ refusal: 'REVIEW_ENDED' })
  })

  it('takes a cause once, as long as nobody has looked', () => {
    expect(withCause(reviewOf(), cause('c1'))).toBeUndefined()
    expect(withCause(reviewOf(), cause('c2'))?.causes).toEqual([cause('c1'), cause('c2')])
    expect(withCause(reviewOf(), cause('c1', 'changed'))?.causes).toHaveLength(2)
  })

  it('is open again when something comes up after somebody looked, and the person is to be asked anew', () => {
    for (const known of ['c1', 'c2'])
      expect(withCause(heard, cause(known))).toMatchObject({ state: REVIEW_STATE_OPEN, observationsUntilDay: '' })
    expect(withCause(heard, { ...cause('c1'), atMs: 7 })?.causes).toEqual([{ ...cause('c1'), atMs: 7 }])
  })

  it('stays open where something came up while it was reassessed', () => {
    const before = reviewOf()
    const meanwhile = withCause(before, cause('c2')) as Review
    expect(reassessed(before, meanwhile, worse)).toMatchObject({ state: REVIEW_STATE_OPEN, reassessment: worse })
    expect(reassessed(before, before, worse)).toMatchObject({ state: REVIEW_STATE_REASSESSED, reassessment: worse })
  })

  it('keeps an invitation only where the person was told of what is found now', () => {
    const again = reassessmentOf(Direction.DIRECTION_UNFAVOURABLE, { atMs: 8 })
    expect(reassessed(heard, heard, again)).toEqual({ ...heard, reassessment: again })
    const finding = { answer: Answer.ANSWER_NO, release: undefined, gives: [], missing: [], explanation: undefined }
    const others = [
      reassessmentOf(Direction.DIRECTION_UNKNOWN),
      reassessmentOf(Direction.DIRECTION_UNFAVOURABLE, { finding }),
    ]
    for (const other of others)
      expect(reassessed(heard, heard, other)).toMatchObject({
        state: REVIEW_STATE_REASSESSED,
        observationsUntilDay: '',
      })
  })

  it('comes first where the person would gain, and last where nothing is gained', () => {
    const ranked = (direction: Direction) => rankOf(reviewed({ reassessment: reassessmentOf(direction) }))
    expect(ranked(Direction.DIRECTION_FAVOURABLE)).toBe(0)
    expect([ranked(Direction.DIRECTION_UNKNOWN), rankOf(reviewOf())]).toEqual([1, 1])
    expect(ranked(Direction.DIRECTION_SAME)).toBe(2)
    expect(ranked(Direction.DIRECTION_UNFAVOURABLE)).toBe(2)
    expect(rankOf(reviewed({ state: REVIEW_STATE_OPEN }))).toBe(1)
  })
})
