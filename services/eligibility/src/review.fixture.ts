import type { Direction, Reassessment, Review, ReviewCause } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { opened } from './domain/review.js'

export const cause = (reference: string, kind = 'corrected'): ReviewCause => ({
  kind,
  provider: 'fund',
  evidenceType: 'income',
  reference,
  atMs: 2,
})

/** A review that nobody looked at yet, and what a test puts in it. */
export const reviewOf = (change: Partial<Review> = {}): Review => ({
  ...opened(
    {
      reviewId: 'r1',
      decisionId: 'd1',
      applicationId: 'a1',
      subject: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA',
      procedure: 'grant',
      openedAtMs: 1,
    },
    cause('c1'),
  ),
  ...change,
})

/** What was found anew, without what it rests on. */
export const reassessmentOf = (direction: Direction, change: Partial<Reassessment> = {}): Reassessment => ({
  atMs: 3,
  direction,
  finding: undefined,
  used: [],
  notObtained: [],
  ...change,
})
