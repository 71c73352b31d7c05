import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointment, appointmentNamed, mandateGiven } from './appointment-schemas.js'
import { appointmentView } from './appointment-views.js'
import { operation } from './operation.js'
import { waiting } from './waiting-schemas.js'
import { waitingIn } from './waiting-views.js'

export const answerOffer = operation({
  id: 'answerOffer',
  method: 'POST',
  path: '/v1/waiting/{id}/answer',
  summary: 'Takes an offered slot, which books it, or leaves it to who waits next; one goes on waiting then',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({ isTaken: z.boolean(), by: handGiven.optional(), mandate: mandateGiven.optional() }),
  responses: {
    200: {
      description: 'Answered; with the appointment where it was taken.',
      schema: z.strictObject({ waiting, appointment: appointment.nullable() }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'WAITING_UNKNOWN', 'WAITING_ENDED', 'OFFER_EXPIRED'] as const),
    ...(['APPOINTMENT_LIMIT_REACHED', 'BOOKING_NOT_ALLOWED', 'MANDATE_MISSING', 'MANDATE_ENDED'] as const),
    'APPOINTMENT_INVALID',
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.waitingList.answerOffer(
      { waitingId: params.id, isTaken: body.isTaken, by: handOf(body.by), mandate: body.mandate },
      { deadline, accessToken, idempotencyKey },
    )
    const booked = answer.appointment ? appointmentView(answer.appointment) : null
    return { body: { waiting: waitingIn(answer), appointment: booked } }
  },
})
