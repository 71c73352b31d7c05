import type { WithdrawalLimit } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import type { ProcedureData } from './procedure.js'
import { dayAfterTerm } from './term.js'

/**
 * Until when the agency may itself take a decision of a day back, as the procedure says; shown to an agent, and applied by nobody
 * here: whether fraud, or a request by the person, lifts a limit is the agent's to judge.
 */
export const limitsOf = (
  { application, references }: Pick<ProcedureData, 'application' | 'references'>,
  decisionDay: string,
  today: string,
): WithdrawalLimit[] =>
  (application?.withdrawal ?? []).map(({ title, within, reference }) => {
    const lastDay = dayAfterTerm(decisionDay, within)
    return { title, lastDay, isOver: lastDay < today, legalReference: references[reference]?.citation ?? '' }
  })
