import type { Reassessment, Review, ReviewCause } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import type { Reason } from '@unefois/proto/reasons'
import { directionNamed, reviewStateNamed } from './review-state.js'

/** What became of a review, or why nothing may. */
export type ReviewChange = Review | { readonly refusal: Extract<Reason, 'REVIEW_ENDED' | 'REVIEW_NOT_REASSESSED'> }

export const hasEnded = ({ endedAtMs }: Pick<Review, 'endedAtMs'>): boolean => endedAtMs !== 0

/** Whether the latest reassessment came after everything that is known to be wrong. */
export const isReassessed = ({ state }: Pick<Review, 'state'>): boolean =>
  state === reviewStateNamed.reassessed || state === reviewStateNamed['observations-invited']

/** Where a review stands in a list: those from which the person would gain come first, those of which nobody knows next. */
export const rankOf = ({ state, reassessment }: Pick<Review, 'state' | 'reassessment'>): 0 | 1 | 2 => {
  if (!reassessment || state === reviewStateNamed.open) return 1
  switch (reassessment.direction) {
    case directionNamed.favourable:
      return 0
    case directionNamed.unfavourable:
    case directionNamed.same:
      return 2
    default:
      return 1
  }
}

/** The review that begins with what came up. */
export const opened = (
  of: Pick<Review, 'reviewId' | 'decisionId' | 'applicationId' | 'subject' | 'procedure' | 'openedAtMs'>,
  cause: ReviewCause,
): Review => ({
  ...of,
  state: reviewStateNamed.open,
  causes: [cause],
  reassessment: undefined,
  limits: [],
  observationsUntilDay: '',
  words: '',
  replacedBy: '',
  endedAtMs: 0,
})

const isSameCause = (one: ReviewCause, other: ReviewCause): boolean =>
  one.kind === other.kind && one.reference === other.reference

/**
 * Something more came up; undefined where the review waits for somebody to look at that very thing already. What was found and
 * what the person was asked rests on what was known before, so both are to be done again.
 */
export const withCause = (review: Review, cause: ReviewCause): Review | undefined => {
  const isKnown = review.causes.some((each) => isSameCause(each, cause))
  if (isKnown && review.state === reviewStateNamed.open) return undefined
  return {
    ...review,
    state: reviewStateNamed.open,
    causes: [...review.causes.filter((each) => !isSameCause(each, cause)), cause],
    observationsUntilDay: '',
  }
}

const causeKeys = ({ causes }: Pick<Review, 'causes'>): string =>
  JSON.stringify(causes.map(({ kind, reference, atMs }) => [kind, reference, atMs]))

const foundIn = ({ direction, finding }: Reassessment): string =>
  JSON.stringify([
    direction,
    finding?.answer,
    finding?.release?.sha256,
    finding?.gives.map(({ name, value }) => [name, value?.value]),
  ])

/**
 * The rule was applied anew to what was asked of a review as it stood `before`. What came up meanwhile leaves it open. An
 * invitation stands where nothing else was found than what the person was told.
 */
export const reassessed = (before: Review, review: Review, reassessment: Reassessment): ReviewChange => {
  if (hasEnded(review)) return { refusal: 'REVIEW_ENDED' }
  if (causeKeys(before) !== causeKeys(review)) return { ...review, reassessment, state: reviewStateNamed.open }
  const isAsTold = review.reassessment !== undefined && foundIn(review.reassessment) === foundIn(reassessment)
  if (review.state === reviewStateNamed['observations-invited'] && isAsTold) return { ...review, reassessment }
  return { ...review, reassessment, state: reviewStateNamed.reassessed, observationsUntilDay: '' }
}

const whileReassessed = (review: Review, change: () => Review): ReviewChange => {
  if (hasEnded(review)) return { refusal: 'REVIEW_ENDED' }
  return isReassessed(review) ? change() : { refusal: 'REVIEW_NOT_REASSESSED' }
}

/** The person was asked for their observations, until a day. */
export const invited = (review: Review, observationsUntilDay: string): ReviewChange =>
  whileReassessed(review, () => ({ ...review, state: reviewStateNamed['observations-invited'], observationsUntilDay }))

/** The decision stays as it is. */
export const upheld = (review: Review, words: string, endedAtMs: number): ReviewChange =>
  whileReassessed(review, () => ({ ...review, state: reviewStateNamed.upheld, words, endedAtMs }))

/** Another decision was issued in the place of the one reviewed. */
export const replaced = (review: Review, replacedBy: string, endedAtMs: number): ReviewChange =>
  whileReassessed(review, () => ({ ...review, state: reviewStateNamed.replaced, replacedBy, endedAtMs }))
