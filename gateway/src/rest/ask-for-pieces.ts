import { z } from 'zod'
import { agentGiven, applicationAnswered, applicationNamed } from './application-schemas.js'
import { applicationIn, handOf } from './application-views.js'
import { parisDay } from './eligibility-schemas.js'
import { operation } from './operation.js'

export const askForPieces = operation({
  id: 'askForPieces',
  method: 'POST',
  path: '/v1/applications/{id}/corrections',
  summary: 'Tells the person what is missing or wrong, and until when it is awaited (CRPA L114-5)',
  kinds: ['agency'],
  hasEffect: true,
  params: applicationNamed,
  body: z.strictObject({
    isIncomplete: z
      .boolean()
      .meta({ description: 'Something is missing; otherwise something is wrong in a complete file.' }),
    fields: z.array(z.string().min(1).max(64)).min(1).max(100).meta({ description: 'Fields of the procedure.' }),
    what: z.string().min(10).max(2000).meta({ description: 'In plain words.' }),
    untilDay: parisDay
      .optional()
      .meta({ description: 'The last day, 1 to 366 days ahead; left out: as long as the procedure says.' }),
    by: agentGiven,
  }),
  responses: { 200: { description: 'Asked; the person sees it with their application.', schema: applicationAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED', 'APPLICATION_INVALID'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { isIncomplete, fields, what, untilDay = '', by } = body
    const answer = await neighbours.applications.askForPieces(
      { applicationId: params.id, isIncomplete, fields, what, untilDay, by: handOf(by) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { application: applicationIn(answer) } }
  },
})
