import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'
import { callbackAnswered } from './walk-in-schemas.js'
import { callbackIn } from './walk-in-views.js'

export const recordCall = operation({
  id: 'recordCall',
  method: 'POST',
  path: '/v1/callbacks/{id}/calls',
  summary: 'Says that the person was reached, or was not; after the third try in vain it ends',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({
    isReached: z.boolean(),
    by: handGiven.optional().meta({ description: 'The agent who called; shown to the person.' }),
  }),
  responses: { 200: { description: 'Recorded.', schema: callbackAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'CALLBACK_UNKNOWN', 'CALLBACK_ENDED', 'APPOINTMENT_INVALID'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.callbacks.recordCall(
      { callbackId: params.id, isReached: body.isReached, by: handOf(body.by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { callback: callbackIn(answer) } }
  },
})
