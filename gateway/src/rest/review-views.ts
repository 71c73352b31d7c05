import {
  Direction,
  type Reassessment,
  type Review,
  ReviewState,
} from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { factsUsedView, notObtainedView } from './assessment-views.js'
import { findingView, textOf } from './eligibility-views.js'
import type { direction, review, reviewState } from './review-schemas.js'
import { instantOf } from './views.js'

// From the messages of the contract to what the REST door shows, and back.

export type ReviewView = z.infer<typeof review>
type State = z.infer<typeof reviewState>

export const reviewStateOf: Readonly<Record<State, ReviewState>> = {
  open: ReviewState.REVIEW_STATE_OPEN,
  reassessed: ReviewState.REVIEW_STATE_REASSESSED,
  'observations-invited': ReviewState.REVIEW_STATE_OBSERVATIONS_INVITED,
  upheld: ReviewState.REVIEW_STATE_UPHELD,
  replaced: ReviewState.REVIEW_STATE_REPLACED,
}
const directions: Readonly<Record<number, z.infer<typeof direction>>> = {
  [Direction.DIRECTION_FAVOURABLE]: 'favourable',
  [Direction.DIRECTION_UNFAVOURABLE]: 'unfavourable',
  [Direction.DIRECTION_SAME]: 'same',
}

const stateNameOf = (state: ReviewState): ReviewView['state'] =>
  (Object.keys(reviewStateOf) as State[]).find((each) => reviewStateOf[each] === state) ?? 'unknown'

const reassessmentView = (one: Reassessment): NonNullable<ReviewView['reassessment']> => ({
  at: instantOf(one.atMs),
  direction: directions[one.direction] ?? 'unknown',
  finding: (one.finding && findingView(one.finding)) ?? null,
  used: factsUsedView(one.used),
  notObtained: notObtainedView(one.notObtained),
})

export const reviewView = (one: Review): ReviewView => ({
  reviewId: one.reviewId,
  decisionId: one.decisionId,
  applicationId: one.applicationId,
  subject: one.subject,
  procedure: one.procedure,
  state: stateNameOf(one.state),
  openedAt: instantOf(one.openedAtMs),
  causes: one.causes.map(({ kind, provider, evidenceType, reference, atMs }) => ({
    kind,
    provider,
    evidenceType,
    reference,
    at: instantOf(atMs),
  })),
  reassessment: one.reassessment ? reassessmentView(one.reassessment) : null,
  limits: one.limits.map(({ title, lastDay, isOver, legalReference }) => ({
    title: textOf(title),
    lastDay,
    isOver,
    legalReference,
  })),
  observationsUntilDay: one.observationsUntilDay || null,
  words: one.words || null,
  replacedBy: one.replacedBy || null,
  endedAt: one.endedAtMs === 0 ? null : instantOf(one.endedAtMs),
})

/** The review that an answer of the service carries. Error: INTERNAL where it carries none. */
export const reviewIn = ({ review: one }: { readonly review?: Review | undefined }): ReviewView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its review' })
  return reviewView(one)
}
