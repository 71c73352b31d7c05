import type { Transaction } from '@unefois/chassis/postgres'
import type { EligibilityContext } from './context.js'
import type { KeptApplication } from './domain/application.js'
import type { ProcedureData } from './domain/procedure.js'
import type { Gathered } from './gather.js'
import type { ReadRelease } from './rule-book.js'

/** Whether an agency issued a decision to a person by a procedure, so that they may appeal against it. */
export type IsAppealable = (
  tx: Transaction,
  decision: { readonly decisionId: string; readonly subject: string; readonly procedure: string },
) => Promise<boolean>

/** An application that was examined, in the transaction that keeps what came of it. */
export interface Examination {
  readonly kept: KeptApplication
  readonly procedure: ProcedureData
  readonly read: ReadRelease
  readonly gathered: Gathered
}

/**
 * The one place where an examination may end in a decision: by a procedure that grants by itself. Answers the application as it
 * stands after; unchanged where nothing is granted.
 */
export type AfterExamination = (tx: Transaction, examination: Examination) => Promise<KeptApplication>

/** What the RPCs and chores of applications need. */
export interface ApplicationNeeds
  extends Pick<
    EligibilityContext,
    'runtime' | 'book' | 'procedures' | 'procedureBook' | 'documents' | 'subjects' | 'applications' | 'decisionKey'
  > {
  readonly isAppealable: IsAppealable
  readonly afterExamination: AfterExamination
}
