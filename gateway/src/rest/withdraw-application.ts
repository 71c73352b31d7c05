import { z } from 'zod'
import { applicationAnswered, applicationNamed, handGiven } from './application-schemas.js'
import { applicationIn, handOf } from './application-views.js'
import { operation } from './operation.js'

export const withdrawApplication = operation({
  id: 'withdrawApplication',
  method: 'POST',
  path: '/v1/applications/{id}/withdrawal',
  summary: 'Ends an application that nobody decided yet, as the person wishes',
  kinds: ['agency'],
  hasEffect: true,
  params: applicationNamed,
  body: z.strictObject({ by: handGiven.optional() }),
  responses: { 200: { description: 'Withdrawn.', schema: applicationAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED', 'APPLICATION_INVALID'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.applications.withdrawApplication(
      { applicationId: params.id, by: handOf(body.by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { application: applicationIn(answer) } }
  },
})
