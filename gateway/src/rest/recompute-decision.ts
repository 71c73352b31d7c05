import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { decisionNamed } from './decision-schemas.js'
import { finding } from './eligibility-schemas.js'
import { findingView } from './eligibility-views.js'
import { operation } from './operation.js'

export const recomputeDecision = operation({
  id: 'recomputeDecision',
  method: 'POST',
  path: '/v1/decisions/{id}/recomputations',
  summary:
    'Applies the release that a decision names to the values that its file keeps; nobody is asked, nothing is kept',
  kinds: ['agency'],
  params: decisionNamed,
  responses: {
    200: {
      description: 'What comes out, and whether it is what the decision rested on.',
      schema: z.strictObject({ isSame: z.boolean(), finding }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'DECISION_UNKNOWN', 'DECISION_WITHOUT_ALGORITHM'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const { isSame, finding: found } = await neighbours.decisions.recomputeDecision(
      { decisionId: params.id },
      { deadline, accessToken },
    )
    const view = found && findingView(found)
    if (!view) throw new MeshError('INTERNAL', { cause: 'a recomputation without a finding' })
    return { body: { isSame, finding: view } }
  },
})
