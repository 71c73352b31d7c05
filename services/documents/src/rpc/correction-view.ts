import { type Correction, CorrectionOutcome } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { CorrectionAnswer } from '../domain/correction.js'
import type { StoredCorrection } from '../store/received-corrections.js'

const outcomes = {
  acted: CorrectionOutcome.CORRECTION_OUTCOME_ACTED,
  'not-concerned': CorrectionOutcome.CORRECTION_OUTCOME_NOT_CONCERNED,
} as const satisfies Record<CorrectionAnswer, CorrectionOutcome>

/** An answer as it travels; unspecified while there is none. */
export const toOutcome = (answer: CorrectionAnswer | undefined): CorrectionOutcome =>
  answer === undefined ? CorrectionOutcome.CORRECTION_OUTCOME_UNSPECIFIED : outcomes[answer]

/** An answer as it arrived; undefined for one that this version does not know. */
export const answerOf = (outcome: CorrectionOutcome): CorrectionAnswer | undefined =>
  (Object.keys(outcomes) as CorrectionAnswer[]).find((each) => outcomes[each] === outcome)

/** A correction as this agency's systems read it. */
export const toCorrection = ({ position: _, toldId: __, outcome, ...heard }: StoredCorrection): Correction => ({
  ...heard,
  outcome: toOutcome(outcome),
})

export const answerField = z
  .number()
  .refine((outcome) => answerOf(outcome as CorrectionOutcome) !== undefined, 'not an answer')
