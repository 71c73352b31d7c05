import { z } from 'zod'
import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'
import { ticketAnswered } from './walk-in-schemas.js'
import { ticketIn } from './walk-in-views.js'

export const closeTicket = operation({
  id: 'closeTicket',
  method: 'POST',
  path: '/v1/tickets/{id}/closure',
  summary: 'Says that the person was seen, or has left; the rest of the practitioner’s time is free again',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({ isSeen: z.boolean().meta({ description: 'Otherwise the person has left.' }) }),
  responses: { 200: { description: 'Closed.', schema: ticketAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'TICKET_UNKNOWN', 'TICKET_ENDED'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const request = { ticketId: params.id, isSeen: body.isSeen }
    const answer = await neighbours.walkIns.closeTicket(request, { deadline, accessToken, idempotencyKey })
    return { body: { ticket: ticketIn(answer) } }
  },
})
