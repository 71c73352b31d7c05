import type { Reason } from '@unefois/proto/reasons'

export type ConsentState = 'requested' | 'given' | 'refused' | 'withdrawn' | 'expired'
/** States that are recorded; `expired` is only ever computed. */
export type AnsweredState = 'given' | 'refused' | 'withdrawn'

const followers: Readonly<Record<ConsentState, readonly ConsentState[]>> = {
  requested: ['given', 'refused'],
  given: ['withdrawn', 'expired'],
  refused: [],
  withdrawn: [],
  expired: [],
}

/** Whether a consent may go from one state to another. */
export const canBecome = (from: ConsentState, to: ConsentState): boolean => followers[from].includes(to)

/** The state at a moment: what was given ends by itself. Milliseconds since the epoch. */
export const stateAt = (recorded: AnsweredState, validUntilMs: number, nowMs: number): ConsentState =>
  recorded === 'given' && nowMs >= validUntilMs ? 'expired' : recorded

/** Why a request can no longer be answered: CONSENT_REQUEST_CLOSED once answered or expired. */
export const answerRefusal = (
  request: { readonly state: 'requested' | 'given' | 'refused'; readonly expiresAtMs: number },
  nowMs: number,
): Reason | undefined =>
  request.state !== 'requested' || nowMs >= request.expiresAtMs ? 'CONSENT_REQUEST_CLOSED' : undefined

/** Why a consent cannot be withdrawn; undefined also for one that already is, because asking twice is no mistake. */
export const withdrawalRefusal = (state: ConsentState): Reason | undefined => {
  if (state === 'expired') return 'CONSENT_EXPIRED'
  if (state === 'refused') return 'CONSENT_REFUSED'
  return state === 'withdrawn' || canBecome(state, 'withdrawn') ? undefined : 'CONSENT_UNKNOWN'
}

/** One entry of a consent's history; the actor is `person` or a member id. */
export interface HistoryEntry {
  readonly state: ConsentState
  readonly atMs: number
  readonly actor: string
}

/** The history at a moment, oldest first; an end that has come is entered under the authority. */
export const historyAt = (
  recorded: readonly HistoryEntry[],
  consent: { readonly state: AnsweredState; readonly validUntilMs: number; readonly authority: string },
  nowMs: number,
): readonly HistoryEntry[] => {
  const ended: HistoryEntry[] =
    stateAt(consent.state, consent.validUntilMs, nowMs) === 'expired'
      ? [{ state: 'expired', atMs: consent.validUntilMs, actor: consent.authority }]
      : []
  return [...recorded, ...ended].sort((a, b) => a.atMs - b.atMs || rank[a.state] - rank[b.state])
}

const rank: Readonly<Record<ConsentState, number>> = { requested: 0, given: 1, refused: 1, withdrawn: 2, expired: 2 }
