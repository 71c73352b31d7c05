import { randomUUID } from 'node:crypto'
import type { Runtime } from '@unefois/chassis/runtime'
import type { Reason } from '@unefois/proto/reasons'
import { type ExchangeRecord, nothingReleased, type RecordOutcome } from './domain/exchange-record.js'
import type { Subscriber } from './domain/subscription.js'
import { relayOf } from './rpc/relay.js'
import type { Subscription } from './store/subscriptions.js'

type Needs = Pick<Runtime, 'member' | 'clock'> & { readonly federation: Pick<Runtime['federation'], 'current'> }

interface Said {
  readonly kind: ExchangeRecord['kind']
  readonly outcome: RecordOutcome
  readonly reason?: Reason
}

const recordOf = (
  { member, clock, federation }: Needs,
  of: Omit<Subscription, 'provider' | 'askedAtMs'>,
  counterparty: string,
  { kind, outcome, reason }: Said,
): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: of.subscriptionId,
  member,
  counterparty,
  subject: of.subject,
  evidence_type: of.evidenceType,
  relay: relayOf(federation.current, of.evidenceType),
  purpose: of.purpose,
  procedure: of.procedure,
  mode: of.mode,
  basis: of.basisId,
  kind,
  outcome,
  reason: reason ?? 'none',
  at_ms: Math.floor(clock.nowMs()),
  ...nothingReleased,
})

/** A provider's record of what became of a subscription, or of what it told by it; the exchange id is the subscription's. */
export const subscriberRecord = (needs: Needs, subscriber: Subscriber, outcome: RecordOutcome): ExchangeRecord =>
  recordOf(needs, subscriber, subscriber.requester, { kind: 'subscription', outcome })

/** The same at the requester. */
export const subscriptionRecord = (needs: Needs, subscription: Subscription, outcome: RecordOutcome): ExchangeRecord =>
  recordOf(needs, subscription, subscription.provider, { kind: 'subscribing', outcome })

/** What the provider answered to the wish to subscribe. */
export const subscriptionReceipt = (
  needs: Needs,
  subscription: Subscription,
  answered: { readonly outcome: 'subscribed' } | { readonly outcome: 'refused'; readonly reason: Reason },
): ExchangeRecord => recordOf(needs, subscription, subscription.provider, { kind: 'receipt', ...answered })
