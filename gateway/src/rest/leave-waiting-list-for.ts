import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentNamed, mandateGiven } from './appointment-schemas.js'
import { operation } from './operation.js'

/** Beside `leaveWaitingList`, because what a DELETE carries may be lost on its way, and a mandate does not belong into an address. */
export const leaveWaitingListFor = operation({
  id: 'leaveWaitingListFor',
  method: 'POST',
  path: '/v1/waiting/{id}/departure',
  summary: 'Ends the waiting, and an offer under way, saying by whom',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({ by: handGiven.optional(), mandate: mandateGiven.optional() }),
  responses: { 200: { description: 'Ended.', schema: z.strictObject({ waitingId: z.string() }) } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'WAITING_UNKNOWN', 'WAITING_ENDED'] as const),
    ...(['MANDATE_MISSING', 'MANDATE_ENDED', 'APPOINTMENT_INVALID'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    await neighbours.waitingList.leaveWaitingList(
      { waitingId: params.id, by: handOf(body.by), mandate: body.mandate },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { waitingId: params.id } }
  },
})
