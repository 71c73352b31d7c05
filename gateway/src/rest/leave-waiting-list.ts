import { z } from 'zod'
import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'

export const leaveWaitingList = operation({
  id: 'leaveWaitingList',
  method: 'DELETE',
  path: '/v1/waiting/{id}',
  summary:
    'Ends the own waiting, and an offer under way; whoever does it for somebody says by whose hand, with a departure',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  responses: { 200: { description: 'Ended.', schema: z.strictObject({ waitingId: z.string() }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'WAITING_UNKNOWN', 'WAITING_ENDED', 'APPOINTMENT_INVALID'],
  handle: async ({ params, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    await neighbours.waitingList.leaveWaitingList(
      { waitingId: params.id, by: undefined, mandate: undefined },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { waitingId: params.id } }
  },
})
