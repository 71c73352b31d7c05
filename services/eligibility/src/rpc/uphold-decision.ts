import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { UpholdDecisionRequest, UpholdDecisionResponse } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { z } from 'zod'
import { handBehind } from '../application-changes.js'
import { toldUpheld } from '../domain/application.js'
import { upheld } from '../domain/review.js'
import { upheldWords } from '../domain/review-words.js'
import { changeReview } from '../review-changes.js'
import type { ReviewNeeds } from '../review-needs.js'
import { reviewedDecision } from '../reviewed-decision.js'
import { by, words } from './application-fields.js'
import { reviewView } from './review-view.js'

/**
 * Errors: REVIEW_UNKNOWN, REVIEW_ENDED, REVIEW_NOT_REASSESSED, APPLICATION_UNKNOWN, APPLICATION_INVALID for a hand that is not
 * named.
 */
export const upholdDecision = (needs: ReviewNeeds): EffectRpc<UpholdDecisionRequest, UpholdDecisionResponse> => ({
  request: z.object({ reviewId: z.uuid(), words: words(10, 2000), by }),
  effect: async (request, call, tx) => {
    const from = handBehind(call, request.by, ['agent'])
    const atMs = Math.floor(needs.runtime.clock.nowMs())
    const review = await changeReview(needs, tx, request.reviewId, (before, kept) => {
      const message = { messageId: randomUUID(), atMs, from, text: upheldWords(kept.application, request.words) }
      return { review: upheld(before, request.words, atMs), kept: toldUpheld(kept, message) }
    })
    return { review: reviewView(needs, review, await reviewedDecision(needs, review, tx)) }
  },
})
