import { z } from 'zod'
import { applicationNamed } from './application-schemas.js'
import { decisionMade, reviewEnded } from './decision-schemas.js'
import { decisionMadeOf } from './decision-views.js'
import { operation } from './operation.js'

export const prepareDecision = operation({
  id: 'prepareDecision',
  method: 'POST',
  path: '/v1/applications/{id}/decision-drafts',
  summary: 'The statement that an agent would sign for this decision; nothing is kept',
  kinds: ['agency'],
  params: applicationNamed,
  body: z.strictObject({ ...decisionMade, delegationId: z.uuid(), reviewId: reviewEnded }),
  responses: {
    200: {
      description: 'What the agent signs.',
      schema: z.strictObject({
        statementJson: z.string().meta({
          description:
            'RFC 8785 form: exactly these bytes are the payload of a compact JWS (typ decision-signature+jws, EdDSA).',
        }),
      }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED', 'APPLICATION_INVALID'] as const),
    ...(['PIECES_AWAITED', 'DATUM_MISSING', 'DELEGATION_UNKNOWN', 'DELEGATION_NOT_COVERING'] as const),
    ...(['REVIEW_UNKNOWN', 'REVIEW_ENDED', 'REVIEW_NOT_REASSESSED'] as const),
    ...(['OBSERVATIONS_NOT_INVITED', 'OBSERVATIONS_AWAITED'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline }, { neighbours }) => {
    const { delegationId, reviewId = '', ...said } = body
    const { statementJson } = await neighbours.decisions.prepareDecision(
      { applicationId: params.id, made: decisionMadeOf(said), delegationId, reviewId },
      { deadline, accessToken },
    )
    return { body: { statementJson } }
  },
})
