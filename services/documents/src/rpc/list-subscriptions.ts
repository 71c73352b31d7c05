import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListSubscriptionsRequest,
  ListSubscriptionsResponse,
  SubscriptionState,
} from '@unefois/proto/gen/unefois/documents/v1/changes'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { subject } from './fields.js'
import { pageSize, pageSizeOf } from './pages.js'
import { listedStates, toSubscription } from './subscription-view.js'

export const listSubscriptions = ({
  subscriptions,
}: Pick<ChangeNeeds, 'subscriptions'>): PlainRpc<ListSubscriptionsRequest, ListSubscriptionsResponse> => ({
  request: z.object({
    state: z.number().refine((state) => listedStates.has(state as SubscriptionState), 'not a state'),
    pageSize,
    pageToken: z.union([z.uuid(), z.literal('')]),
    subject: z.union([subject, z.literal('')]),
  }),
  handle: async (request) => {
    const limit = pageSizeOf(request.pageSize)
    const of = { listed: listedStates.get(request.state) ?? 'all', subject: request.subject || undefined }
    const found = await subscriptions.list(request.pageToken || undefined, of, limit)
    const last = found.length === limit ? found.at(-1) : undefined
    return { subscriptions: found.map(toSubscription), nextPageToken: last?.subscriptionId ?? '' }
  },
})
