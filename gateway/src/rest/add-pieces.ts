import { z } from 'zod'
import { applicationAnswered, applicationNamed, entriesGiven, factsGiven, handGiven } from './application-schemas.js'
import { applicationIn, entriesOf, factsOf, handOf } from './application-views.js'
import { operation } from './operation.js'

export const addPieces = operation({
  id: 'addPieces',
  method: 'POST',
  path: '/v1/applications/{id}/pieces',
  summary: 'Adds or replaces what the person gives; once all that was asked for is there, the file is complete again',
  kinds: ['agency'],
  hasEffect: true,
  params: applicationNamed,
  body: z
    .strictObject({
      entries: entriesGiven.default({}),
      facts: factsGiven.default({}),
      by: handGiven.optional(),
    })
    .refine(({ entries, facts }) => Object.keys(entries).length + Object.keys(facts).length > 0, {
      path: ['entries'],
      message: 'nothing is added',
    }),
  responses: { 200: { description: 'Added.', schema: applicationAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED'] as const),
    ...(['APPLICATION_INVALID', 'FACT_INVALID'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.applications.addPieces(
      {
        applicationId: params.id,
        entries: entriesOf(body.entries),
        facts: factsOf(body.facts),
        by: handOf(body.by),
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { application: applicationIn(answer) } }
  },
})
