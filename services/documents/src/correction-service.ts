import type { Consumers } from '@unefois/chassis/inbox'
import type { Postgres } from '@unefois/chassis/postgres'
import { type Served, served } from '@unefois/chassis/service'
import { CorrectionServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import type { DocumentsContext } from './context.js'
import { onCorrectionAnswered } from './events/on-correction-answered.js'
import { onEvidenceCorrected } from './events/on-evidence-corrected.js'
import { answerContest } from './rpc/answer-contest.js'
import { answerCorrection } from './rpc/answer-correction.js'
import { contestEvidence } from './rpc/contest-evidence.js'
import { tellRequesters } from './rpc/correct.js'
import { getCorrectionReport } from './rpc/get-correction-report.js'
import { listContests } from './rpc/list-contests.js'
import { listCorrections } from './rpc/list-corrections.js'
import { listHoldings } from './rpc/list-holdings.js'
import { listOwnContests } from './rpc/list-own-contests.js'
import { reportCorrection } from './rpc/report-correction.js'
import type { AccessStore } from './store/accesses.js'
import { Contests } from './store/contests.js'
import { CorrectionReports } from './store/correction-reports.js'
import { ReceivedCorrections } from './store/received-corrections.js'
import type { ReceivedEvidenceStore } from './store/received-evidence.js'
import { ReceivedHoldings } from './store/received-holdings.js'
import type { SubjectKeys } from './store/subject-keys.js'

/** What corrections, contests and holdings are kept in. */
export interface CorrectionStores {
  readonly correctionReports: CorrectionReports
  readonly receivedCorrections: ReceivedCorrections
  readonly contests: Contests
  readonly receivedHoldings: ReceivedHoldings
  /** The evidence types that stay in the agency's own register. */
  readonly registerTypes: readonly string[]
}

interface Ground {
  readonly postgres: Postgres
  readonly subjectKeys: SubjectKeys
  readonly accesses: AccessStore
  readonly received: ReceivedEvidenceStore
  readonly registerTypes: readonly string[]
}

export const openCorrectionStores = (ground: Ground): CorrectionStores => {
  const { postgres, subjectKeys, accesses, received, registerTypes } = ground
  return {
    correctionReports: new CorrectionReports(postgres, accesses),
    receivedCorrections: new ReceivedCorrections(postgres),
    contests: new Contests(postgres, subjectKeys),
    receivedHoldings: new ReceivedHoldings(postgres, received, accesses),
    registerTypes,
  }
}

type Needs = Pick<
  DocumentsContext,
  'changes' | 'runtime' | 'tickets' | 'holdings' | 'accesses' | 'protectedSubjects' | 'places'
> &
  CorrectionStores

/** The second contract of the documents service. */
export const correctionService = (needs: Needs): Served =>
  served(CorrectionServiceDefinition, {
    reportCorrection: reportCorrection(needs),
    getCorrectionReport: getCorrectionReport(needs),
    listCorrections: listCorrections(needs),
    answerCorrection: answerCorrection(needs),
    contestEvidence: contestEvidence(needs),
    listOwnContests: listOwnContests(needs),
    listContests: listContests(needs),
    answerContest: answerContest(needs),
    listHoldings: listHoldings(needs),
  })

/** What documents hears from documents of other members. */
export const correctionConsumers = (needs: Needs): Consumers => ({
  'documents.evidence-corrected.v1': onEvidenceCorrected(needs),
  'documents.correction-answered.v1': onCorrectionAnswered(needs),
})

/** Tells of releases that were under way when their version was reported, and forgets what no retention covers. */
export const keepCorrections = async (needs: Needs): Promise<void> => {
  const { runtime, correctionReports, receivedCorrections, contests } = needs
  const nowMs = runtime.clock.nowMs()
  await correctionReports.tellLate(nowMs, (tx, report, told) => tellRequesters(needs, tx, report, told))
  runtime.outbox.wake()
  await correctionReports.deleteEnded(nowMs)
  await receivedCorrections.deleteEnded(nowMs)
  await contests.deleteEnded(nowMs)
}
