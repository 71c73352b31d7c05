import type { Mode } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'

/** Kept readable for the person for 36 months (CRPA R114-9-7, decree 2023-361). */
export const recordRetentionMonths = 36

/** `subscription` is a provider's record of telling a requester of changes, `subscribing` the requester's of the same. */
export type RecordKind = 'request' | 'receipt' | 'release' | 'refusal' | 'subscription' | 'subscribing'
export type RecordOutcome =
  | 'sent'
  | 'released'
  | 'refused'
  | 'pending'
  | 'absent'
  | 'stale'
  | 'unreachable'
  | 'ambiguous'
  | 'subscribed'
  | 'change-told'
  | 'subscription-ended'

/**
 * One half of one exchange as one member records it (CRPA R114-9-5: caller, person by pseudonym, fields, purpose, procedure,
 * time, outcome). Flat, so that its RFC 8785 form is the same for every reader.
 */
export interface ExchangeRecord {
  readonly record_id: string
  readonly exchange_id: string
  readonly kind: RecordKind
  readonly member: string
  readonly counterparty: string
  readonly subject: string
  readonly evidence_type: string
  /** The hub that carries the evidence from the body that made it (the value names that one); `none` where there is none. */
  readonly relay: string
  /** Version released or received; 0 when none was. */
  readonly evidence_version: number
  readonly fields: readonly string[]
  readonly predicates: readonly string[]
  readonly purpose: string
  readonly procedure: string
  readonly mode: Mode | 'none'
  readonly basis: string
  readonly outcome: RecordOutcome
  readonly reason: Reason | 'none'
  readonly at_ms: number
}

/** What became of an exchange. */
export type RecordedOutcome = Pick<
  ExchangeRecord,
  'kind' | 'outcome' | 'reason' | 'fields' | 'predicates' | 'evidence_version'
>
/** Which exchange it was, between whom and about whom. */
export type RecordedExchange = Omit<ExchangeRecord, keyof RecordedOutcome | 'record_id' | 'at_ms'>

export const nothingReleased = { fields: [], predicates: [], evidence_version: 0 } as const

/** The outcome of a refused release: nothing of the person's left. */
export const refusedOutcome = (reason: Reason): RecordedOutcome => ({
  kind: 'refusal',
  outcome: 'refused',
  reason,
  ...nothingReleased,
})

/** When a record made at this moment is to be deleted; milliseconds since the epoch. A day that does not exist is the next. */
export const deleteAfterMs = (atMs: number): number => {
  const end = new Date(atMs)
  end.setUTCMonth(end.getUTCMonth() + recordRetentionMonths)
  return end.getTime()
}
