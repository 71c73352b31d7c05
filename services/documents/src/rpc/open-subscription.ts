import { nowSeconds } from '@unefois/chassis/clock'
import type { Call, EarlyRefusal, PlainRpc } from '@unefois/chassis/rpc'
import type { OpenSubscriptionRequest, OpenSubscriptionResponse } from '@unefois/proto/gen/unefois/documents/v1/changes'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { consentRefusal } from '../domain/basis.js'
import { type Subscriber, subscriptionEndMs, subscriptionRefusal } from '../domain/subscription.js'
import { readConsents } from '../store/consents.js'
import { subscriberRecord } from '../subscription-records.js'
import { endSubscriber } from '../tell-changes.js'
import { type Admitted, admitRelease } from './admit-release.js'
import { basis, evidenceType, procedure, purpose, token } from './fields.js'
import { recordRefusal } from './release-entries.js'

/** The release that a subscription would lead to: it is let in where that would be. */
const asRelease = ({ subscriptionId: exchangeId, ...request }: OpenSubscriptionRequest): ReleaseEvidenceRequest => ({
  ...request,
  exchangeId,
  fields: [],
  predicates: [],
})

const requesterOf = ({ caller }: Call): string => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.member
}

/** The gates of a release; before the statement and the person are looked at, whether the provider signed for this at all. */
const admit = async (needs: ChangeNeeds, request: OpenSubscriptionRequest, requester: string): Promise<Admitted> => {
  const { federation, member, clock } = needs.runtime
  const { evidenceType: type, purpose: purposeId } = request
  const of = { requester, provider: member, evidenceType: type, purpose: purposeId }
  const refusal = subscriptionRefusal(federation.current.authorisation(of, nowSeconds(clock)))
  if (refusal) throw new MeshError(refusal)
  return admitRelease(needs, asRelease(request), requester)
}

const subscriberOf = async (
  { runtime }: ChangeNeeds,
  { subscriptionId, procedure: procedureId, basisId }: OpenSubscriptionRequest,
  { requester, authorisation, ticket }: Admitted,
): Promise<Subscriber> => {
  const openedAtMs = Math.floor(runtime.clock.nowMs())
  const { mode } = authorisation
  const consents = mode === 'consent' ? await readConsents(runtime.postgres, [basisId], 'no lock') : undefined
  const untilMs = subscriptionEndMs(authorisation, consents?.get(basisId)?.validUntilSeconds, openedAtMs)
  const { evidenceType: type, purpose: purposeId } = authorisation
  const about = { evidenceType: type, purpose: purposeId, procedure: procedureId, basisId, mode }
  return { requester, subscriptionId, subject: ticket.sub, ...about, openedAtMs, untilMs }
}

/** Keeps the subscriber in place of an older one about the same; consent is judged under its lock and the lease. */
const commit = async (
  needs: ChangeNeeds,
  subscriber: Subscriber,
  { authorisation, ticket }: Admitted,
): Promise<number> => {
  const { runtime, changes, exchangeLog } = needs
  const { basisId, mode } = subscriber
  let untilMs: number | undefined
  const refusal = await exchangeLog.commitWith(
    {
      record: subscriberRecord(runtime, subscriber, 'subscribed'),
      ...(mode === 'consent' && {
        consent: {
          basisId,
          refusal: (state, now) => consentRefusal({ authorisation, ticket, basisId }, state, now),
        },
      }),
    },
    async (tx) => {
      untilMs = await changes.subscribers.open(tx, subscriber)
      if (untilMs === undefined) throw new MeshError('SUBSCRIPTION_UNKNOWN')
      for (const replaced of await changes.subscribers.replacedBy(tx, subscriber))
        await endSubscriber(needs, tx, replaced)
    },
  )
  if (refusal) throw new MeshError(refusal)
  return untilMs ?? subscriber.untilMs
}

/** Errors: CHANGES_NOT_AUTHORISED, those of a release's gates, SUBSCRIPTION_UNKNOWN for an id that is another's or has ended. */
export const openSubscription = (needs: ChangeNeeds): PlainRpc<OpenSubscriptionRequest, OpenSubscriptionResponse> => ({
  request: z.object({
    evidenceType,
    purpose,
    procedure,
    basisId: basis,
    statement: z.string().max(8192),
    ticket: token,
    subscriptionId: z.uuid(),
  }),
  handle: async (request, call) => {
    const requester = requesterOf(call)
    try {
      const admitted = await admit(needs, request, requester)
      return { untilMs: await commit(needs, await subscriberOf(needs, request, admitted), admitted) }
    } catch (thrown) {
      await recordRefusal(needs, asRelease(request), requester, toMeshError(thrown).reason)
      throw thrown
    } finally {
      needs.runtime.outbox.wake()
    }
  },
  onEarlyRefusal: ({ request, member, error }: EarlyRefusal<OpenSubscriptionRequest>) =>
    recordRefusal(needs, asRelease(request), member, error.reason),
})
