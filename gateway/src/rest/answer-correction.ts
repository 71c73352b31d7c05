import { z } from 'zod'
import { correctionOutcome } from './correction-schemas.js'
import { outcomeOf } from './correction-views.js'
import { operation } from './operation.js'
import { instant, opaqueId } from './schemas.js'
import { instantOf } from './views.js'

export const answerCorrection = operation({
  id: 'answerCorrection',
  method: 'POST',
  path: '/v1/corrections/{id}/answer',
  summary: 'Tells the provider of corrected evidence what this agency did about it',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: opaqueId }),
  body: z.strictObject({ outcome: correctionOutcome }),
  responses: { 200: { description: 'Answered.', schema: z.strictObject({ answeredAt: instant }) } },
  refusals: ['CORRECTION_UNKNOWN', 'CORRECTION_ANSWERED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { answeredAtMs } = await neighbours.corrections.answerCorrection(
      { correctionId: params.id, outcome: outcomeOf[body.outcome] },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { answeredAt: instantOf(answeredAtMs) } }
  },
})
