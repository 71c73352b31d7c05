import type { Transaction } from '@unefois/chassis/postgres'
import type { ChangeNeeds } from './change-service.js'
import { addAgencyEvent } from './store/agency-events.js'
import type { StoredSubscription } from './store/subscriptions.js'
import { subscriptionRecord } from './subscription-records.js'
import { endedEvent } from './tell-changes.js'

type Needs = Pick<ChangeNeeds, 'runtime' | 'exchangeLog' | 'subscriptions'>

/** Who ended a subscription of this member, and so need not be told. */
export type EndedBy = 'own system' | 'provider' | 'this service'

/**
 * Ends a subscription of this member and puts it on record; undefined when it stood no more. Who did not end it hears of it: the
 * provider by an event, the agency's systems in their feed.
 */
export const endSubscription = async (
  { runtime, exchangeLog, subscriptions }: Needs,
  tx: Transaction,
  { subscriptionId, provider }: Pick<StoredSubscription, 'subscriptionId' | 'provider'>,
  by: EndedBy,
): Promise<StoredSubscription | undefined> => {
  const nowMs = Math.floor(runtime.clock.nowMs())
  const ended = await subscriptions.end(tx, subscriptionId, nowMs, provider)
  if (!ended) return undefined
  await exchangeLog.append(tx, subscriptionRecord(runtime, ended, 'subscription-ended'))
  if (by !== 'provider') await runtime.outbox.add(tx, [endedEvent(ended.provider, subscriptionId, nowMs)])
  if (by !== 'own system') await addAgencyEvent(tx, 'subscription-ended', subscriptionId, nowMs)
  return ended
}

const atOnce = 50

/** Ends what its time no longer covers; for a chore. */
export const endSubscriptions = async (needs: Needs): Promise<void> => {
  const nowMs = needs.runtime.clock.nowMs()
  for (const over of await needs.subscriptions.over(nowMs, atOnce))
    await needs.runtime.postgres.transaction((tx) => endSubscription(needs, tx, over, 'this service'))
  await needs.subscriptions.deleteEnded(nowMs)
}
