import type { Application, ApplicationState, Correction } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { FieldFault } from '@unefois/proto/hand'
import type { Reason } from '@unefois/proto/reasons'
import { stateNamed } from './application-state.js'
import { outcomeName, outcomeNamed } from './outcome.js'
import type { Answer } from './release.js'

/** Why a decision may not be issued; the field where one is wrong, and what it should be. */
export interface DecisionRefusal {
  readonly reason: Extract<
    Reason,
    'APPLICATION_INVALID' | 'APPLICATION_ENDED' | 'DATUM_MISSING' | 'PIECES_AWAITED' | 'PROCEDURE_INVALID'
  >
  readonly fault?: FieldFault
}

/** What the procedure and its rule say of the application, `finding` being what the rule comes to for what is known now. */
export interface DecidedBy {
  readonly hasRule: boolean
  /** Absent where no rule took part. */
  readonly finding: Answer | undefined
  readonly hasRemedies: boolean
}

const fewestReasons = 20

/** States in which nothing is left to decide; a rejection by silence is not one of them (CRPA L114-5, L231-4). */
const ended: ReadonlySet<ApplicationState> = new Set([
  stateNamed.granted,
  stateNamed['partly-granted'],
  stateNamed.refused,
  stateNamed['accepted-by-silence'],
  stateNamed.withdrawn,
])

/** Whether nothing is left to decide on a day; silence accepts on its day, whenever the chore that notes it runs. */
export const isEnded = ({ state, clock }: Application, day: string): boolean => {
  if (ended.has(state)) return true
  const speaks = clock !== undefined && !clock.isWaiting && clock.dueDay !== '' && clock.dueDay <= day
  return speaks && clock.means === 'acceptance'
}

/** Whether the person still has time for something that was asked of them. */
export const isAwaited = ({ resolvedAtMs, untilDay }: Correction, day: string): boolean =>
  resolvedAtMs === 0 && untilDay >= day

const faultOf = ({ outcome, reasons, gives, fromDay, toDay }: DecisionMade): FieldFault | undefined => {
  const isRefusal = outcome === outcomeNamed.refused
  const faults: readonly (readonly [field: string, isWrong: boolean, what: string])[] = [
    ['made.outcome', !outcomeName(outcome), 'is granted, partly granted or refused'],
    [
      'made.reasons',
      outcome !== outcomeNamed.granted && reasons.trim().length < fewestReasons,
      `says why in law and in fact, in ${fewestReasons} characters or more (CRPA L211-5)`,
    ],
    ['made.gives', isRefusal !== (gives.trim() === ''), 'says what is given, and is empty for a refusal'],
    ['made.fromDay', isRefusal && fromDay !== '', 'is empty for a refusal'],
    ['made.toDay', isRefusal && toDay !== '', 'is empty for a refusal'],
    ['made.toDay', toDay !== '' && (fromDay === '' || toDay < fromDay), 'is not before fromDay, and needs one'],
  ]
  const fault = faults.find(([, isWrong]) => isWrong)
  return fault && { field: fault[0], what: fault[2] }
}

/**
 * Why this decision may not be issued on a day. A refusal, whole or in part, needs reasons (CRPA L211-2, L211-5), remedies, a
 * rule that knows its answer, and nothing that the person still has time to send (CRPA L114-5); a grant needs none of these.
 */
export const decisionRefusal = (
  application: Application,
  made: DecisionMade,
  { hasRule, finding, hasRemedies }: DecidedBy,
  day: string,
): DecisionRefusal | undefined => {
  if (isEnded(application, day)) return { reason: 'APPLICATION_ENDED' }
  const fault = faultOf(made)
  if (fault) return { reason: 'APPLICATION_INVALID', fault }
  if (made.outcome === outcomeNamed.granted) return undefined
  if (!hasRemedies)
    return {
      reason: 'PROCEDURE_INVALID',
      fault: { field: 'remedies', what: 'says what a person can do against a refusal' },
    }
  if (application.corrections.some((each) => isAwaited(each, day))) return { reason: 'PIECES_AWAITED' }
  return hasRule && (finding === undefined || finding === 'unknown') ? { reason: 'DATUM_MISSING' } : undefined
}

/** How an application stands once it was decided. */
export const stateAfter = (outcome: Outcome): ApplicationState => stateNamed[outcomeName(outcome) ?? 'refused']
