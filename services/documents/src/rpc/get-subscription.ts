import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetSubscriptionRequest, GetSubscriptionResponse } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { toSubscription } from './subscription-view.js'

/** Error: SUBSCRIPTION_UNKNOWN. */
export const getSubscription = ({
  subscriptions,
}: Pick<ChangeNeeds, 'subscriptions'>): PlainRpc<GetSubscriptionRequest, GetSubscriptionResponse> => ({
  request: z.object({ subscriptionId: z.uuid() }),
  handle: async ({ subscriptionId }) => {
    const found = await subscriptions.read(subscriptionId)
    if (!found) throw new MeshError('SUBSCRIPTION_UNKNOWN')
    return { subscription: toSubscription(found) }
  },
})
