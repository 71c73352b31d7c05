import { z } from 'zod'
import { agentGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { parisDay } from './eligibility-schemas.js'
import { operation } from './operation.js'
import { reviewAnswered, reviewNamed } from './review-schemas.js'
import { reviewIn } from './review-views.js'

export const inviteObservations = operation({
  id: 'inviteObservations',
  method: 'POST',
  path: '/v1/reviews/{id}/observations',
  summary:
    'Tells the person what seems wrong, and until when they may say what they have to say (CRPA L121-1, L122-1); they answer in the thread of the application',
  kinds: ['agency'],
  hasEffect: true,
  params: reviewNamed,
  body: z.strictObject({
    what: z.string().min(20).max(4000).meta({ description: 'In plain words.' }),
    untilDay: parisDay.meta({ description: 'The last day, 15 to 366 days ahead; never before one that was given.' }),
    by: agentGiven,
  }),
  responses: { 200: { description: 'Asked; nothing is decided.', schema: reviewAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'REVIEW_UNKNOWN', 'REVIEW_ENDED', 'REVIEW_NOT_REASSESSED'] as const),
    ...(['APPLICATION_UNKNOWN', 'APPLICATION_INVALID'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { what, untilDay, by } = body
    const answer = await neighbours.reviews.inviteObservations(
      { reviewId: params.id, what, untilDay, by: handOf(by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { review: reviewIn(answer) } }
  },
})
