import type { Reason } from '@unefois/proto/reasons'

/** `open` waits for this member, `needs-more` for the person; the others are the end of it. */
export type DeclarationState = 'open' | 'needs-more' | 'accepted' | 'not-concerned'

/** As much may one person declare to one member within 24 hours: enough for every mistake, too little to fill a store. */
export const mostDeclarationsPerDay = 10
export const declarationDayMs = 86_400_000

/** As often may a member say that it needs more: who asks on and on never answers, and a file that grows is never shown. */
export const mostAskedForMore = 5

const shortestMs = 86_400_000
const longestMs = 366 * 86_400_000

/** Whether what is missing may be asked for until then: at least a day, at most a year ahead (CRPA L114-5 sets no figure). */
export const isDeadline = (untilMs: number, nowMs: number): boolean =>
  untilMs - nowMs >= shortestMs && untilMs - nowMs <= longestMs

/** Where a declaration stands, as far as an answer is concerned. */
export interface Standing {
  readonly state: DeclarationState
  /** Until when the person was given time, in `needs-more`. */
  readonly untilMs: number
}

const isEnded = (state: DeclarationState): boolean => state === 'accepted' || state === 'not-concerned'

/** Why the member may not answer so now; undefined when it may. */
export const answerRefusal = (
  { state, untilMs }: Standing,
  answer: Exclude<DeclarationState, 'open'>,
  nowMs: number,
): Reason | undefined => {
  if (isEnded(state)) return 'DECLARATION_ANSWERED'
  // Who was given time has it: it can be lengthened, and it can end well, but not against the person.
  if (answer === 'not-concerned' && state === 'needs-more' && nowMs < untilMs) return 'DECLARATION_DEADLINE_RUNNING'
  return undefined
}

/** Why the person may not supplement now; after the deadline they still may, as long as nothing is answered for good. */
export const supplementRefusal = (state: DeclarationState): Reason | undefined => {
  if (isEnded(state)) return 'DECLARATION_ANSWERED'
  return state === 'needs-more' ? undefined : 'DECLARATION_NOTHING_MISSING'
}

/** Kept after the last step while it waits, and after its end: months. */
const keptMonths: Readonly<Record<DeclarationState, number>> = {
  open: 36,
  'needs-more': 36,
  accepted: 12,
  'not-concerned': 12,
}

/** When what was declared is to be deleted; milliseconds since the epoch. Its receipts stay for 36 months (exchange-record). */
export const declarationKeptUntilMs = (state: DeclarationState, lastStepMs: number): number => {
  const end = new Date(lastStepMs)
  end.setUTCMonth(end.getUTCMonth() + keptMonths[state])
  return end.getTime()
}

/** What a receipt in the exchange log says: flat, so that its RFC 8785 form is the same for every reader. */
export interface DeclarationRecord {
  readonly record_id: string
  /** The declaration's id. */
  readonly exchange_id: string
  readonly kind: 'declaration'
  readonly member: string
  readonly counterparty: string
  readonly subject: string
  readonly purpose: string
  readonly declaration_kind: string
  readonly text_version: string
  /** What was filled in, `group.field`; of a reception only. */
  readonly fields: readonly string[]
  /** SHA-256 (base64url) of the RFC 8785 form of what was said in this step. */
  readonly said_sha256: string
  readonly outcome: 'received' | 'supplemented' | Exclude<DeclarationState, 'open'>
  readonly at_ms: number
}
