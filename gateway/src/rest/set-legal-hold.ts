import { z } from 'zod'
import { decisionAnswered, decisionNamed } from './decision-schemas.js'
import { decisionIn } from './decision-views.js'
import { operation } from './operation.js'

export const setLegalHold = operation({
  id: 'setLegalHold',
  method: 'POST',
  path: '/v1/decisions/{id}/legal-hold',
  summary: 'Keeps a decision file past its retention while a dispute needs it, or ends that',
  kinds: ['agency'],
  hasEffect: true,
  params: decisionNamed,
  body: z.strictObject({
    reason: z.string().min(10).max(500).nullable().meta({ description: 'Why; null: no longer.' }),
  }),
  responses: { 200: { description: 'Held, or held no longer.', schema: decisionAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'DECISION_UNKNOWN'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.decisions.setLegalHold(
      { decisionId: params.id, reason: body.reason ?? '' },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { decision: decisionIn(answer) } }
  },
})
