import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentNamed, mandateGiven } from './appointment-schemas.js'
import { operation } from './operation.js'
import { visitAnswered } from './visit-schemas.js'
import { visitIn } from './visit-views.js'

export const cancelVisit = operation({
  id: 'cancelVisit',
  method: 'POST',
  path: '/v1/visits/{id}/cancellation',
  summary: 'Cancels all meetings of a visit that have not begun',
  kinds: ['agency'],
  params: appointmentNamed,
  body: z.strictObject({
    because: z.string().max(500).default(''),
    by: handGiven.optional(),
    mandate: mandateGiven.optional(),
  }),
  responses: { 200: { description: 'Cancelled.', schema: visitAnswered } },
  refusals: [
    'CALLER_NOT_ALLOWED',
    'ASSURANCE_TOO_LOW',
    'VISIT_UNKNOWN',
    'VISIT_ENDED',
    'CHANGE_TOO_LATE',
    'MANDATE_MISSING',
    'MANDATE_ENDED',
    'APPOINTMENT_INVALID',
  ],
  handle: async ({ params, body, accessToken, deadline }, { neighbours }) => {
    const answer = await neighbours.visits.cancelVisit(
      { visitId: params.id, because: body.because, by: handOf(body.by), mandate: body.mandate },
      { deadline, accessToken },
    )
    return { body: { visit: visitIn(answer) } }
  },
})
