import {
  type Contest,
  ContestState,
  type Correction,
  CorrectionOutcome,
  type Holding,
  type ReceivedHolding,
  type ToldCorrection,
  type Upheld,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import type { z } from 'zod'
import type {
  contest,
  contestState,
  correction,
  correctionOutcome,
  holding,
  ownContest,
  toldCorrection,
  upheld,
} from './correction-schemas.js'
import { instantOf } from './views.js'

// From the messages of the contract to what the REST door shows.

export type HoldingView = z.infer<typeof holding>
export type ContestView = z.infer<typeof ownContest>
type Outcome = z.infer<typeof correctionOutcome>
type State = z.infer<typeof contestState>

export const outcomeOf: Readonly<Record<Outcome, CorrectionOutcome>> = {
  acted: CorrectionOutcome.CORRECTION_OUTCOME_ACTED,
  'not-concerned': CorrectionOutcome.CORRECTION_OUTCOME_NOT_CONCERNED,
}
export const stateOf: Readonly<Record<State, ContestState>> = {
  open: ContestState.CONTEST_STATE_OPEN,
  corrected: ContestState.CONTEST_STATE_CORRECTED,
  upheld: ContestState.CONTEST_STATE_UPHELD,
}

const nameIn = <N extends string>(table: Readonly<Record<N, number>>, value: number): N | undefined =>
  (Object.keys(table) as N[]).find((name) => table[name] === value)

/** Null for a moment that has not come. */
const instantOrNull = (ms: number): string | null => (ms === 0 ? null : instantOf(ms))

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export const correctionView = (one: Correction): z.infer<typeof correction> => ({
  correctionId: one.correctionId,
  exchangeId: one.exchangeId,
  subject: one.subject,
  provider: one.provider,
  evidenceType: one.evidenceType,
  purpose: one.purpose,
  procedure: one.procedure,
  wrongVersion: one.wrongVersion,
  correctedVersion: one.correctedVersion,
  correctedAt: instantOf(one.correctedAtMs),
  heardAt: instantOf(one.heardAtMs),
  outcome: nameIn(outcomeOf, one.outcome) ?? null,
  answeredAt: instantOrNull(one.answeredAtMs),
})

export const toldView = (one: ToldCorrection): z.infer<typeof toldCorrection> => ({
  exchangeId: one.exchangeId,
  requester: one.requester,
  wrongVersion: one.wrongVersion,
  outcome: nameIn(outcomeOf, one.outcome) ?? null,
  answeredAt: instantOrNull(one.answeredAtMs),
})

const upheldView = ({ reasons, remedies, routes }: Upheld): z.infer<typeof upheld> => ({
  reasons,
  remedies,
  routes: routes.map(({ kind, textFr, textEn }) => ({ kind, text: { fr: textFr, en: textEn } })),
})

const contested = (one: Contest) => ({
  contestId: one.contestId,
  evidenceType: one.evidenceType,
  version: one.version,
  field: one.field || null,
  statement: one.statement,
  state: nameIn(stateOf, one.state) ?? ('unknown' as const),
  contestedAt: instantOf(one.contestedAtMs),
  answeredAt: instantOrNull(one.answeredAtMs),
  corrected: one.corrected ?? null,
  upheld: one.upheld ? upheldView(one.upheld) : null,
})

/** A contest as the person reads it, of one agency. */
export const ownContestView = (agency: string, one: Contest): ContestView => ({ agency, ...contested(one) })

/** A contest as the agency's software reads it. */
export const contestView = (one: Contest): z.infer<typeof contest> => ({
  ...contested(one),
  subject: one.subject,
  reportId: one.reportId || null,
})

const receivedView = (one: ReceivedHolding): NonNullable<HoldingView['received']> => ({
  exchangeId: one.exchangeId,
  provider: one.provider,
  purpose: one.purpose,
  receivedAt: instantOf(one.receivedAtMs),
  keepUntil: instantOf(one.keepUntilMs),
  predicates: one.predicates.map(({ predicate, holds }) => ({ predicate, holds })),
  isCorrected: one.isCorrected,
})

/** What one agency holds. */
export const holdingView = (
  agency: string,
  { evidenceType, origin, valueJson, isValueLeftOut }: Holding,
): HoldingView => {
  const isInRegister = origin?.$case === 'register'
  const answer = isInRegister ? origin.value.answer : undefined
  const isFound = answer?.$case === 'found'
  const dated = isInRegister ? (isFound ? answer.value : undefined) : origin?.value
  return {
    agency,
    evidenceType,
    origin: origin?.$case ?? 'unknown',
    isReached: !isInRegister || isFound,
    value: jsonOf(valueJson),
    isValueLeftOut,
    version: dated?.version ?? null,
    asOf: dated ? instantOf(dated.asOfMs) : null,
    received: origin?.$case === 'received' ? receivedView(origin.value) : null,
  }
}
