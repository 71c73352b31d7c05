import { parisDay } from '@unefois/chassis/clock'
import type { Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { dayAt } from '../application-changes.js'
import { limitsOf } from '../domain/review-limits.js'
import type { ReviewNeeds } from '../review-needs.js'
import type { ReviewedDecision } from '../reviewed-decision.js'

/** A review as its reader sees it, with the limits of taking the decision back as of today. */
export const reviewView = (
  { runtime }: Pick<ReviewNeeds, 'runtime'>,
  review: Review,
  { file, procedure }: ReviewedDecision,
): Review => ({
  ...review,
  limits: limitsOf(procedure, dayAt(file.decision.issuedAtMs), parisDay(runtime.clock)),
})
