import { z } from 'zod'
import { agentGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { operation } from './operation.js'
import { reviewAnswered, reviewNamed } from './review-schemas.js'
import { reviewIn } from './review-views.js'

export const upholdDecision = operation({
  id: 'upholdDecision',
  method: 'POST',
  path: '/v1/reviews/{id}/upheld',
  summary: 'Ends a review with the decision as it is, and tells the person why',
  kinds: ['agency'],
  hasEffect: true,
  params: reviewNamed,
  body: z.strictObject({
    words: z.string().min(10).max(2000).meta({ description: 'Why, in plain words.' }),
    by: agentGiven,
  }),
  responses: { 200: { description: 'Ended; the decision stays as it is.', schema: reviewAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'REVIEW_UNKNOWN', 'REVIEW_ENDED', 'REVIEW_NOT_REASSESSED'] as const),
    ...(['APPLICATION_UNKNOWN', 'APPLICATION_INVALID'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.reviews.upholdDecision(
      { reviewId: params.id, words: body.words, by: handOf(body.by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { review: reviewIn(answer) } }
  },
})
