import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { calendarId } from './calendar-schemas.js'
import { operation } from './operation.js'
import { ticket } from './walk-in-schemas.js'
import { ticketView } from './walk-in-views.js'

export const callNextTicket = operation({
  id: 'callNextTicket',
  method: 'POST',
  path: '/v1/tickets/next',
  summary: 'Calls who is next for a practitioner, and takes their time until the meeting’s end or the next appointment',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    practitionerId: calendarId,
    by: handGiven.optional().meta({ description: 'The agent who calls.' }),
  }),
  responses: {
    200: {
      description: 'Who was called; null when nobody waits for what this practitioner does.',
      schema: z.strictObject({ ticket: ticket.nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PRACTITIONER_UNKNOWN', 'SLOT_TAKEN', 'APPOINTMENT_INVALID'],
  handle: async ({ body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { ticket: called } = await neighbours.walkIns.callNextTicket(
      { practitionerId: body.practitionerId, by: handOf(body.by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { ticket: called ? ticketView(called) : null } }
  },
})
