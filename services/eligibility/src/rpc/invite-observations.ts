import { randomUUID } from 'node:crypto'
import { parisDay } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  InviteObservationsRequest,
  InviteObservationsResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { z } from 'zod'
import { handBehind, invalid } from '../application-changes.js'
import { askedForObservations } from '../domain/application.js'
import { invited } from '../domain/review.js'
import { invitationWords, untilDayFault } from '../domain/review-words.js'
import { changeReview } from '../review-changes.js'
import type { ReviewNeeds } from '../review-needs.js'
import { reviewedDecision } from '../reviewed-decision.js'
import { by, words } from './application-fields.js'
import { day } from './fields.js'
import { reviewView } from './review-view.js'

/**
 * Errors: REVIEW_UNKNOWN, REVIEW_ENDED, REVIEW_NOT_REASSESSED, APPLICATION_UNKNOWN, APPLICATION_INVALID for a hand that is not
 * named and for a day that gives the person too little time.
 */
export const inviteObservations = (
  needs: ReviewNeeds,
): EffectRpc<InviteObservationsRequest, InviteObservationsResponse> => ({
  request: z.object({ reviewId: z.uuid(), what: words(20, 4000), untilDay: day, by }),
  effect: async (request, call, tx) => {
    const { clock } = needs.runtime
    const from = handBehind(call, request.by, ['agent'])
    const review = await changeReview(needs, tx, request.reviewId, (before, kept) => {
      const fault = untilDayFault(request.untilDay, parisDay(clock), before.observationsUntilDay)
      if (fault !== undefined) throw invalid({ field: 'untilDay', what: fault })
      const text = invitationWords(kept.application, request.what, request.untilDay)
      const message = { messageId: randomUUID(), atMs: Math.floor(clock.nowMs()), from, text }
      return {
        review: invited(before, request.untilDay),
        kept: askedForObservations(kept, message, before.reviewId),
      }
    })
    return { review: reviewView(needs, review, await reviewedDecision(needs, review, tx)) }
  },
})
