import type { RemedyOpen } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { outcomeNamed } from './outcome.js'
import type { ProcedureData } from './procedure.js'
import { dayAfterTerm } from './term.js'

type Remedies = Pick<ProcedureData, 'remedies' | 'references'>

/**
 * The remedies of a procedure as they are told with a decision; `day` is that of the decision, undefined while there is none.
 * Whoever was told later has longer than the last day says, never less. What a mandatory first remedy comes before has no day
 * yet; one that was used already, because this decides on it, is not told again where another is left.
 */
export const remediesOpen = (
  { remedies, references }: Remedies,
  { day, isAppeal }: { readonly day: string | undefined; readonly isAppeal: boolean },
): RemedyOpen[] => {
  const others = remedies.filter(({ isMandatoryFirst }) => !isMandatoryFirst)
  const told = isAppeal && others.length > 0 ? others : remedies
  const waitsForFirst = told.some(({ isMandatoryFirst }) => isMandatoryFirst)
  return told.map(({ title, within, isMandatoryFirst, reference }) => ({
    title,
    ...within,
    isMandatoryFirst,
    legalReference: references[reference]?.citation ?? '',
    lastDay: day === undefined || (waitsForFirst && !isMandatoryFirst) ? '' : dayAfterTerm(day, within),
  }))
}

/** The same for an outcome: against what was granted whole there is nothing to do. */
export const remediesAfter = (
  outcome: Outcome,
  procedure: Remedies,
  when: { readonly day: string | undefined; readonly isAppeal: boolean },
): RemedyOpen[] => (outcome === outcomeNamed.granted ? [] : remediesOpen(procedure, when))
