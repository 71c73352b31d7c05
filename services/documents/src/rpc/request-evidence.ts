import { randomUUID } from 'node:crypto'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type {
  Evidence,
  ReleaseEvidenceRequest,
  ReleaseEvidenceResponse,
  RequestEvidenceRequest,
  RequestEvidenceResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, type Reason, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { keepUntilMs } from '../domain/release.js'
import { type AskOnce, askerOf } from '../later-delivery.js'
import { basis, evidenceType, fieldPaths, member, procedure, purpose, subject } from './fields.js'
import { causeOf, type NoEvidence, otherRoute } from './outcomes.js'
import { admitRequest, prepareRelease } from './prepare-request.js'
import { type Asking, recordReceipt, recordRefusedReceipt, recordRequest } from './request-entries.js'

type Needs = Pick<
  DocumentsContext,
  'runtime' | 'bases' | 'tickets' | 'documentsOf' | 'exchangeLog' | 'received' | 'oppositions' | 'subjects' | 'places'
>
type Later = Pick<DocumentsContext, 'laterDelivery'>

/** Failures that say nothing about the person or the request: the other route is open, nothing is refused. */
const unanswered: ReadonlySet<Reason> = new Set(['PROVIDER_UNREACHABLE', 'UNAVAILABLE', 'DEADLINE_EXCEEDED'])
/** The same of a provider, which may also fail on its own side. */
const providerFailures: ReadonlySet<Reason> = new Set([...unanswered, 'INTERNAL', 'FEDERATION_LIST_EXPIRED'])

/** Kept back from the caller's time, so that a silence can still be put on record and answered with the other route. */
const answerReserveMs = 200

const noEvidence = (needs: Needs, { exchangeId, request }: Asking, cause: NoEvidence): RequestEvidenceResponse => {
  const type = needs.runtime.federation.current.evidenceType(request.evidenceType)
  return { exchangeId, outcome: { $case: 'otherRoute', value: otherRoute(cause, type) } }
}

/** Evidence under the retention that this member is authorised for, whatever the provider says. */
const underRetention = (needs: Needs, { authorisation }: Asking, evidence: Evidence): Evidence => ({
  ...evidence,
  keepUntilMs: Math.min(evidence.keepUntilMs, keepUntilMs(authorisation, needs.runtime.clock.nowMs())),
})

/**
 * In proactive mode a collection begins before anything is asked, and ends before anything is handed on; what it brought is
 * deleted if the person opposed meanwhile. Error: OPPOSITION_STANDS.
 */
const requireUnopposed = async (
  { oppositions, runtime }: Needs,
  step: 'begin' | 'end',
  { exchangeId, request, authorisation }: Asking,
): Promise<void> => {
  if (authorisation.mode !== 'proactive') return
  const use = { subject: request.subject, purpose: request.purpose }
  const isFree = await oppositions[step](exchangeId, use, runtime.clock.nowMs())
  if (!isFree) throw new MeshError('OPPOSITION_STANDS')
}

const handOn = async (
  needs: Needs,
  asking: Asking,
  response: ReleaseEvidenceResponse,
): Promise<RequestEvidenceResponse> => {
  const { exchangeId } = asking
  const { outcome } = response
  const evidence = outcome?.$case === 'evidence' ? underRetention(needs, asking, outcome.value) : undefined
  await recordReceipt(needs, asking, response, evidence)
  await requireUnopposed(needs, 'end', asking)
  if (evidence) {
    const value = await needs.places.handedOn(
      evidence,
      { subject: asking.request.subject, exchangeId },
      asking.authorisation,
    )
    return { exchangeId, outcome: { $case: 'evidence', value } }
  }
  if (outcome?.$case === 'pending') return { exchangeId, outcome }
  // The cause is the provider's to say; the routes are those of this member's own federation list.
  return noEvidence(needs, asking, outcome?.$case === 'otherRoute' ? causeOf(outcome.value.cause) : 'unreachable')
}

const exchange = async (
  needs: Needs,
  asking: Asking,
  release: ReleaseEvidenceRequest,
  call: Call,
): Promise<RequestEvidenceResponse> => {
  const { provider } = asking.request
  await recordRequest(needs, asking, 'sent')
  let response: ReleaseEvidenceResponse
  try {
    response = await needs.documentsOf(provider).releaseEvidence(release, call)
  } catch (thrown) {
    const { reason, cause } = toMeshError(thrown)
    if (providerFailures.has(reason)) {
      needs.runtime.log.warn(
        { provider, reason, err: cause },
        'a provider did not answer; the person has another route',
      )
      return noEvidence(needs, asking, 'unreachable')
    }
    // The reply to something else says nothing of this exchange, which stays unconfirmed.
    if (reason !== 'REPLY_MISMATCH') await recordRefusedReceipt(needs, asking, reason)
    throw thrown
  }
  return handOn(needs, asking, response)
}

/** One exchange, through every gate. Errors: those of a gate; whatever else fails is another route. */
export const askOnce =
  (needs: Needs): AskOnce =>
  async (request, whole, exchangeId) => {
    const authorisation = admitRequest(needs, request, whole)
    const call = { ...whole, deadline: whole.deadline.keepingBack(answerReserveMs) }
    const asking = { exchangeId, request, authorisation }
    await requireUnopposed(needs, 'begin', asking)
    let release: ReleaseEvidenceRequest
    try {
      release = await prepareRelease(needs, request, asking, call)
    } catch (thrown) {
      if (!unanswered.has(toMeshError(thrown).reason)) throw thrown
      // No ticket to be had is a route too: live tickets go on, new pairs of agencies wait for the identity authority.
      await recordRequest(needs, asking, 'unreachable')
      return noEvidence(needs, asking, 'unreachable')
    }
    return exchange(needs, asking, release, call)
  }

export const requestEvidence = (needs: Needs & Later): PlainRpc<RequestEvidenceRequest, RequestEvidenceResponse> => ({
  request: z.object({
    subject,
    provider: member,
    evidenceType,
    purpose,
    procedure,
    basisId: basis,
    fields: fieldPaths,
    predicates: z
      .array(z.object({ predicate: z.string().min(1).max(64), argumentSubject: z.union([subject, z.literal('')]) }))
      .max(10),
  }),
  handle: async (request, call) => {
    const response = await askOnce(needs)(request, call, randomUUID())
    const { exchangeId, outcome } = response
    const asker = askerOf(call)
    if (outcome?.$case === 'pending' && asker)
      await needs.laterDelivery.keep(exchangeId, request, asker, outcome.value.retryAfterMs)
    return response
  },
})
