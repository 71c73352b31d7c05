import { z } from 'zod'
import { delegationAnswered } from './decision-schemas.js'
import { delegationIn } from './decision-views.js'
import { operation } from './operation.js'

export const endDelegation = operation({
  id: 'endDelegation',
  method: 'POST',
  path: '/v1/delegations/{id}/end',
  summary: 'Ends a delegation now; what was signed before stands',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: z.uuid() }),
  responses: { 200: { description: 'Ended.', schema: delegationAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'DELEGATION_UNKNOWN'],
  handle: async ({ params, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.decisions.endDelegation(
      { delegationId: params.id },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { delegation: delegationIn(answer) } }
  },
})
