import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type Access, AccessOutcome, ExchangeSide } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import type { StoredAccess } from '../store/accesses.js'

const modes = {
  information: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  consent: ExchangeMode.EXCHANGE_MODE_CONSENT,
  'explicit-request': ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
  proactive: ExchangeMode.EXCHANGE_MODE_PROACTIVE,
  none: ExchangeMode.EXCHANGE_MODE_UNSPECIFIED,
} as const

const outcomes: Record<ExchangeRecord['outcome'], Access['outcome']> = {
  sent: AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED,
  released: AccessOutcome.ACCESS_OUTCOME_RELEASED,
  refused: AccessOutcome.ACCESS_OUTCOME_REFUSED,
  pending: AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE,
  absent: AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE,
  stale: AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE,
  unreachable: AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE,
  ambiguous: AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE,
  subscribed: AccessOutcome.ACCESS_OUTCOME_SUBSCRIBED,
  'change-told': AccessOutcome.ACCESS_OUTCOME_CHANGE_TOLD,
  'subscription-ended': AccessOutcome.ACCESS_OUTCOME_SUBSCRIPTION_ENDED,
}

const isOwnAsking = ({ kind }: ExchangeRecord): boolean => kind === 'request' || kind === 'subscribing'

/** A stored access as its person reads it; a request without a receipt is shown as unconfirmed. */
export const toAccess = ({ opening, receipt }: StoredAccess): Access => {
  const { record } = opening
  const last = receipt?.record ?? record
  return {
    recordId: record.record_id,
    side: isOwnAsking(record) ? ExchangeSide.EXCHANGE_SIDE_REQUESTER : ExchangeSide.EXCHANGE_SIDE_PROVIDER,
    counterparty: record.counterparty,
    purpose: record.purpose,
    procedure: record.procedure,
    evidenceType: record.evidence_type,
    fields: [...record.fields],
    predicates: [...record.predicates],
    mode: modes[record.mode],
    outcome: outcomes[last.outcome],
    reason: last.reason === 'none' ? '' : last.reason,
    atMs: record.at_ms,
    exchangeId: record.exchange_id,
  }
}
