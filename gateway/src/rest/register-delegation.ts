import { delegationAnswered, delegationGiven } from './decision-schemas.js'
import { delegationIn, delegationOf } from './decision-views.js'
import { operation } from './operation.js'

export const registerDelegation = operation({
  id: 'registerDelegation',
  method: 'POST',
  path: '/v1/delegations',
  summary: 'Says that an agent may sign decisions of some procedures, under a text, with a key of their own',
  kinds: ['agency'],
  hasEffect: true,
  body: delegationGiven,
  responses: { 201: { description: 'Registered.', schema: delegationAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'DELEGATION_INVALID'],
  handle: async ({ body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.decisions.registerDelegation(
      { delegation: delegationOf(body) },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { delegation: delegationIn(answer) } }
  },
})
