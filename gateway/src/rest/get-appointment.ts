import { appointmentAnswered, appointmentNamed } from './appointment-schemas.js'
import { appointmentIn } from './appointment-views.js'
import { operation } from './operation.js'

export const getAppointment = operation({
  id: 'getAppointment',
  method: 'GET',
  path: '/v1/appointments/{id}',
  summary: 'One appointment; a person’s own only',
  kinds: ['agency'],
  params: appointmentNamed,
  responses: { 200: { description: 'The appointment.', schema: appointmentAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'APPOINTMENT_UNKNOWN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const request = { appointmentId: params.id, secret: undefined }
    const answer = await neighbours.appointments.getAppointment(request, { deadline, accessToken })
    return { body: { appointment: appointmentIn(answer) } }
  },
})
