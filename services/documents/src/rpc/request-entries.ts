import { randomUUID } from 'node:crypto'
import type { Authorisation } from '@unefois/proto/federation-list'
import type {
  Evidence,
  ReleaseEvidenceResponse,
  RequestEvidenceRequest,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { Reason } from '@unefois/proto/reasons'
import type { DocumentsContext } from '../context.js'
import { releasedFields } from '../domain/evidence.js'
import type { ExchangeRecord, RecordOutcome } from '../domain/exchange-record.js'
import { PseudonymChanged } from '../store/exchange-log.js'
import { causeOf } from './outcomes.js'
import { relayOf } from './relay.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'exchangeLog' | 'received'>

/** One exchange as its requester sees it. */
export interface Asking {
  readonly exchangeId: string
  readonly request: RequestEvidenceRequest
  readonly authorisation: Authorisation
}

const recordOf = (
  { runtime }: Pick<Needs, 'runtime'>,
  { exchangeId, request, authorisation }: Asking,
  half: Pick<ExchangeRecord, 'kind' | 'outcome'> & { readonly reason?: Reason; readonly version?: number },
): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: exchangeId,
  kind: half.kind,
  member: runtime.member,
  counterparty: request.provider,
  subject: request.subject,
  evidence_type: request.evidenceType,
  relay: relayOf(runtime.federation.current, request.evidenceType),
  evidence_version: half.version ?? 0,
  fields: releasedFields(authorisation, request),
  predicates: request.predicates.map(({ predicate }) => predicate),
  purpose: request.purpose,
  procedure: request.procedure,
  mode: authorisation.mode,
  basis: request.basisId,
  outcome: half.outcome,
  reason: half.reason ?? 'none',
  at_ms: Math.floor(runtime.clock.nowMs()),
})

/** The request is on record before it is sent; `unreachable` when it cannot even be sent. */
export const recordRequest = async (needs: Needs, asking: Asking, outcome: 'sent' | 'unreachable'): Promise<void> => {
  await needs.exchangeLog.commit({ record: recordOf(needs, asking, { kind: 'request', outcome }) })
}

/** The provider's refusal, as its sealed reply says. */
export const recordRefusedReceipt = async (needs: Needs, asking: Asking, reason: Reason): Promise<void> => {
  await needs.exchangeLog.commit({ record: recordOf(needs, asking, { kind: 'receipt', outcome: 'refused', reason }) })
}

const outcomeOf = ({ outcome }: ReleaseEvidenceResponse): RecordOutcome => {
  switch (outcome?.$case) {
    case 'evidence':
      return 'released'
    case 'pending':
      return 'pending'
    case 'otherRoute':
      return causeOf(outcome.value.cause)
    case undefined:
      return 'unreachable'
  }
}

/** The receipt, and evidence under its retention, before anything is handed on. */
export const recordReceipt = async (
  needs: Needs,
  asking: Asking,
  response: ReleaseEvidenceResponse,
  evidence: Evidence | undefined,
): Promise<void> => {
  const { exchangeId, request } = asking
  const half = { kind: 'receipt', outcome: outcomeOf(response), version: evidence?.version ?? 0 } as const
  const record = recordOf(needs, asking, half)
  const commit = async () =>
    needs.exchangeLog.commit({
      record,
      ...(evidence && { received: await needs.received.seal(exchangeId, request.subject, evidence) }),
    })
  await commit().catch((error) => {
    if (!(error instanceof PseudonymChanged)) throw error
    return commit()
  })
}
