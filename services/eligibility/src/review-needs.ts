import type { EligibilityContext } from './context.js'
import type { Decisions } from './store/decisions.js'

/** What reviews of decisions need. */
export interface ReviewNeeds
  extends Pick<
    EligibilityContext,
    'runtime' | 'book' | 'releases' | 'procedureBook' | 'documents' | 'subjects' | 'applications' | 'reviews'
  > {
  readonly decisions: Decisions
}
