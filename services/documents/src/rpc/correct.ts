import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import { EvidenceCorrected } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ReportingNeeds } from '../correction-needs.js'
import { versionsFault, type Wrong } from '../domain/correction.js'
import type { Report, Told } from '../store/correction-reports.js'
import { newestDeclared, withdrawDeclared } from '../store/declared-versions.js'

const version = z.number().int().nonnegative()

/** How wrong versions must look in a request. */
export const wrongVersions = z
  .object({ firstVersion: version, lastVersion: version, correctedVersion: version })
  .superRefine((versions, check) => {
    const fault = versionsFault(versions)
    if (fault) check.addIssue({ code: 'custom', path: [fault], message: 'not in the order first, last, corrected' })
  })

/** Tells each requester in the caller's transaction, under an id that no other requester is told. */
export const tellRequesters = async (
  { runtime }: Pick<ReportingNeeds, 'runtime'>,
  tx: Transaction,
  report: Report,
  told: readonly Told[],
): Promise<void> => {
  await runtime.outbox.add(
    tx,
    told.map(({ correctionId, exchangeId, requester, wrongVersion }) => ({
      receiver: `${requester}/documents`,
      topic: 'corrections',
      type: 'documents.evidence-corrected.v1',
      data: EvidenceCorrected.encode({
        correctionId,
        exchangeId,
        evidenceType: report.evidenceType,
        wrongVersion,
        correctedVersion: report.correctedVersion,
        correctedAtMs: report.reportedAtMs,
      }).finish(),
    })),
  )
}

/**
 * The version in which declared evidence was withdrawn; 0 when it was not, or lies in a register. Who subscribes is told of a
 * withdrawal here; of a version put right, they were told as it was declared.
 */
const settleDeclared = async (
  { holdings, changes }: ReportingNeeds,
  tx: Transaction,
  place: { readonly subject: string; readonly evidenceType: string },
  { lastVersion, correctedVersion }: Wrong,
  nowMs: number,
): Promise<number> => {
  // The versions of a register are the agency's own: only it can know them.
  if (holdings.isElsewhere(place.evidenceType)) {
    await changes.reported(tx, place)
    return 0
  }
  const newest = await newestDeclared(tx, place)
  if (Math.max(lastVersion, correctedVersion) > newest) throw new MeshError('EVIDENCE_UNKNOWN')
  if (correctedVersion !== 0) return 0
  const changed = await changes.before(tx, place)
  const withdrawn = lastVersion === newest ? await withdrawDeclared(tx, place, newest, nowMs) : undefined
  if (withdrawn === undefined) throw new MeshError('EVIDENCE_SUPERSEDED')
  await changed(undefined)
  return withdrawn
}

/**
 * Keeps a report and tells every requester that a wrong version was released to, all in the caller's transaction. Errors:
 * EVIDENCE_UNKNOWN for a version that was never declared, EVIDENCE_SUPERSEDED for a withdrawal of what is not the newest.
 */
export const correct = async (
  needs: ReportingNeeds,
  tx: Transaction,
  place: { readonly subject: string; readonly evidenceType: string },
  wrong: Wrong,
): Promise<{ readonly reportId: string; readonly exchanges: number; readonly withdrawnInVersion: number }> => {
  const { runtime, correctionReports } = needs
  const { firstVersion, lastVersion, correctedVersion } = wrong
  const reportedAtMs = Math.floor(runtime.clock.nowMs())
  const withdrawnInVersion = await settleDeclared(needs, tx, place, wrong, reportedAtMs)
  const report = { reportId: randomUUID(), ...place, firstVersion, lastVersion, correctedVersion, reportedAtMs }
  const told = await correctionReports.insert(tx, report)
  await tellRequesters(needs, tx, report, told)
  return { reportId: report.reportId, exchanges: told.length, withdrawnInVersion }
}
