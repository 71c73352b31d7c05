import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import type { HubNotice } from '../domain/hub-notice.js'

/** A notice that somebody is about to tell. */
export interface DueNotice extends HubNotice {
  readonly no: number
  /** How often it was told without an answer. */
  readonly missed: number
}

interface Row {
  readonly notice_no: number
  readonly pre_application: string
  readonly method: HubNotice['method']
  readonly place_id: string
  readonly place_title: string
  readonly local_start: string
  readonly management_url: string
  readonly attempts: number
}

const columns = 'pre_application, method, place_id, place_title, local_start, management_url'

/** What the national hub has not heard yet, in one order for each pre-application. */
export class HubNotices {
  readonly #postgres: Postgres

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  /** Whoever changes the same appointment waits for its lock, so that its notices stand in the order of its changes. */
  async add(tx: Transaction, notices: readonly HubNotice[]): Promise<void> {
    for (const { preApplication, method, placeId, placeTitle, localStart, managementUrl } of notices)
      await tx.query(`INSERT INTO hub_notice (${columns}, due_at_ms) VALUES ($1, $2, $3, $4, $5, $6, 0)`, [
        ...[preApplication, method, placeId, placeTitle, localStart, managementUrl],
      ])
  }

  /** A live appointment of this agency for each of these pre-applications that has one. */
  async bookedHere(
    tx: Transaction,
    preApplications: readonly string[],
    nowMs: number,
  ): Promise<ReadonlyMap<string, string>> {
    const { rows } = await tx.query<{ pre_application: string; appointment_id: string }>(
      `SELECT pre_application, appointment_id FROM pre_application JOIN appointment USING (appointment_id)
       WHERE pre_application = ANY($1) AND state IN ('booked', 'arrived') AND ends_at_ms > $2`,
      [preApplications, Math.floor(nowMs)],
    )
    return new Map(rows.map((row) => [row.pre_application, row.appointment_id]))
  }

  /**
   * At most `limit` that are due, of each pre-application the first alone. Nobody else takes them before `untilMs`, and whoever
   * does then knows that they may have been told.
   */
  async take(nowMs: number, untilMs: number, limit: number): Promise<DueNotice[]> {
    const { rows } = await this.#postgres.query<Row>(
      `UPDATE hub_notice SET attempts = attempts + 1, due_at_ms = $2 WHERE notice_no IN (
         SELECT notice_no FROM hub_notice AS due
         WHERE due_at_ms <= $1 AND NOT EXISTS (SELECT FROM hub_notice AS earlier
           WHERE earlier.pre_application = due.pre_application AND earlier.notice_no < due.notice_no)
         ORDER BY notice_no LIMIT $3 FOR UPDATE SKIP LOCKED)
       RETURNING notice_no, attempts, ${columns}`,
      [Math.floor(nowMs), Math.floor(untilMs), limit],
    )
    return rows.map((row) => ({
      no: row.notice_no,
      missed: row.attempts - 1,
      preApplication: row.pre_application,
      method: row.method,
      placeId: row.place_id,
      placeTitle: row.place_title,
      localStart: row.local_start,
      managementUrl: row.management_url,
    }))
  }

  async heard(no: number): Promise<void> {
    await this.#postgres.query('DELETE FROM hub_notice WHERE notice_no = $1', [no])
  }

  async missed(no: number, dueAtMs: number): Promise<void> {
    await this.#postgres.query('UPDATE hub_notice SET due_at_ms = $2 WHERE notice_no = $1', [no, Math.floor(dueAtMs)])
  }

  /** Forgets what is about appointments before a local time (YYYY-MM-DDTHH:MM), of which no town hall asks any more. */
  async forgetBefore(localTime: string): Promise<void> {
    await this.#postgres.query('DELETE FROM hub_notice WHERE local_start < $1', [localTime])
  }
}
