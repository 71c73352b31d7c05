import { randomUUID } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { Authorisation } from '@unefois/proto/federation-list'
import type {
  OpenSubscriptionRequest,
  SubscribeToChangesRequest,
  SubscribeToChangesResponse,
} from '@unefois/proto/gen/unefois/documents/v1/changes'
import { MeshError, type Reason, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { longestSubscriptionMs, subscriptionRefusal } from '../domain/subscription.js'
import type { StoredSubscription } from '../store/subscriptions.js'
import { subscriptionReceipt, subscriptionRecord } from '../subscription-records.js'
import { endedEvent } from '../tell-changes.js'
import { basis, evidenceType, member, procedure, purpose, subject } from './fields.js'
import { prepareRelease } from './prepare-request.js'
import { toSubscription } from './subscription-view.js'

/** Failures that refuse nothing: the same request may be sent again, and goes on where this one stopped. */
const failures: ReadonlySet<Reason> = new Set([
  'PROVIDER_UNREACHABLE',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
  'REPLY_MISMATCH',
  'FEDERATION_LIST_EXPIRED',
])

const admit = ({ runtime }: ChangeNeeds, request: SubscribeToChangesRequest): Authorisation => {
  const { provider, evidenceType: type, purpose: purposeId } = request
  const federation = runtime.federation.current
  const now = nowSeconds(runtime.clock)
  federation.member(provider, now)
  federation.evidenceType(type)
  const of = { requester: runtime.member, provider, evidenceType: type, purpose: purposeId }
  const authorisation = federation.authorisation(of, now)
  const refusal = subscriptionRefusal(authorisation)
  if (refusal) throw new MeshError(refusal)
  return authorisation
}

/** The wish is kept before anything is sent; whoever opposes a proactive use comes wholly before it, or ends it. */
const keep = (
  needs: ChangeNeeds,
  request: SubscribeToChangesRequest,
  { mode }: Authorisation,
): Promise<StoredSubscription> =>
  needs.runtime.postgres.transaction(async (tx) => {
    const askedAtMs = Math.floor(needs.runtime.clock.nowMs())
    if (mode === 'proactive' && (await needs.oppositions.isOpposed(tx, request, askedAtMs)))
      throw new MeshError('OPPOSITION_STANDS')
    return needs.subscriptions.ask(tx, { ...request, subscriptionId: randomUUID(), mode, askedAtMs })
  })

/** What travels to the provider: what a release would need. */
const prepare = async (
  needs: ChangeNeeds,
  request: SubscribeToChangesRequest,
  { subscriptionId }: StoredSubscription,
  authorisation: Authorisation,
  call: Call,
): Promise<OpenSubscriptionRequest> => {
  const asked = { ...request, fields: [], predicates: [] }
  const release = await prepareRelease(needs, asked, { exchangeId: subscriptionId, authorisation }, call)
  const { fields: _, predicates: __, exchangeId: ___, ...opening } = release
  return { ...opening, subscriptionId }
}

/** A refusal ends the wish; a provider that refused it has its receipt. */
const refuse = (
  needs: ChangeNeeds,
  asked: StoredSubscription,
  reason: Reason,
  at: 'here' | 'provider',
): Promise<unknown> =>
  needs.runtime.postgres.transaction(async (tx) => {
    if (at === 'provider')
      await needs.exchangeLog.append(tx, subscriptionReceipt(needs.runtime, asked, { outcome: 'refused', reason }))
    await needs.subscriptions.end(tx, asked.subscriptionId, Math.floor(needs.runtime.clock.nowMs()))
  })

/** Keeps what the provider answered; what ended here meanwhile is ended there too. */
const open = async (needs: ChangeNeeds, asked: StoredSubscription, untilMs: number): Promise<void> => {
  const { runtime, exchangeLog, subscriptions } = needs
  const nowMs = Math.floor(runtime.clock.nowMs())
  await exchangeLog.commitWith(
    { record: subscriptionReceipt(runtime, asked, { outcome: 'subscribed' }) },
    async (tx) => {
      const isOpen = await subscriptions.open(
        tx,
        asked.subscriptionId,
        Math.min(untilMs, nowMs + longestSubscriptionMs),
      )
      if (!isOpen) await runtime.outbox.add(tx, [endedEvent(asked.provider, asked.subscriptionId, nowMs)])
    },
  )
}

const subscribe = async (
  needs: ChangeNeeds,
  request: SubscribeToChangesRequest,
  asked: StoredSubscription,
  authorisation: Authorisation,
  call: Call,
): Promise<void> => {
  let sent = false
  try {
    const opening = await prepare(needs, request, asked, authorisation, call)
    await needs.exchangeLog.commit({ record: subscriptionRecord(needs.runtime, asked, 'sent') })
    sent = true
    const { untilMs } = await needs.changesOf(asked.provider).openSubscription(opening, call)
    await open(needs, asked, untilMs)
  } catch (thrown) {
    const { reason } = toMeshError(thrown)
    if (!failures.has(reason)) await refuse(needs, asked, reason, sent ? 'provider' : 'here')
    throw thrown
  }
}

/**
 * Errors: MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN, PURPOSE_NOT_AUTHORISED, CHANGES_NOT_AUTHORISED, OPPOSITION_STANDS, those of
 * GetBasis, of RequestTicket and of a release's gates; PROVIDER_UNREACHABLE, after which the same request may be sent again.
 */
export const subscribeToChanges = (
  needs: ChangeNeeds,
): PlainRpc<SubscribeToChangesRequest, SubscribeToChangesResponse> => ({
  request: z.object({ subject, provider: member, evidenceType, purpose, procedure, basisId: basis }),
  handle: async (request, call) => {
    const authorisation = admit(needs, request)
    const asked = await keep(needs, request, authorisation)
    if (asked.untilMs === 0) await subscribe(needs, request, asked, authorisation, call)
    needs.runtime.outbox.wake()
    const standing = await needs.subscriptions.read(asked.subscriptionId)
    return { subscription: toSubscription(standing ?? asked) }
  },
})
