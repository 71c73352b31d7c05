import type { DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { Direction, Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import type { Reason } from '@unefois/proto/reasons'
import { type OutcomeName, outcomeName } from './outcome.js'
import { hasEnded, isReassessed } from './review.js'
import { directionNamed } from './review-state.js'

/** How much each outcome gives. */
const worth: Readonly<Record<OutcomeName, number>> = { refused: 0, 'partly-granted': 1, granted: 2 }
const worthOf = (outcome: Outcome): number => worth[outcomeName(outcome) ?? 'refused']

/**
 * Whether a decision in the place of another may be against the person. A refusal always may; something in the place of nothing
 * never is. Otherwise it gives no less by its outcome, and what is found now is as good or better; unknown counts as against.
 */
export const isAgainst = (before: Outcome, now: Outcome, direction: Direction): boolean => {
  if (worthOf(now) === 0) return true
  if (worthOf(before) === 0) return false
  if (worthOf(now) < worthOf(before)) return true
  return direction !== directionNamed.favourable && direction !== directionNamed.same
}

/**
 * Why a decision may not be issued in the place of the one that is reviewed, on a day (CRPA L121-1, L122-1: nothing against a
 * person before they could say what they have to say). The last day for observations is theirs.
 */
export const reviewRefusal = (
  review: Review,
  { before, made }: { readonly before: Outcome; readonly made: Pick<DecisionMade, 'outcome'> },
  day: string,
):
  | Extract<Reason, 'REVIEW_ENDED' | 'REVIEW_NOT_REASSESSED' | 'OBSERVATIONS_NOT_INVITED' | 'OBSERVATIONS_AWAITED'>
  | undefined => {
  if (hasEnded(review)) return 'REVIEW_ENDED'
  const { reassessment, observationsUntilDay } = review
  if (!reassessment || !isReassessed(review)) return 'REVIEW_NOT_REASSESSED'
  if (!isAgainst(before, made.outcome, reassessment.direction)) return undefined
  if (observationsUntilDay === '') return 'OBSERVATIONS_NOT_INVITED'
  return day <= observationsUntilDay ? 'OBSERVATIONS_AWAITED' : undefined
}
