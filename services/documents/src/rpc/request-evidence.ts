import { randomUUID } from 'node:crypto'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { Authorisation } from '@unefois/proto/federation'
import { ExchangeMode, type GetBasisResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type {
  ReleaseEvidenceRequest,
  ReleaseEvidenceResponse,
  RequestEvidenceRequest,
  RequestEvidenceResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, type Reason, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { statementOf } from '../bases.js'
import type { DocumentsContext } from '../context.js'
import { fieldRefusal } from '../domain/evidence.js'
import type { ExchangeRecord, RecordOutcome } from '../domain/exchange-record.js'
import { basis, evidenceType, fieldPaths, member, procedure, purpose, subject } from './fields.js'
import { otherRoute } from './outcomes.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'bases' | 'tickets' | 'documentsOf' | 'exchangeLog' | 'received'>

interface Prepared {
  readonly exchangeId: string
  readonly authorisation: Authorisation
  readonly release: ReleaseEvidenceRequest
}

/** Failures that say nothing about the person or the request: the other route is open, nothing is refused. */
const unreachableReasons: ReadonlySet<Reason> = new Set(['PROVIDER_UNREACHABLE', 'UNAVAILABLE', 'DEADLINE_EXCEEDED'])

const modes = {
  information: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  consent: ExchangeMode.EXCHANGE_MODE_CONSENT,
} as const

const requireSameSubject = (request: RequestEvidenceRequest, { caller }: Call): string => {
  if (caller.kind === 'person' && caller.subject !== request.subject) throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.kind === 'person' ? caller.loginHandle : ''
}

const requireBasis = (found: GetBasisResponse, request: RequestEvidenceRequest, authorisation: Authorisation): void => {
  const isThisExchange =
    found.subject === request.subject &&
    found.provider === request.provider &&
    found.purpose === request.purpose &&
    found.evidenceTypes.includes(request.evidenceType) &&
    found.mode === modes[authorisation.mode]
  if (!isThisExchange) throw new MeshError(authorisation.mode === 'consent' ? 'CONSENT_MISMATCH' : 'NOTICE_MISMATCH')
}

/** What the request can be refused for before anything leaves the agency, then what must travel with it. */
const prepare = async (needs: Needs, request: RequestEvidenceRequest, call: Call): Promise<Prepared> => {
  const { runtime, bases, tickets } = needs
  const loginHandle = requireSameSubject(request, call)
  const federation = runtime.federation.current
  const nowSeconds = Math.floor(runtime.clock.nowMs() / 1000)
  federation.member(request.provider, nowSeconds)
  federation.evidenceType(request.evidenceType)
  const { provider, purpose: purposeId } = request
  const authorisation = federation.authorisation(
    { requester: runtime.member, provider, evidenceType: request.evidenceType, purpose: purposeId },
    nowSeconds,
  )
  const refusal = fieldRefusal(
    authorisation,
    request.fields,
    request.predicates.map(({ predicate, argumentSubject }) => ({
      id: predicate,
      argument: argumentSubject || undefined,
    })),
  )
  if (refusal) throw new MeshError(refusal)
  const found = await bases.get(request.basisId, call)
  requireBasis(found, request, authorisation)
  const wish = { provider, purpose: purposeId, basisId: request.basisId, loginHandle }
  const [ticket, ...argumentTickets] = await Promise.all([
    tickets.request({ ...wish, subject: request.subject }, call),
    ...request.predicates.map(({ argumentSubject }) =>
      argumentSubject === '' ? '' : tickets.request({ ...wish, subject: argumentSubject, loginHandle: '' }, call),
    ),
  ])
  const exchangeId = randomUUID()
  return {
    exchangeId,
    authorisation,
    release: {
      evidenceType: request.evidenceType,
      purpose: purposeId,
      procedure: request.procedure,
      basisId: request.basisId,
      statement: statementOf(found),
      ticket,
      fields: request.fields,
      predicates: request.predicates.map(({ predicate }, at) => ({
        predicate,
        argumentTicket: argumentTickets[at] ?? '',
      })),
      exchangeId,
    },
  }
}

const recordOf = (
  needs: Needs,
  request: RequestEvidenceRequest,
  { exchangeId, authorisation }: Prepared,
  half: Pick<ExchangeRecord, 'kind' | 'outcome' | 'reason'> & { readonly version: number },
): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: exchangeId,
  kind: half.kind,
  member: needs.runtime.member,
  counterparty: request.provider,
  subject: request.subject,
  evidence_type: request.evidenceType,
  evidence_version: half.version,
  fields: request.fields.length > 0 || request.predicates.length > 0 ? request.fields : authorisation.fields,
  predicates: request.predicates.map(({ predicate }) => predicate),
  purpose: request.purpose,
  procedure: request.procedure,
  mode: authorisation.mode,
  basis: request.basisId,
  outcome: half.outcome,
  reason: half.reason,
  at_ms: Math.floor(needs.runtime.clock.nowMs()),
})

const outcomeOf = ({ outcome }: ReleaseEvidenceResponse): RecordOutcome => {
  switch (outcome?.$case) {
    case 'evidence':
      return 'released'
    case 'pending':
      return 'pending'
    default:
      return 'absent'
  }
}

/** The receipt is on record, and the evidence under its retention, before anything is handed on. */
const keepReceipt = async (
  needs: Needs,
  request: RequestEvidenceRequest,
  prepared: Prepared,
  response: ReleaseEvidenceResponse,
): Promise<void> => {
  const evidence = response.outcome?.$case === 'evidence' ? response.outcome.value : undefined
  const half = {
    kind: 'receipt',
    outcome: outcomeOf(response),
    reason: 'none',
    version: evidence?.version ?? 0,
  } as const
  await needs.exchangeLog.commit({
    record: recordOf(needs, request, prepared, half),
    ...(evidence && { received: await needs.received.seal(prepared.exchangeId, request.subject, evidence) }),
  })
}

const unreachable = (needs: Needs, request: RequestEvidenceRequest, exchangeId: string): RequestEvidenceResponse => {
  const type = needs.runtime.federation.current.evidenceType(request.evidenceType)
  return { exchangeId, outcome: { $case: 'otherRoute', value: otherRoute('unreachable', type) } }
}

const exchange = async (
  needs: Needs,
  request: RequestEvidenceRequest,
  prepared: Prepared,
  call: Call,
): Promise<RequestEvidenceResponse> => {
  const { exchangeId, release } = prepared
  const sent = { kind: 'request', outcome: 'sent', reason: 'none', version: 0 } as const
  await needs.exchangeLog.commit({ record: recordOf(needs, request, prepared, sent) })
  let response: ReleaseEvidenceResponse
  try {
    response = await needs.documentsOf(request.provider).releaseEvidence(release, call)
  } catch (thrown) {
    const { reason } = toMeshError(thrown)
    if (unreachableReasons.has(reason)) return unreachable(needs, request, exchangeId)
    const refused = { kind: 'receipt', outcome: 'refused', reason, version: 0 } as const
    await needs.exchangeLog.commit({ record: recordOf(needs, request, prepared, refused) })
    throw thrown
  }
  await keepReceipt(needs, request, prepared, response)
  const { outcome } = response
  return outcome ? { exchangeId, outcome } : unreachable(needs, request, exchangeId)
}

export const requestEvidence = (needs: Needs): PlainRpc<RequestEvidenceRequest, RequestEvidenceResponse> => ({
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
    let prepared: Prepared
    try {
      prepared = await prepare(needs, request, call)
    } catch (thrown) {
      // No ticket to be had is a route too: live tickets go on, new pairs of agencies wait for the identity authority.
      if (unreachableReasons.has(toMeshError(thrown).reason)) return unreachable(needs, request, randomUUID())
      throw thrown
    }
    return exchange(needs, request, prepared, call)
  },
})
