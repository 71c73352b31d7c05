import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type Subscription, SubscriptionState } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { instant } from './schemas.js'
import { instantOf } from './views.js'

/** The states of a subscription, as this door names them. */
export const subscriptionStates = {
  asked: SubscriptionState.SUBSCRIPTION_STATE_ASKED,
  'in-force': SubscriptionState.SUBSCRIPTION_STATE_IN_FORCE,
  ended: SubscriptionState.SUBSCRIPTION_STATE_ENDED,
} as const
type StateName = keyof typeof subscriptionStates
export const subscriptionStateNames = Object.keys(subscriptionStates) as [StateName, ...StateName[]]

const modes: Readonly<Record<number, string>> = {
  [ExchangeMode.EXCHANGE_MODE_INFORMATION]: 'information',
  [ExchangeMode.EXCHANGE_MODE_CONSENT]: 'consent',
  [ExchangeMode.EXCHANGE_MODE_PROACTIVE]: 'proactive',
}

export const subscription = z.strictObject({
  id: z.string(),
  subject: z.string(),
  provider: z.string(),
  evidenceType: z.string(),
  purpose: z.string(),
  procedure: z.string(),
  basisId: z.string(),
  mode: z.string(),
  state: z.enum([...subscriptionStateNames, 'unknown']),
  askedAt: instant,
  until: instant.nullable().meta({ description: 'It ends then at the latest.' }),
  changedAt: instant.nullable().meta({ description: 'When the provider last said that something changed.' }),
  endedAt: instant.nullable(),
})

const whenOf = (ms: number): string | null => (ms === 0 ? null : instantOf(ms))

export const subscriptionView = (one: Subscription | undefined): z.infer<typeof subscription> => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'a subscription was answered empty' })
  const { subject, provider, evidenceType, purpose, procedure, basisId } = one
  return {
    id: one.subscriptionId,
    ...{ subject, provider, evidenceType, purpose, procedure, basisId },
    mode: modes[one.mode] ?? 'unknown',
    state: subscriptionStateNames.find((name) => subscriptionStates[name] === one.state) ?? 'unknown',
    askedAt: instantOf(one.askedAtMs),
    until: whenOf(one.untilMs),
    changedAt: whenOf(one.changedAtMs),
    endedAt: whenOf(one.endedAtMs),
  }
}
