import type { EligibilityContext } from './context.js'
import type { Decisions } from './store/decisions.js'

/** What a search for rights needs. */
export interface RightsNeeds
  extends Pick<EligibilityContext, 'runtime' | 'book' | 'procedures' | 'documents' | 'consent'> {
  readonly decisions: Pick<Decisions, 'grantsTo'>
}
