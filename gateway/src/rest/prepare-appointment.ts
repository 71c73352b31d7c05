import { z } from 'zod'
import { appointmentAnswered, appointmentNamed, basesGiven } from './appointment-schemas.js'
import { appointmentIn } from './appointment-views.js'
import { operation } from './operation.js'

export const prepareAppointment = operation({
  id: 'prepareAppointment',
  method: 'POST',
  path: '/v1/appointments/{id}/preparation',
  summary:
    'Asks those for whom a basis is given for what the meeting needs; what was not had is what the person brings',
  kinds: ['agency'],
  params: appointmentNamed,
  body: z.strictObject({ bases: basesGiven }),
  responses: { 200: { description: 'As far as it could be had.', schema: appointmentAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'APPOINTMENT_UNKNOWN', 'APPOINTMENT_ENDED'] as const),
    ...(['APPOINTMENT_INVALID', 'SERVICE_TYPE_UNKNOWN'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline }, { neighbours }) => {
    const request = { appointmentId: params.id, bases: body.bases }
    const answer = await neighbours.appointments.prepareAppointment(request, { deadline, accessToken })
    return { body: { appointment: appointmentIn(answer) } }
  },
})
