import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type Subscription, SubscriptionState } from '@unefois/proto/gen/unefois/documents/v1/changes'
import type { ListedSubscriptions, StoredSubscription } from '../store/subscriptions.js'

const modes = {
  information: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  consent: ExchangeMode.EXCHANGE_MODE_CONSENT,
  'explicit-request': ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
  proactive: ExchangeMode.EXCHANGE_MODE_PROACTIVE,
} as const

/** Which of an agency's subscriptions a request names by their state. */
export const listedStates = new Map<SubscriptionState, ListedSubscriptions>([
  [SubscriptionState.SUBSCRIPTION_STATE_UNSPECIFIED, 'all'],
  [SubscriptionState.SUBSCRIPTION_STATE_ASKED, 'asked'],
  [SubscriptionState.SUBSCRIPTION_STATE_IN_FORCE, 'in-force'],
  [SubscriptionState.SUBSCRIPTION_STATE_ENDED, 'ended'],
])

const stateOf = ({ endedAtMs, untilMs }: StoredSubscription): SubscriptionState => {
  if (endedAtMs > 0) return SubscriptionState.SUBSCRIPTION_STATE_ENDED
  return untilMs > 0 ? SubscriptionState.SUBSCRIPTION_STATE_IN_FORCE : SubscriptionState.SUBSCRIPTION_STATE_ASKED
}

/** A subscription as this agency's systems read it. */
export const toSubscription = (stored: StoredSubscription): Subscription => ({
  ...stored,
  mode: modes[stored.mode],
  state: stateOf(stored),
})
