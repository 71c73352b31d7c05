import type { Queryable } from '@unefois/chassis/postgres'
import { decisionSignatureType } from '@unefois/proto/decision-statements'
import type { Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import type { ProcedureData } from './domain/procedure.js'
import type { ReviewNeeds } from './review-needs.js'
import type { StoredDecision } from './store/decisions.js'

/** A decision with the procedure by which it was made, as that stood at the deposit. */
export interface ReviewedDecision {
  readonly file: StoredDecision
  readonly procedure: ProcedureData
}

/** The procedure that a decision names, whatever became of its application. */
const procedureOfFile = (
  { procedureBook }: Pick<ReviewNeeds, 'procedureBook'>,
  { decision: { decisionId }, statementJson }: StoredDecision,
  db: Queryable | undefined,
): Promise<ProcedureData> => {
  const statement = decisionSignatureType.readClaims(JSON.parse(statementJson))
  if (!statement) throw new Error(`the statement of decision ${decisionId} can no longer be read`)
  return procedureBook.version(statement.procedure, statement.procedure_sha256, db)
}

/** The decision of a review; undefined once its file was deleted, which its review goes with. */
export const decisionOf = async (
  needs: Pick<ReviewNeeds, 'procedureBook' | 'decisions'>,
  { decisionId }: Pick<Review, 'decisionId'>,
  db?: Queryable,
): Promise<ReviewedDecision | undefined> => {
  const file = await needs.decisions.get(decisionId, undefined, db)
  return file && { file, procedure: await procedureOfFile(needs, file, db) }
}

/** The same. Error: REVIEW_UNKNOWN where there is none. */
export const reviewedDecision = async (...args: Parameters<typeof decisionOf>): Promise<ReviewedDecision> => {
  const decision = await decisionOf(...args)
  if (!decision) throw new MeshError('REVIEW_UNKNOWN')
  return decision
}
