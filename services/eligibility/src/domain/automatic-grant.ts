import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { stateNamed } from './application-state.js'
import { isEnded } from './decision.js'
import type { ApplicationTerms } from './procedure-application.js'
import type { Answer } from './release.js'

/** What a rule found in the file of an application, and where what it read came from. */
export interface FoundInFile {
  readonly answer: Answer
  /** What is still to be asked: the answer may stand, and an amount not. */
  readonly missing: readonly string[]
  /** The known facts that the answer and its gifts may rest on. */
  readonly deciding: ReadonlySet<string>
  /** Those that evidence told. */
  readonly fromEvidence: ReadonlySet<string>
  /** Those that the person stated. */
  readonly declared: ReadonlySet<string>
  /** Whether an evidence type among the rule's sources is of a special category (GDPR article 9). */
  readonly hasSpecialSource: boolean
}

/**
 * Whether a procedure may grant an application without anybody signing (Loi 78-17, article 47): it says so, its rule says yes,
 * all that decided came from evidence, nothing is missing or wrong in the file, it is no appeal, and no source is of a special
 * category. A fact that the answer does not rest on may be unknown.
 */
export const grantsByItself = (
  application: Application,
  terms: Pick<ApplicationTerms, 'automatic'> | undefined,
  { answer, missing, deciding, fromEvidence, declared, hasSpecialSource }: FoundInFile,
  day: string,
): boolean =>
  terms?.automatic === true &&
  answer === 'yes' &&
  missing.length === 0 &&
  deciding.size > 0 &&
  [...deciding].every((fact) => fromEvidence.has(fact) && !declared.has(fact)) &&
  application.state === stateNamed['in-review'] &&
  application.corrections.every(({ resolvedAtMs }) => resolvedAtMs > 0) &&
  application.appealedDecisionId === '' &&
  !hasSpecialSource &&
  !isEnded(application, day)
