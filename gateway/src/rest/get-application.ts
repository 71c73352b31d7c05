import { applicationAnswered, applicationNamed } from './application-schemas.js'
import { applicationIn } from './application-views.js'
import { operation } from './operation.js'

export const getApplication = operation({
  id: 'getApplication',
  method: 'GET',
  path: '/v1/applications/{id}',
  summary: 'One application and everything that became of it; a person’s own only',
  kinds: ['agency'],
  params: applicationNamed,
  responses: { 200: { description: 'The application.', schema: applicationAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const answer = await neighbours.applications.getApplication({ applicationId: params.id }, { deadline, accessToken })
    return { body: { application: applicationIn(answer) } }
  },
})
