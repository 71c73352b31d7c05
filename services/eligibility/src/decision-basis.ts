import type { Queryable } from '@unefois/chassis/postgres'
import type { DecisionStatement } from '@unefois/proto/decision-statements'
import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { DecisionMade, Delegation } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import type { DecisionNeeds } from './decision-needs.js'
import { algorithmNotice } from './domain/algorithm-notice.js'
import { decisionRefusal } from './domain/decision.js'
import { type RuleTookPart, statementOf } from './domain/decision-statement.js'
import type { ProcedureData } from './domain/procedure.js'
import type { ApplicationTerms } from './domain/procedure-application.js'
import { remediesAfter } from './domain/remedies.js'
import { type Ruling, rulingOn } from './ruling.js'

type Algorithm = NonNullable<ApplicationTerms['algorithm']>

/** Everything that a decision on an application is made of, apart from what the agency decides. */
export interface DecisionBasis {
  readonly application: Application
  /** As it was in force at the deposit. */
  readonly procedure: ProcedureData
  readonly terms: ApplicationTerms
  /** Absent where no rule takes part. */
  readonly rule: { readonly ruling: Ruling; readonly algorithm: Algorithm } | undefined
  /** The review that it ends, where it comes in the place of another decision. */
  readonly review?: Review
}

/** Read within a transaction where one is given. Error: APPLICATION_NOT_TAKEN. */
export const decisionBasis = async (
  { procedureBook, book }: Pick<DecisionNeeds, 'procedureBook' | 'book'>,
  application: Application,
  db?: Queryable,
): Promise<DecisionBasis> => {
  const procedure = await procedureBook.version(application.procedure, application.procedureSha256, db)
  const terms = procedure.application
  if (!terms) throw new MeshError('APPLICATION_NOT_TAKEN')
  const ruling = await rulingOn(book, application, procedure, db)
  if (!ruling) return { application, procedure, terms, rule: undefined }
  if (!terms.algorithm) throw new Error(`procedure ${procedure.id} has a rule, and does not say what it is for`)
  return { application, procedure, terms, rule: { ruling, algorithm: terms.algorithm } }
}

/** Errors: APPLICATION_ENDED, APPLICATION_INVALID naming the field, PIECES_AWAITED, DATUM_MISSING. */
export const requireDecidable = (basis: DecisionBasis, made: DecisionMade, day: string): void => {
  const { application, procedure, rule } = basis
  const refusal = decisionRefusal(
    application,
    made,
    {
      hasRule: procedure.benefit !== undefined,
      finding: rule?.ruling.finding.answer,
      hasRemedies: procedure.remedies.length > 0,
    },
    day,
  )
  if (!refusal) return
  const { reason, fault } = refusal
  throw new MeshError(reason, fault ? { detail: `${fault.field} ${fault.what}.`, facts: { ...fault } } : {})
}

/** The language in which a person applied; French is that of the law. */
export const languageOf = ({ language }: Pick<Application, 'language'>): 'fr' | 'en' =>
  language === 'en' ? 'en' : 'fr'

const ruleTookPart = ({ application, procedure, rule }: DecisionBasis): RuleTookPart | undefined =>
  rule && {
    releaseSha256: rule.ruling.read.stored.sha256,
    answer: rule.ruling.finding.answer,
    notice: algorithmNotice(rule.algorithm.purpose, procedure.service, languageOf(application)),
  }

/** The reassessment is named by its moment: what was found later is to be read first. */
const reviewClaims = ({ review }: DecisionBasis): DecisionStatement['review'] =>
  review && {
    id: review.reviewId,
    replaces: review.decisionId,
    reassessed_at_ms: review.reassessment?.atMs ?? 0,
  }

/** What is signed: by an agent, or, where nobody needs to, by the agency alone. */
export const statementOn = (
  basis: DecisionBasis,
  made: DecisionMade,
  when: Pick<DecisionStatement, 'iss' | 'decision' | 'iat'>,
  delegation: Delegation | undefined,
): DecisionStatement => {
  const { application, procedure } = basis
  const isAppeal = application.appealedDecisionId !== ''
  return statementOf({
    member: when.iss,
    decisionId: when.decision,
    preparedAt: when.iat,
    application,
    made,
    rule: ruleTookPart(basis),
    review: reviewClaims(basis),
    remedies: remediesAfter(made.outcome, procedure, { day: undefined, isAppeal }),
    delegation,
  })
}
