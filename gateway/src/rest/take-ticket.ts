import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { calendarId } from './calendar-schemas.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { ticketAnswered } from './walk-in-schemas.js'
import { ticketIn } from './walk-in-views.js'

export const takeTicket = operation({
  id: 'takeTicket',
  method: 'POST',
  path: '/v1/tickets',
  summary: 'A number at a place that is open now; urgent motives are seen the same day, before others',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    placeId: calendarId,
    serviceTypeId: calendarId,
    subject: subjectId.optional().meta({ description: 'Left out: whoever it is.' }),
    by: handGiven.optional(),
  }),
  responses: { 201: { description: 'The ticket.', schema: ticketAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'PLACE_UNKNOWN', 'SERVICE_TYPE_UNKNOWN', 'PLACE_CLOSED'] as const),
    'APPOINTMENT_INVALID',
  ],
  handle: async ({ body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.walkIns.takeTicket(
      {
        placeId: body.placeId,
        serviceTypeId: body.serviceTypeId,
        subject: body.subject ?? '',
        by: handOf(body.by),
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { ticket: ticketIn(answer) } }
  },
})
