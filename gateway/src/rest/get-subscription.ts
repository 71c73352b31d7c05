import { z } from 'zod'
import { operation } from './operation.js'
import { subscription, subscriptionView } from './subscription-schemas.js'

export const getSubscription = operation({
  id: 'getSubscription',
  method: 'GET',
  path: '/v1/subscriptions/{id}',
  summary: 'What a subscription is about, and whether it stands',
  kinds: ['agency'],
  params: z.strictObject({ id: z.uuid() }),
  responses: { 200: { description: 'The subscription.', schema: z.strictObject({ subscription }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'SUBSCRIPTION_UNKNOWN'],
  handle: async ({ params, deadline, accessToken }, { neighbours }) => {
    const answer = await neighbours.changes.getSubscription({ subscriptionId: params.id }, { deadline, accessToken })
    return { body: { subscription: subscriptionView(answer.subscription) } }
  },
})
