import { SubscriptionState } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { z } from 'zod'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { subscription, subscriptionStateNames, subscriptionStates, subscriptionView } from './subscription-schemas.js'

export const listSubscriptions = operation({
  id: 'listSubscriptions',
  method: 'GET',
  path: '/v1/subscriptions',
  summary: 'The subscriptions of this agency, in the order of their ids',
  kinds: ['agency'],
  query: listQuery({ state: z.enum(subscriptionStateNames).optional(), subject: subjectId.optional() }),
  responses: {
    200: {
      description: 'The subscriptions.',
      schema: z.strictObject({ subscriptions: z.array(subscription), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async ({ query, deadline, accessToken }, { neighbours }) => {
    const state = query.state ? subscriptionStates[query.state] : SubscriptionState.SUBSCRIPTION_STATE_UNSPECIFIED
    const { subscriptions, nextPageToken } = await neighbours.changes.listSubscriptions(
      { ...pageOf(query), state, subject: query.subject ?? '' },
      { deadline, accessToken },
    )
    return { body: { subscriptions: subscriptions.map(subscriptionView), nextPageToken: nextPageToken || null } }
  },
})
