import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentNamed, appointmentsAnswered, mandateGiven } from './appointment-schemas.js'
import { appointmentView } from './appointment-views.js'
import { operation } from './operation.js'

export const cancelAppointment = operation({
  id: 'cancelAppointment',
  method: 'POST',
  path: '/v1/appointments/{id}/cancellation',
  summary: 'Ends a booked appointment, saying by whom; its slot is free at once, or goes to who waits for it',
  kinds: ['agency'],
  hasEffect: true,
  params: appointmentNamed,
  body: z.strictObject({
    because: z.string().max(500).default('').meta({ description: 'An agent or the agency says why.' }),
    wholeSeries: z.boolean().default(false).meta({ description: 'The series, as far as it has not begun.' }),
    by: handGiven.optional(),
    mandate: mandateGiven.optional(),
  }),
  responses: { 200: { description: 'Cancelled.', schema: appointmentsAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'APPOINTMENT_UNKNOWN', 'APPOINTMENT_ENDED'] as const),
    ...(['APPOINTMENT_INVALID', 'CHANGE_TOO_LATE', 'MANDATE_MISSING', 'MANDATE_ENDED'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { appointments } = await neighbours.appointments.cancelAppointment(
      {
        appointmentId: params.id,
        because: body.because,
        wholeSeries: body.wholeSeries,
        by: handOf(body.by),
        secret: undefined,
        mandate: body.mandate,
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { appointments: appointments.map(appointmentView) } }
  },
})
