import { parisDay } from '@unefois/chassis/clock'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import { dayAt, procedureOf } from './application-changes.js'
import type { KeptApplication } from './domain/application.js'
import { datesOf } from './domain/application-clock.js'
import type { ReviewChange } from './domain/review.js'
import type { ReviewNeeds } from './review-needs.js'

/** Error: REVIEW_UNKNOWN. */
export const reviewNamed = async (
  { reviews }: Pick<ReviewNeeds, 'reviews'>,
  reviewId: string,
  db?: Queryable,
): Promise<Review> => {
  const review = await reviews.get(reviewId, db)
  if (!review) throw new MeshError('REVIEW_UNKNOWN')
  return review
}

/** Keeps what a locked review has become. Error: the refusal of the change. */
export const keepReview = async (
  { reviews }: Pick<ReviewNeeds, 'reviews'>,
  tx: Transaction,
  after: ReviewChange,
): Promise<Review> => {
  if ('refusal' in after) throw new MeshError(after.refusal)
  await reviews.save(tx, after)
  return after
}

/**
 * Changes a review together with the application whose decision it is about, which is locked first, as by whoever decides.
 * Errors: REVIEW_UNKNOWN, APPLICATION_UNKNOWN, and the refusal of the change.
 */
export const changeReview = async (
  needs: Pick<ReviewNeeds, 'runtime' | 'procedureBook' | 'applications' | 'reviews'>,
  tx: Transaction,
  reviewId: string,
  make: (review: Review, kept: KeptApplication) => { readonly review: ReviewChange; readonly kept: KeptApplication },
): Promise<Review> => {
  const { runtime, applications, reviews } = needs
  const { applicationId } = await reviewNamed(needs, reviewId, tx)
  const before = await applications.lock(tx, applicationId)
  if (!before) throw new MeshError('APPLICATION_UNKNOWN')
  const locked = await reviews.lock(tx, reviewId)
  if (!locked) throw new MeshError('REVIEW_UNKNOWN')
  const after = make(locked, before)
  const review = await keepReview(needs, tx, after.review)
  const procedure = await procedureOf(needs, before, tx)
  await applications.save(tx, before, after.kept, datesOf(after.kept, procedure, parisDay(runtime.clock), dayAt))
  return review
}
