import { z } from 'zod'
import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'

export const leaveWaitingList = operation({
  id: 'leaveWaitingList',
  method: 'DELETE',
  path: '/v1/waiting/{id}',
  summary: 'Ends the waiting, and an offer under way',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  responses: { 200: { description: 'Ended.', schema: z.strictObject({ waitingId: z.string() }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'WAITING_UNKNOWN', 'WAITING_ENDED'],
  handle: async ({ params, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    await neighbours.waitingList.leaveWaitingList({ waitingId: params.id }, { deadline, accessToken, idempotencyKey })
    return { body: { waitingId: params.id } }
  },
})
