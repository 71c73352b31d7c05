import { decisionAnswered, decisionNamed } from './decision-schemas.js'
import { decisionIn } from './decision-views.js'
import { operation } from './operation.js'

export const getDecision = operation({
  id: 'getDecision',
  method: 'GET',
  path: '/v1/decisions/{id}',
  summary: 'A decision as it was issued; a person’s own only',
  kinds: ['agency'],
  params: decisionNamed,
  responses: { 200: { description: 'The decision.', schema: decisionAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'DECISION_UNKNOWN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const answer = await neighbours.decisions.getDecision({ decisionId: params.id }, { deadline, accessToken })
    return { body: { decision: decisionIn(answer) } }
  },
})
