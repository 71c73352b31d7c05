import { randomUUID } from 'node:crypto'
import type { Postgres, Queryable, Transaction } from '@unefois/chassis/postgres'
import { type CorrectionAnswer, isToBeTold, type Wrong, watchMs } from '../domain/correction.js'
import { deleteAfterMs } from '../domain/exchange-record.js'
import type { AccessStore } from './accesses.js'

/** What the agency said was wrong. */
export interface Report extends Wrong {
  readonly reportId: string
  readonly subject: string
  readonly evidenceType: string
  readonly reportedAtMs: number
}

/** One past exchange whose requester is told. */
export interface Told {
  readonly correctionId: string
  readonly exchangeId: string
  readonly requester: string
  readonly wrongVersion: number
  readonly outcome: CorrectionAnswer | undefined
  readonly answeredAtMs: number
}

interface ReportRow {
  readonly report_id: string
  readonly subject: string
  readonly evidence_type: string
  readonly first_version: number
  readonly last_version: number
  readonly corrected_version: number
  readonly reported_at_ms: number
}

interface ToldRow {
  readonly correction_id: string
  readonly exchange_id: string
  readonly requester: string
  readonly wrong_version: number
  readonly outcome: CorrectionAnswer | null
  readonly answered_at_ms: number | null
}

const reportColumns =
  'report_id, subject, evidence_type, first_version, last_version, corrected_version, reported_at_ms'
const recordsAtOnce = 200

const toReport = (row: ReportRow): Report => ({
  reportId: row.report_id,
  subject: row.subject,
  evidenceType: row.evidence_type,
  firstVersion: row.first_version,
  lastVersion: row.last_version,
  correctedVersion: row.corrected_version,
  reportedAtMs: row.reported_at_ms,
})

const toTold = (row: ToldRow): Told => ({
  correctionId: row.correction_id,
  exchangeId: row.exchange_id,
  requester: row.requester,
  wrongVersion: row.wrong_version,
  outcome: row.outcome ?? undefined,
  answeredAtMs: row.answered_at_ms ?? 0,
})

/** What this agency said was wrong of what it holds, and to whom it had been released. */
export class CorrectionReports {
  readonly #postgres: Pick<Postgres, 'query' | 'transaction'>
  readonly #accesses: AccessStore

  constructor(postgres: Pick<Postgres, 'query' | 'transaction'>, accesses: AccessStore) {
    this.#postgres = postgres
    this.#accesses = accesses
  }

  /** Keeps a report; answers the exchanges in which a wrong version was released. */
  async insert(tx: Transaction, report: Report): Promise<Told[]> {
    await tx.query(
      `INSERT INTO correction_report (${reportColumns}, watched_until_ms, delete_after_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        report.reportId,
        report.subject,
        report.evidenceType,
        report.firstVersion,
        report.lastVersion,
        report.correctedVersion,
        report.reportedAtMs,
        report.reportedAtMs + watchMs,
        deleteAfterMs(report.reportedAtMs),
      ],
    )
    return this.#tell(tx, report)
  }

  /**
   * Looks once more for releases that were under way as their version was reported; hands over, in the transaction that
   * remembers them, those that nobody was told of.
   */
  async tellLate(nowMs: number, tell: (tx: Transaction, report: Report, told: Told[]) => Promise<void>): Promise<void> {
    const { rows } = await this.#postgres.query<{ report_id: string }>(
      'SELECT report_id FROM correction_report WHERE watched_until_ms IS NOT NULL',
    )
    for (const { report_id: reportId } of rows)
      await this.#postgres.transaction(async (tx) => {
        const report = await this.#watched(tx, reportId, nowMs)
        if (report) await tell(tx, report, await this.#tell(tx, report))
      })
  }

  async report(reportId: string): Promise<Report | undefined> {
    return (await this.reports([reportId])).get(reportId)
  }

  /** Those of these reports that are kept, by their ids; an empty id is none. */
  async reports(reportIds: readonly string[]): Promise<Map<string, Report>> {
    const { rows } = await this.#postgres.query<ReportRow>(
      `SELECT ${reportColumns} FROM correction_report WHERE report_id = ANY($1::uuid[])`,
      [reportIds.filter((id) => id !== '')],
    )
    return new Map(rows.map((row) => [row.report_id, toReport(row)]))
  }

  /** At most `limit`, after a correction id (undefined: from the first). */
  async told(reportId: string, after: string | undefined, limit: number): Promise<Told[]> {
    const { rows } = await this.#postgres.query<ToldRow>(
      `SELECT correction_id, exchange_id, requester, wrong_version, outcome, answered_at_ms FROM told_correction
       WHERE report_id = $1 AND ($2::uuid IS NULL OR correction_id > $2) ORDER BY correction_id LIMIT $3`,
      [reportId, after ?? null, limit],
    )
    return rows.map(toTold)
  }

  /** Keeps the first answer of the member that was told; false when this member was told no such thing. */
  async answer(
    tx: Transaction,
    of: { readonly correctionId: string; readonly exchangeId: string; readonly requester: string },
    { outcome, answeredAtMs }: { readonly outcome: CorrectionAnswer; readonly answeredAtMs: number },
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE told_correction SET outcome = COALESCE(outcome, $4), answered_at_ms = COALESCE(answered_at_ms, $5)
       WHERE correction_id = $1 AND exchange_id = $2 AND requester = $3`,
      [of.correctionId, of.exchangeId, of.requester, outcome, answeredAtMs],
    )
    return rowCount === 1
  }

  /** Deletes what its retention no longer covers; answers how many reports. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#postgres.query('DELETE FROM correction_report WHERE delete_after_ms <= $1', [
      Math.floor(nowMs),
    ])
    return ended.rowCount ?? 0
  }

  /** A report that is still to be looked at, by nobody else meanwhile; this look is the last one once its time is over. */
  async #watched(tx: Transaction, reportId: string, nowMs: number): Promise<Report | undefined> {
    const { rows } = await tx.query<ReportRow>(
      `SELECT ${reportColumns} FROM correction_report
       WHERE report_id = $1 AND watched_until_ms IS NOT NULL FOR UPDATE SKIP LOCKED`,
      [reportId],
    )
    await tx.query(
      'UPDATE correction_report SET watched_until_ms = NULL WHERE report_id = $1 AND watched_until_ms <= $2',
      [rows[0]?.report_id ?? null, Math.floor(nowMs)],
    )
    return rows[0] && toReport(rows[0])
  }

  /** Goes through every record of the person; answers the exchanges of which nobody was told for this report. */
  async #tell(tx: Queryable, report: Report): Promise<Told[]> {
    const told: Told[] = []
    let before: number | undefined
    let isMore = true
    while (isMore) {
      const page = await this.#accesses.list(report.subject, before, recordsAtOnce, tx)
      const concerned = page
        .map(({ opening }) => opening.record)
        .filter((record) => isToBeTold(record, report.evidenceType, report))
      const { rows } = await tx.query<ToldRow>(
        `INSERT INTO told_correction (correction_id, report_id, exchange_id, requester, wrong_version)
         SELECT told.correction_id, $1, told.exchange_id, told.requester, told.wrong_version
         FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[])
           AS told (correction_id, exchange_id, requester, wrong_version)
         ON CONFLICT DO NOTHING
         RETURNING correction_id, exchange_id, requester, wrong_version, outcome, answered_at_ms`,
        [
          report.reportId,
          concerned.map(() => randomUUID()),
          concerned.map((record) => record.exchange_id),
          concerned.map((record) => record.counterparty),
          concerned.map((record) => record.evidence_version),
        ],
      )
      told.push(...rows.map(toTold))
      before = page.at(-1)?.opening.sequence
      isMore = page.length === recordsAtOnce
    }
    return told
  }
}
