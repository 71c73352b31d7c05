import type { Direction, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'

/** The states of a review by the names under which they are kept; the numbers are the contract's. */
export const reviewStateNamed = {
  open: 1,
  reassessed: 2,
  'observations-invited': 3,
  upheld: 4,
  replaced: 5,
} as const satisfies {
  readonly open: ReviewState.REVIEW_STATE_OPEN
  readonly reassessed: ReviewState.REVIEW_STATE_REASSESSED
  readonly 'observations-invited': ReviewState.REVIEW_STATE_OBSERVATIONS_INVITED
  readonly upheld: ReviewState.REVIEW_STATE_UPHELD
  readonly replaced: ReviewState.REVIEW_STATE_REPLACED
}
export type ReviewStateName = keyof typeof reviewStateNamed

/** The name of a state; undefined for what is none. */
export const reviewStateName = (state: ReviewState): ReviewStateName | undefined =>
  (Object.keys(reviewStateNamed) as ReviewStateName[]).find((each) => reviewStateNamed[each] === state)

/** What a new decision would mean to the person, by names. */
export const directionNamed = { favourable: 1, unfavourable: 2, same: 3, unknown: 4 } as const satisfies {
  readonly favourable: Direction.DIRECTION_FAVOURABLE
  readonly unfavourable: Direction.DIRECTION_UNFAVOURABLE
  readonly same: Direction.DIRECTION_SAME
  readonly unknown: Direction.DIRECTION_UNKNOWN
}
