import type { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'

/** The outcomes of a decision by their names, as a statement writes them; the numbers are the contract's. */
export const outcomeNamed = { granted: 1, 'partly-granted': 2, refused: 3 } as const satisfies {
  readonly granted: Outcome.OUTCOME_GRANTED
  readonly 'partly-granted': Outcome.OUTCOME_PARTLY_GRANTED
  readonly refused: Outcome.OUTCOME_REFUSED
}
export type OutcomeName = keyof typeof outcomeNamed

/** The name of an outcome; undefined for what is none. */
export const outcomeName = (outcome: Outcome): OutcomeName | undefined =>
  (Object.keys(outcomeNamed) as OutcomeName[]).find((each) => outcomeNamed[each] === outcome)
