import type { Queryable } from '@unefois/chassis/postgres'
import { type Application, ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import { algorithmOfFile } from './algorithm-of-file.js'
import type { DecisionBasis } from './decision-basis.js'
import type { DecisionNeeds } from './decision-needs.js'
import { find } from './domain/finding.js'
import { reviewRefusal } from './domain/review-refusal.js'
import { reviewedDecision } from './reviewed-decision.js'
import { factsUsed, takenBy } from './ruling.js'

type Needs = Pick<DecisionNeeds, 'procedureBook' | 'decisions' | 'releases' | 'book'>

/** The application as its decision is looked at again: undecided, with what was told of it since. */
const lookedAtAgain = (application: Application, { reassessment }: Review): Application => ({
  ...application,
  state: ApplicationState.APPLICATION_STATE_IN_REVIEW,
  clock: undefined,
  used: (reassessment?.used ?? []).filter(({ isSelfDeclared }) => !isSelfDeclared),
  notObtained: reassessment?.notObtained ?? [],
})

/**
 * What a decision in the place of another is made of: the release that was applied then, and what its review was told since.
 * Errors: REVIEW_UNKNOWN for a review that is none or not of this application's decision, REVIEW_ENDED, REVIEW_NOT_REASSESSED,
 * OBSERVATIONS_NOT_INVITED, OBSERVATIONS_AWAITED, APPLICATION_NOT_TAKEN.
 */
export const replacementBasis = async (
  needs: Needs,
  application: Application,
  review: Review | undefined,
  made: DecisionMade,
  day: string,
  db?: Queryable,
): Promise<DecisionBasis> => {
  if (!review || review.applicationId !== application.applicationId) throw new MeshError('REVIEW_UNKNOWN')
  const { file, procedure } = await reviewedDecision(needs, review, db)
  const before = file.decision.made?.outcome ?? Outcome.OUTCOME_UNSPECIFIED
  const refusal = reviewRefusal(review, { before, made }, day)
  if (refusal) throw new MeshError(refusal)
  if (review.decisionId !== application.decisionId) throw new MeshError('REVIEW_UNKNOWN')
  const terms = procedure.application
  if (!terms) throw new MeshError('APPLICATION_NOT_TAKEN')
  const basis = { application: lookedAtAgain(application, review), procedure, terms, review }
  if (!file.algorithm || !terms.algorithm) return { ...basis, rule: undefined }
  const { read } = await algorithmOfFile(needs, file, db)
  const used = takenBy(read.release, review.reassessment?.used ?? [])
  const facts = factsUsed(used)
  const finding = find(read.release, read.computation, facts)
  return { ...basis, rule: { ruling: { read, facts, used, finding }, algorithm: terms.algorithm } }
}
