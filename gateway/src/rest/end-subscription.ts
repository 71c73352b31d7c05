import { z } from 'zod'
import { operation } from './operation.js'
import { instant } from './schemas.js'
import { instantOf } from './views.js'

export const endSubscription = operation({
  id: 'endSubscription',
  method: 'DELETE',
  path: '/v1/subscriptions/{id}',
  summary: 'Ends a subscription; one that has ended stays as it is',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: z.uuid() }),
  responses: { 200: { description: 'Ended.', schema: z.strictObject({ endedAt: instant }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'SUBSCRIPTION_UNKNOWN'],
  handle: async ({ params, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const call = { deadline, accessToken, idempotencyKey }
    const { endedAtMs } = await neighbours.changes.endSubscription({ subscriptionId: params.id }, call)
    return { body: { endedAt: instantOf(endedAtMs) } }
  },
})
