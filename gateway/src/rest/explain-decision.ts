import { z } from 'zod'
import { decisionExplained, decisionNamed } from './decision-schemas.js'
import { decisionExplainedView } from './decision-views.js'
import { operation } from './operation.js'

export const explainDecision = operation({
  id: 'explainDecision',
  method: 'GET',
  path: '/v1/decisions/{id}/explanation',
  summary: 'The four parts that a person may ask of a decision on which an algorithm had part (CRPA L311-3-1)',
  kinds: ['agency'],
  params: decisionNamed,
  query: z.strictObject({
    language: z.enum(['fr', 'en', 'fr-x-falc']).optional().meta({
      description: '`fr-x-falc`: easy-to-read French; left out: that of the application.',
    }),
  }),
  responses: { 200: { description: 'In sentences that can be read aloud.', schema: decisionExplained } },
  refusals: ['CALLER_NOT_ALLOWED', 'DECISION_UNKNOWN', 'DECISION_WITHOUT_ALGORITHM'],
  handle: async ({ params, query, accessToken, deadline }, { neighbours }) => {
    const explained = await neighbours.decisions.explainDecision(
      { decisionId: params.id, language: query.language ?? '' },
      { deadline, accessToken },
    )
    return { body: decisionExplainedView(explained) }
  },
})
