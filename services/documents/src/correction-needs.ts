import type { DocumentsContext } from './context.js'
import type { Contests } from './store/contests.js'
import type { CorrectionReports } from './store/correction-reports.js'
import type { ReceivedCorrections } from './store/received-corrections.js'
import type { ReceivedHoldings } from './store/received-holdings.js'

/** What is needed to say that evidence was wrong. */
export interface ReportingNeeds extends Pick<DocumentsContext, 'runtime' | 'holdings' | 'changes'> {
  readonly correctionReports: CorrectionReports
}

/** What is needed to hear and to answer that evidence was wrong. */
export interface HearingNeeds extends Pick<DocumentsContext, 'runtime' | 'accesses'> {
  readonly receivedCorrections: ReceivedCorrections
}

/** What is needed to keep what people contest. */
export interface ContestNeeds extends Pick<DocumentsContext, 'runtime' | 'tickets' | 'holdings' | 'protectedSubjects'> {
  readonly contests: Contests
}

/** What is needed to show a person what this member holds about them. */
export interface HoldingsNeeds
  extends Pick<DocumentsContext, 'runtime' | 'tickets' | 'holdings' | 'accesses' | 'protectedSubjects' | 'places'> {
  readonly receivedCorrections: ReceivedCorrections
  readonly receivedHoldings: ReceivedHoldings
  /** The evidence types that stay in the agency's own register. */
  readonly registerTypes: readonly string[]
}
