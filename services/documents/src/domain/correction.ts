import type { ExchangeRecord } from './exchange-record.js'

/** Versions of evidence that were wrong, first to last, and the right one; 0: withdrawn, there is none. */
export interface Wrong {
  readonly firstVersion: number
  readonly lastVersion: number
  readonly correctedVersion: number
}

/** How a past recipient ends a correction. */
export type CorrectionAnswer = 'acted' | 'not-concerned'

/** A release that was under way as its version was reported is recorded well within this time: a call lasts a minute at most. */
export const watchMs = 5 * 60_000

/** The field that makes no sense; undefined when the versions do. */
export const versionsFault = ({ firstVersion, lastVersion, correctedVersion }: Wrong): keyof Wrong | undefined => {
  if (firstVersion < 1) return 'firstVersion'
  if (lastVersion < firstVersion) return 'lastVersion'
  return correctedVersion !== 0 && correctedVersion <= lastVersion ? 'correctedVersion' : undefined
}

export const isWrong = ({ firstVersion, lastVersion }: Wrong, version: number): boolean =>
  version >= firstVersion && version <= lastVersion

/** Whether this record is of a release of a wrong version, whose requester must hear of it. */
export const isToBeTold = (record: ExchangeRecord, evidenceType: string, wrong: Wrong): boolean =>
  record.kind === 'release' &&
  record.outcome === 'released' &&
  record.evidence_type === evidenceType &&
  isWrong(wrong, record.evidence_version)

/** What a provider says was wrong, of one exchange. */
export interface SaidWrong {
  readonly evidenceType: string
  readonly wrongVersion: number
}

/**
 * Whether this member received from that very provider what is said to be wrong. A request without a receipt counts: the
 * provider released, and how far that came is not known here.
 */
export const isReceivedFrom = (
  provider: string,
  { asked, receipt }: { readonly asked: ExchangeRecord; readonly receipt: ExchangeRecord | undefined },
  { evidenceType, wrongVersion }: SaidWrong,
): boolean =>
  asked.counterparty === provider &&
  asked.evidence_type === evidenceType &&
  (receipt === undefined || (receipt.outcome === 'released' && receipt.evidence_version === wrongVersion))
