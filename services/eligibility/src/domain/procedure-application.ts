import type { ProcedureData, Reach, Term } from './procedure.js'
import type { Bilingual, Fault } from './release.js'

/** A text in both languages, and in easy-to-read French where somebody wrote it. */
export type ProcedureText = Bilingual & { readonly falc?: string | undefined }

/** How a procedure takes applications and decides on them. */
export interface ApplicationTerms {
  /** How long the person has for what is missing or wrong (CRPA L114-5). */
  readonly completion: Term
  /** It may grant without anybody signing; it never refuses (Loi 78-17, article 47). */
  readonly automatic: boolean
  /** What the rule is for, and to what degree it contributes to the decision (CRPA R311-3-1-2, 1°). */
  readonly algorithm?: { readonly purpose: ProcedureText; readonly contribution: ProcedureText } | undefined
  /** How long the file of a decision is kept after its day, and under which text. */
  readonly retention: { readonly after: Term; readonly reference: string }
  /** Until when the agency may itself take a decision back (CRPA L242-1 and L242-2). */
  readonly withdrawal: readonly { readonly title: Bilingual; readonly within: Term; readonly reference: string }[]
  /** Of amounts that the rule gives: whether more is better for the person, or less. Of others a review says it is unknown. */
  readonly better?: Readonly<Record<string, 'more' | 'less'>> | undefined
}

const fault = (at: string, what: string): Fault => ({ at, what })

const faultsOfAlgorithm = (
  { kind, benefit }: ProcedureData,
  { automatic, algorithm }: ApplicationTerms,
  reach: Reach,
): Fault[] => {
  if (kind !== 'benefit')
    return [
      ...(automatic ? [fault('application/automatic', 'is for a benefit: only a rule that says yes can grant')] : []),
      ...(algorithm ? [fault('application/algorithm', 'is for a benefit: this procedure has no rule')] : []),
    ]
  const special = automatic && benefit !== undefined ? reach.specialSourcesOf(benefit) : []
  return [
    ...(algorithm
      ? []
      : [
          fault(
            'application',
            'says in algorithm what its rule is for and how it contributes (CRPA L311-3-1, R311-3-1-2)',
          ),
        ]),
    ...(special.length === 0
      ? []
      : [
          fault(
            'application/automatic',
            `is false: its rule asks ${special.join(', ')}, of a special category (GDPR article 9; Loi 78-17, article 47)`,
          ),
        ]),
  ]
}

/** What is better can be said of amounts alone: which form of a right is worth more to somebody is theirs to say. */
const faultsOfBetter = ({ benefit }: ProcedureData, { better = {} }: ApplicationTerms, reach: Reach): Fault[] => {
  const amounts = benefit === undefined ? [] : reach.amountsOf(benefit)
  return Object.keys(better).flatMap((name) =>
    amounts.includes(name) ? [] : [fault(`application/better/${name}`, 'is no amount that the rule gives')],
  )
}

/** What is wrong with how a procedure takes applications; one that takes none has no fault. */
export const faultsOfApplication = (procedure: ProcedureData, reach: Reach): Fault[] => {
  const { kind, application, remedies, references } = procedure
  if (!application) return []
  if (kind === 'orientation') return [fault('application', 'is for a procedure that decides: this one only orients')]
  return [
    ...(remedies.length > 0
      ? []
      : [fault('remedies', 'says what a person can do against a refusal: whoever applies may be refused')]),
    ...faultsOfAlgorithm(procedure, application, reach),
    ...faultsOfBetter(procedure, application, reach),
    ...[application.retention, ...application.withdrawal].flatMap(({ reference }) =>
      Object.hasOwn(references, reference) ? [] : [fault('references', `has no ${reference}`)],
    ),
  ]
}
