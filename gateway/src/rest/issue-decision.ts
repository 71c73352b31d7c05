import { z } from 'zod'
import { applicationNamed } from './application-schemas.js'
import { decisionAnswered, decisionMade, reviewEnded } from './decision-schemas.js'
import { decisionIn, decisionMadeOf } from './decision-views.js'
import { operation } from './operation.js'

export const issueDecision = operation({
  id: 'issueDecision',
  method: 'POST',
  path: '/v1/applications/{id}/decisions',
  summary: 'Issues what an agent signed, within 24 hours and while the file is as the agent saw it',
  kinds: ['agency'],
  hasEffect: true,
  params: applicationNamed,
  body: z.strictObject({
    ...decisionMade,
    reviewId: reviewEnded,
    signatureJws: z
      .string()
      .max(65_536)
      .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)
      .meta({ description: 'Compact JWS of the agent over the statement.' }),
  }),
  responses: { 201: { description: 'Issued, and signed by the agency.', schema: decisionAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED', 'APPLICATION_CHANGED'] as const),
    ...(['APPLICATION_INVALID', 'PIECES_AWAITED', 'DATUM_MISSING'] as const),
    ...(['REVIEW_UNKNOWN', 'REVIEW_ENDED', 'REVIEW_NOT_REASSESSED'] as const),
    ...(['OBSERVATIONS_NOT_INVITED', 'OBSERVATIONS_AWAITED'] as const),
    ...(['DECISION_SIGNATURE_INVALID', 'DELEGATION_UNKNOWN', 'DELEGATION_NOT_COVERING'] as const),
  ],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { signatureJws, reviewId = '', ...said } = body
    const answer = await neighbours.decisions.issueDecision(
      { applicationId: params.id, made: decisionMadeOf(said), signatureJws, reviewId },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { decision: decisionIn(answer) } }
  },
})
