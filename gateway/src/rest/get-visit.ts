import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'
import { visitAnswered } from './visit-schemas.js'
import { visitIn } from './visit-views.js'

export const getVisit = operation({
  id: 'getVisit',
  method: 'GET',
  path: '/v1/visits/{id}',
  summary: 'One visit to several agencies; a person’s own only',
  kinds: ['agency'],
  params: appointmentNamed,
  responses: { 200: { description: 'The visit.', schema: visitAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'VISIT_UNKNOWN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const answer = await neighbours.visits.getVisit({ visitId: params.id }, { deadline, accessToken })
    return { body: { visit: visitIn(answer) } }
  },
})
