import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentAnswered, appointmentNamed, mandateGiven } from './appointment-schemas.js'
import { appointmentIn } from './appointment-views.js'
import { bookingRefusals } from './booking-refusals.js'
import { operation } from './operation.js'
import { slotChosen } from './slot-schemas.js'
import { slotChosenOf } from './slot-views.js'

export const moveAppointment = operation({
  id: 'moveAppointment',
  method: 'POST',
  path: '/v1/appointments/{id}/move',
  summary: 'Puts a booked appointment to another slot of the same service type, at once or not at all',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({ slot: slotChosen, by: handGiven.optional(), mandate: mandateGiven.optional() }),
  responses: { 200: { description: 'Moved.', schema: appointmentAnswered } },
  refusals: [
    ...bookingRefusals,
    ...(['ASSURANCE_TOO_LOW', 'APPOINTMENT_UNKNOWN', 'APPOINTMENT_ENDED', 'CHANGE_TOO_LATE'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.appointments.moveAppointment(
      {
        appointmentId: params.id,
        slot: slotChosenOf(body.slot),
        by: handOf(body.by),
        secret: undefined,
        mandate: body.mandate,
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { appointment: appointmentIn(answer) } }
  },
})
