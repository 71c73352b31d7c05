import type { EffectRpc } from '@unefois/chassis/rpc'
import type { EndSubscriptionRequest, EndSubscriptionResponse } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { endSubscription as end } from '../subscription-ends.js'

/** Error: SUBSCRIPTION_UNKNOWN. One that has ended already stays as it is. */
export const endSubscription = (
  needs: Pick<ChangeNeeds, 'runtime' | 'exchangeLog' | 'subscriptions'>,
): EffectRpc<EndSubscriptionRequest, EndSubscriptionResponse> => ({
  request: z.object({ subscriptionId: z.uuid() }),
  effect: async ({ subscriptionId }, _call, tx) => {
    const found = await needs.subscriptions.read(subscriptionId, tx)
    if (!found) throw new MeshError('SUBSCRIPTION_UNKNOWN')
    const ended = await end(needs, tx, found, 'own system')
    return { endedAtMs: ended?.endedAtMs ?? found.endedAtMs }
  },
})
