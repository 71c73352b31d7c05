import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentAnswered, appointmentNamed } from './appointment-schemas.js'
import { appointmentIn, appointmentStateOf } from './appointment-views.js'
import { operation } from './operation.js'

export const recordAttendance = operation({
  id: 'recordAttendance',
  method: 'POST',
  path: '/v1/appointments/{id}/attendance',
  summary: 'Says that the person came, was seen, or did not come; nothing follows from not having come',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({ state: z.enum(['arrived', 'fulfilled', 'no-show']), by: handGiven.optional() }),
  responses: { 200: { description: 'Recorded.', schema: appointmentAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'APPOINTMENT_UNKNOWN', 'APPOINTMENT_ENDED', 'APPOINTMENT_INVALID'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.appointments.recordAttendance(
      { appointmentId: params.id, state: appointmentStateOf[body.state], by: handOf(body.by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { appointment: appointmentIn(answer) } }
  },
})
