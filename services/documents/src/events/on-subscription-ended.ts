import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { SubscriptionEnded } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { endSubscription } from '../subscription-ends.js'
import { subscriberRecord } from '../subscription-records.js'

const said = z.object({ subscriptionId: z.uuid() })

/** Either end says that a subscription is over; heard only from the other end of that very one. */
export const onSubscriptionEnded = (
  needs: Pick<ChangeNeeds, 'runtime' | 'subscriptions' | 'exchangeLog' | 'changes'>,
): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'documents',
  apply: async (received, tx) => {
    const { runtime, changes, exchangeLog } = needs
    const [member = ''] = received.sender.split('/')
    const subscriptionId = said.safeParse(readEvent(SubscriptionEnded, received)).data?.subscriptionId
    if (subscriptionId === undefined) return runtime.log.warn({ member }, 'the end of a subscription makes no sense')
    if (await endSubscription(needs, tx, { subscriptionId, provider: member }, 'provider')) return
    const key = { requester: member, subscriptionId }
    const ended = await changes.subscribers.end(tx, key, Math.floor(runtime.clock.nowMs()))
    if (ended) await exchangeLog.append(tx, subscriberRecord(runtime, ended, 'subscription-ended'))
  },
})
