import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import type { DroppedNotice, HubNotice, TimedNotice } from '../domain/hub-notice.js'
import { isProtected } from './protected-subjects.js'

/** A notice that somebody is about to tell. */
export interface DueNotice extends HubNotice {
  readonly no: number
  /** How often it was told without an answer. */
  readonly missed: number
}

interface NoticeRow {
  readonly pre_application: string
  readonly method: HubNotice['method']
  readonly place_id: string
  readonly place_title: string
  readonly local_start: string
  readonly management_url: string
}

interface Row extends NoticeRow {
  readonly notice_no: number
  readonly attempts: number
}

interface DroppedRow extends NoticeRow {
  readonly appointment_id: string
  readonly attempts: number
  readonly due_at_ms: number
}

const noticeOf = (row: NoticeRow): HubNotice => ({
  preApplication: row.pre_application,
  method: row.method,
  placeId: row.place_id,
  placeTitle: row.place_title,
  localStart: row.local_start,
  managementUrl: row.management_url,
})

const columns = 'pre_application, method, place_id, place_title, local_start, management_url'

/** Of the pseudonyms of a statement's first parameter, and of all others of the same people. */
const isTheirs = `subject <> '' AND subject IN (SELECT name FROM unnest($1::text[]) AS given, names_of(given) AS named (name))`

/** What the national hub has not heard yet, in one order for each pre-application. */
export class HubNotices {
  readonly #postgres: Postgres

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  /** Whoever changes the same appointment waits for its lock, so that its notices stand in the order of its changes. */
  async add(tx: Transaction, notices: readonly (HubNotice & Partial<TimedNotice>)[]): Promise<void> {
    for (const { preApplication, method, placeId, placeTitle, localStart, managementUrl, dueAtMs = 0 } of notices)
      await tx.query(`INSERT INTO hub_notice (${columns}, due_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`, [
        ...[preApplication, method, placeId, placeTitle, localStart, managementUrl, dueAtMs],
      ])
  }

  /** Keeps whether the hub knows an appointment once it has heard everything, or knows it no more. */
  async keepTold(tx: Transaction, appointmentId: string, isTold: boolean): Promise<void> {
    await tx.query('UPDATE pre_application SET is_told = $2 WHERE appointment_id = $1 AND is_told <> $2', [
      appointmentId,
      isTold,
    ])
  }

  /** The hub is told of no appointment of these people any more, whichever name of theirs it is kept under; answers what it was to hear. */
  async dropPosts(tx: Transaction, subjects: readonly string[]): Promise<DroppedNotice[]> {
    const { rows } = await tx.query<DroppedRow>(
      `DELETE FROM hub_notice AS notice USING pre_application AS kept JOIN appointment USING (appointment_id)
       WHERE ${isTheirs} AND notice.method = 'POST' AND notice.pre_application = kept.pre_application
         AND right(notice.management_url, 36) = kept.appointment_id::text
       RETURNING appointment_id, attempts, due_at_ms, notice.pre_application, method, notice.place_id, place_title,
                 local_start, management_url`,
      [subjects],
    )
    return rows.map((row) => ({
      appointmentId: row.appointment_id,
      notice: noticeOf(row),
      maybeToldUntilMs: row.attempts > 0 ? row.due_at_ms : undefined,
    }))
  }

  /** Keeps that the hub knows no appointment of these people any more; answers by which numbers it did, by appointment. */
  async keepForgotten(tx: Transaction, subjects: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const { rows } = await tx.query<{ appointment_id: string; numbers: string[] }>(
      `WITH forgotten AS (
         UPDATE pre_application AS kept SET is_told = false FROM appointment
         WHERE ${isTheirs} AND kept.appointment_id = appointment.appointment_id AND is_told
         RETURNING kept.appointment_id, pre_application)
       SELECT appointment_id, array_agg(pre_application) AS numbers FROM forgotten GROUP BY appointment_id`,
      [subjects],
    )
    return new Map(rows.map((row) => [row.appointment_id, row.numbers]))
  }

  /** A live appointment of this agency for each of these pre-applications that has one, but of nobody who is protected. */
  async bookedHere(
    tx: Transaction,
    preApplications: readonly string[],
    nowMs: number,
  ): Promise<ReadonlyMap<string, string>> {
    const { rows } = await tx.query<{ pre_application: string; appointment_id: string }>(
      `SELECT pre_application, appointment_id FROM pre_application JOIN appointment USING (appointment_id)
       WHERE pre_application = ANY($1) AND state IN ('booked', 'arrived') AND ends_at_ms > $2
         AND NOT ${isProtected('subject', '$2')}`,
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
    return rows.map((row) => ({ ...noticeOf(row), no: row.notice_no, missed: row.attempts - 1 }))
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
