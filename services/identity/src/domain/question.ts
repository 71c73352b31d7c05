import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { Reason } from '@unefois/proto/reasons'
import type { PersonId } from './person.js'

declare const brand: unique symbol

/** A question to a human, a random uuid; it says nothing of whom it is about. */
export type QuestionId = string & { readonly [brand]: 'QuestionId' }

/** What a human decided: the same person, or undefined for nobody in the register. */
export interface Decision {
  readonly person: PersonId | undefined
  /** The system that recorded it, and who decided, as that system names its staff. */
  readonly clientId: string
  readonly decidedBy: string
  readonly why: string
  readonly atMs: number
  /** Whom the human saw. */
  readonly seen: readonly PersonId[]
}

export interface Question {
  readonly id: QuestionId
  readonly member: string
  readonly pivot: PivotIdentity
  readonly askedAtMs: number
  readonly decision: Decision | undefined
}

/** Whether a decision no longer answers: it said nobody, and now there is somebody whom the human did not see. */
export const isOvertaken = ({ person, seen }: Decision, candidates: readonly PersonId[]): boolean =>
  person === undefined && candidates.some((candidate) => !seen.includes(candidate))

/** Why a decision is not taken: it was taken before, or names nobody among those who could be meant. */
export const decisionRefusal = (
  question: Question | undefined,
  same: PersonId | undefined,
  candidates: readonly PersonId[],
): Reason | undefined => {
  if (!question) return 'QUESTION_UNKNOWN'
  if (question.decision) return 'QUESTION_DECIDED'
  return same !== undefined && !candidates.includes(same) ? 'SUBJECT_UNKNOWN' : undefined
}
