import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { CorrectionAnswer } from '../domain/correction.js'
import { deleteAfterMs } from '../domain/exchange-record.js'

/** What a provider said was wrong of what this member had received. */
export interface ReceivedCorrection {
  /** As this member's systems name it. */
  readonly correctionId: string
  /** As its provider names it. */
  readonly toldId: string
  readonly exchangeId: string
  readonly provider: string
  readonly subject: string
  readonly evidenceType: string
  readonly purpose: string
  readonly procedure: string
  readonly wrongVersion: number
  readonly correctedVersion: number
  readonly correctedAtMs: number
  readonly heardAtMs: number
}

/** The same as it stands: where it is in the order, and its answer, if any. */
export interface StoredCorrection extends ReceivedCorrection {
  readonly position: number
  readonly outcome: CorrectionAnswer | undefined
  readonly answeredAtMs: number
}

interface Row {
  readonly position: number
  readonly correction_id: string
  readonly told_id: string
  readonly exchange_id: string
  readonly provider: string
  readonly subject: string
  readonly evidence_type: string
  readonly purpose: string
  readonly procedure: string
  readonly wrong_version: number
  readonly corrected_version: number
  readonly corrected_at_ms: number
  readonly heard_at_ms: number
  readonly outcome: CorrectionAnswer | null
  readonly answered_at_ms: number | null
}

const columns = `correction_id, told_id, exchange_id, provider, subject, evidence_type, purpose, procedure,
  wrong_version, corrected_version, corrected_at_ms, heard_at_ms`

const toCorrection = (row: Row): StoredCorrection => ({
  position: row.position,
  correctionId: row.correction_id,
  toldId: row.told_id,
  exchangeId: row.exchange_id,
  provider: row.provider,
  subject: row.subject,
  evidenceType: row.evidence_type,
  purpose: row.purpose,
  procedure: row.procedure,
  wrongVersion: row.wrong_version,
  correctedVersion: row.corrected_version,
  correctedAtMs: row.corrected_at_ms,
  heardAtMs: row.heard_at_ms,
  outcome: row.outcome ?? undefined,
  answeredAtMs: row.answered_at_ms ?? 0,
})

export type Listed = 'all' | 'open' | 'answered'
const conditions: Record<Listed, string> = {
  all: 'true',
  open: 'outcome IS NULL',
  answered: 'outcome IS NOT NULL',
}

/** Which corrections are listed; what is left out, empty or 0 filters nothing. */
export interface CorrectionFilter {
  readonly listed: Listed
  readonly exchangeId: string | undefined
  readonly evidenceType?: string
  /** Heard at that time or later; milliseconds since the epoch. */
  readonly sinceMs?: number
}

/** Positions follow the clock, give or take an hour: what came before needs no reading. */
const heardSince = (ms: string): string =>
  `heard_at_ms >= ${ms} AND position > COALESCE((SELECT position FROM received_correction
    WHERE heard_at_ms < ${ms}::bigint - 3600000 ORDER BY heard_at_ms DESC LIMIT 1), 0)`

/** Corrections of what this member received, in the order in which it heard of them. */
export class ReceivedCorrections {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Keeps a correction; false for one that is known already, which changes nothing. */
  async insert(tx: Transaction, heard: ReceivedCorrection): Promise<boolean> {
    // Two providers are heard at a time, and a position that were committed late would be missed by who has read on.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('received_correction'))`)
    const { rowCount } = await tx.query(
      `INSERT INTO received_correction (${columns}, delete_after_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (exchange_id, told_id) DO NOTHING`,
      [
        heard.correctionId,
        heard.toldId,
        heard.exchangeId,
        heard.provider,
        heard.subject,
        heard.evidenceType,
        heard.purpose,
        heard.procedure,
        heard.wrongVersion,
        heard.correctedVersion,
        heard.correctedAtMs,
        heard.heardAtMs,
        deleteAfterMs(heard.heardAtMs),
      ],
    )
    return rowCount === 1
  }

  /** At most `limit` after a position. */
  async after(position: number, of: CorrectionFilter, limit: number): Promise<StoredCorrection[]> {
    const values: (string | number)[] = [position, limit]
    const where = ['position > $1', conditions[of.listed]]
    const asked = (condition: (place: string) => string, value: string | number | undefined): void => {
      if (value) where.push(condition(`$${values.push(value)}`))
    }
    asked((place) => `exchange_id = ${place}`, of.exchangeId)
    asked((place) => `evidence_type = ${place}`, of.evidenceType)
    asked(heardSince, of.sinceMs)
    const { rows } = await this.#db.query<Row>(
      `SELECT position, ${columns}, outcome, answered_at_ms FROM received_correction
       WHERE ${where.join(' AND ')} ORDER BY position LIMIT $2`,
      values,
    )
    return rows.map(toCorrection)
  }

  /** Which of these exchanges brought what was corrected since. */
  async correctedAmong(exchangeIds: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.#db.query<{ exchange_id: string }>(
      'SELECT DISTINCT exchange_id FROM received_correction WHERE exchange_id = ANY($1::uuid[])',
      [exchangeIds],
    )
    return new Set(rows.map((row) => row.exchange_id))
  }

  /** One correction, locked until the transaction ends. */
  async lock(tx: Transaction, correctionId: string): Promise<StoredCorrection | undefined> {
    const { rows } = await tx.query<Row>(
      `SELECT position, ${columns}, outcome, answered_at_ms FROM received_correction
       WHERE correction_id = $1 FOR UPDATE`,
      [correctionId],
    )
    return rows[0] && toCorrection(rows[0])
  }

  async answer(tx: Transaction, correctionId: string, outcome: CorrectionAnswer, answeredAtMs: number): Promise<void> {
    await tx.query('UPDATE received_correction SET outcome = $2, answered_at_ms = $3 WHERE correction_id = $1', [
      correctionId,
      outcome,
      answeredAtMs,
    ])
  }

  /** Deletes what its retention no longer covers; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query('DELETE FROM received_correction WHERE delete_after_ms <= $1', [
      Math.floor(nowMs),
    ])
    return ended.rowCount ?? 0
  }
}
