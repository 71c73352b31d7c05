import { z } from 'zod'
import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'

export const releaseHold = operation({
  id: 'releaseHold',
  method: 'DELETE',
  path: '/v1/appointments/holds/{id}',
  summary: 'Gives a held slot back',
  kinds: ['agency'],
  params: appointmentNamed,
  responses: { 200: { description: 'Given back.', schema: z.strictObject({ holdId: z.string() }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'HOLD_UNKNOWN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const request = { holdId: params.id, secret: undefined }
    await neighbours.appointments.releaseHold(request, { deadline, accessToken })
    return { body: { holdId: params.id } }
  },
})
