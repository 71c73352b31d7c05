import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { KeptAppointment } from '../domain/appointment.js'
import type { AppointmentCursor, WantedAppointments } from './appointment-list.js'
import { appointmentsAfter } from './appointment-list.js'
import {
  type AppointmentRow,
  appointmentColumns,
  appointmentOf,
  appointmentValues,
  sealedSaid,
} from './appointment-rows.js'

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

/** An appointment of a person that counts towards the one of its motive. */
export interface LiveAppointment {
  readonly appointmentId: string
  /** A hold that ends by itself: another one takes its place. */
  readonly isHold: boolean
}

const select = `SELECT appointment.*, wrapped FROM appointment
  LEFT JOIN appointments_keys.file_key ON file_id = appointment_id`

const places = appointmentColumns.map((_, at) => `$${at + 3}`).join(', ')
const insert = `INSERT INTO appointment (appointment_id, content, ${appointmentColumns.join(', ')})
  VALUES ($1, $2, ${places}) RETURNING subject`
const [wrappedAt, preApplicationsAt] = [appointmentColumns.length + 3, appointmentColumns.length + 4]
const insertWhole = `WITH file AS (INSERT INTO appointments_keys.file_key (file_id, wrapped) VALUES ($1, $${wrappedAt})),
  known AS (INSERT INTO pre_application SELECT number, $1 FROM unnest($${preApplicationsAt}::text[]) AS number)
  ${insert}`
const update = `UPDATE appointment SET content = $2, ${appointmentColumns
  .map((column, at) => (column === 'subject' ? 'subject = hold_subject($3)' : `${column} = $${at + 3}`))
  .join(', ')} WHERE appointment_id = $1`

/** Holds and appointments, what was said in each encrypted with a key of its own. */
export class Appointments {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Whoever books by themselves for the same person waits here, so that what they have can be counted. Answers who stands for them. */
  async lockSubject(tx: Transaction, subject: string): Promise<string> {
    const { rows } = await tx.query<{ subject: string }>({
      name: 'appointment-lock-subject',
      text: `WITH held AS MATERIALIZED (SELECT hold_subject($1) AS subject)
             SELECT subject, pg_advisory_xact_lock(hashtext(current_schema()), hashtext('appointment ' || subject)) FROM held`,
      values: [subject],
    })
    return rows[0]?.subject ?? subject
  }

  /** Whether nobody books by themselves for the same person just now, and will while the transaction lasts; waits for nobody. */
  async tryLockSubject(tx: Transaction, subject: string): Promise<boolean> {
    const { rows } = await tx.query<{ is_locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), hashtext('appointment ' || hold_subject($1))) AS is_locked`,
      [subject],
    )
    return rows[0]?.is_locked === true
  }

  /** The same as `lockSubject` for whoever shows the same secret. */
  async lockSecret(tx: Transaction, sha256: Buffer): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('appointment ' || $1))`, [
      sha256.toString('hex'),
    ])
  }

  /** What of these motives a person has by their own hand, and has not over. */
  async liveOf(
    tx: Transaction,
    subject: string,
    motives: readonly string[],
    nowMs: number,
  ): Promise<LiveAppointment[]> {
    const { rows } = await tx.query<{ appointment_id: string; is_hold: boolean }>({
      name: 'appointment-live-of',
      // What is pledged for a visit counts as booked: nothing takes its place.
      text: `SELECT appointment_id, state = 'held' AND held_until_ms IS NOT NULL AS is_hold FROM appointment
             WHERE subject = $1 AND subject <> '' AND motive = ANY($2) AND is_by_person AND ends_at_ms > $3
               AND (state IN ('booked', 'arrived') OR (state = 'held' AND (held_until_ms IS NULL OR held_until_ms > $3)))`,
      values: [subject, motives, Math.floor(nowMs)],
    })
    return rows.map((row) => ({ appointmentId: row.appointment_id, isHold: row.is_hold }))
  }

  /** The ids of what is held by a secret. */
  async heldBySecret(tx: Transaction, sha256: Buffer): Promise<string[]> {
    const { rows } = await tx.query<{ appointment_id: string }>(
      `SELECT appointment_id FROM appointment WHERE secret_sha256 = $1 AND state = 'held'`,
      [sha256],
    )
    return rows.map((row) => row.appointment_id)
  }

  /** Keeps a new hold or appointment; answers it under the pseudonym that stands. */
  async insert(tx: Transaction, kept: KeptAppointment): Promise<KeptAppointment> {
    const { key, wrapped } = this.#needs.fileKeys.drawn(kept.appointmentId)
    const { rows } = await tx.query<{ subject: string }>({
      name: 'appointment-insert',
      text: insertWhole,
      values: [
        ...[kept.appointmentId, sealedSaid(key, kept), ...appointmentValues(kept)],
        ...[wrapped, kept.said.preApplications],
      ],
    })
    return { ...kept, subject: rows[0]?.subject ?? kept.subject }
  }

  /** Keeps what a locked one has become. */
  async save(tx: Transaction, kept: KeptAppointment): Promise<void> {
    const key = await this.#needs.fileKeys.of(tx, kept.appointmentId)
    if (!key) throw new Error(`the key of appointment ${kept.appointmentId} was deleted while it was locked`)
    await tx.query({
      name: 'appointment-update',
      text: update,
      values: [kept.appointmentId, sealedSaid(key, kept), ...appointmentValues(kept)],
    })
  }

  /** By these numbers the national hub asks for it from now on. */
  async addPreApplications(tx: Transaction, { appointmentId, said }: KeptAppointment): Promise<void> {
    await tx.query('INSERT INTO pre_application SELECT number, $1 FROM unnest($2::text[]) AS number', [
      appointmentId,
      said.preApplications,
    ])
  }

  async get(appointmentId: string, db: Queryable = this.#needs.postgres): Promise<KeptAppointment | undefined> {
    return (await this.#read(db, 'WHERE appointment_id = $1', [appointmentId]))[0]
  }

  /** Those of a secret, the first to begin first. */
  async bySecret(sha256: Buffer, db: Queryable = this.#needs.postgres): Promise<KeptAppointment[]> {
    return this.#read(db, 'WHERE secret_sha256 = $1 ORDER BY starts_at_ms, appointment_id', [sha256])
  }

  /** These, locked in one order until the transaction ends. */
  async lock(tx: Transaction, appointmentIds: readonly string[]): Promise<KeptAppointment[]> {
    return this.#read(tx, 'WHERE appointment_id = ANY($1::uuid[]) ORDER BY appointment_id FOR UPDATE OF appointment', [
      appointmentIds,
    ])
  }

  /** A whole series, locked in the same order. */
  async lockSeries(tx: Transaction, seriesId: string): Promise<KeptAppointment[]> {
    return this.#read(tx, 'WHERE series_id = $1 ORDER BY appointment_id FOR UPDATE OF appointment', [seriesId])
  }

  /** These, but what others have locked, which they deal with. */
  async lockFree(tx: Transaction, appointmentIds: readonly string[]): Promise<KeptAppointment[]> {
    return this.#read(
      tx,
      'WHERE appointment_id = ANY($1::uuid[]) ORDER BY appointment_id FOR UPDATE OF appointment SKIP LOCKED',
      [appointmentIds],
    )
  }

  /** Those of which a reminder is due, locked; at most `limit`. */
  async lockDueReminders(tx: Transaction, nowMs: number, limit: number): Promise<KeptAppointment[]> {
    return this.#read(
      tx,
      'WHERE remind_at_ms <= $1 ORDER BY remind_at_ms LIMIT $2 FOR UPDATE OF appointment SKIP LOCKED',
      [Math.floor(nowMs), limit],
    )
  }

  /** When the next reminders are due. */
  async remindAt(tx: Transaction, next: ReadonlyMap<string, number | undefined>): Promise<void> {
    await tx.query(
      `UPDATE appointment SET remind_at_ms = next.at_ms FROM unnest($1::uuid[], $2::bigint[]) AS next (id, at_ms)
       WHERE appointment_id = next.id`,
      [[...next.keys()], [...next.values()].map((atMs) => atMs ?? null)],
    )
  }

  /** Holds end: they are over from now on, whenever they would have been. The transaction has locked them. */
  async lapse(tx: Transaction, appointmentIds: readonly string[]): Promise<void> {
    await tx.query(
      `UPDATE appointment SET state = 'lapsed' WHERE appointment_id = ANY($1::uuid[]) AND state = 'held'`,
      [appointmentIds],
    )
  }

  /** The live appointments of pre-applications. */
  async ofPreApplications(preApplications: readonly string[], nowMs: number): Promise<KeptAppointment[]> {
    return this.#read(
      this.#needs.postgres,
      `WHERE appointment_id IN (SELECT appointment_id FROM pre_application WHERE pre_application = ANY($1))
         AND state IN ('booked', 'arrived') AND ends_at_ms > $2 ORDER BY starts_at_ms, appointment_id`,
      [preApplications, Math.floor(nowMs)],
    )
  }

  /** A page of a list, in the order of beginnings. */
  async list(
    after: AppointmentCursor | undefined,
    wanted: WantedAppointments,
    limit: number,
    db: Queryable = this.#needs.postgres,
  ): Promise<{ readonly appointments: readonly KeptAppointment[]; readonly upTo: AppointmentCursor | undefined }> {
    const { ids, upTo } = await appointmentsAfter(db, after, wanted, limit)
    if (ids.length === 0) return { appointments: [], upTo }
    const appointments = await this.#read(
      db,
      'WHERE appointment_id = ANY($1::uuid[]) ORDER BY starts_at_ms, appointment_id',
      [ids],
    )
    return { appointments, upTo }
  }

  /** Deletes at most `limit` that no retention covers, and their keys; answers how many. */
  async deleteEnded(nowMs: number, limit: number): Promise<number> {
    const { rows } = await this.#needs.postgres.query<{ ended: number }>(
      `WITH due AS (SELECT appointment_id FROM appointment WHERE delete_after_ms <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED),
       ended AS (DELETE FROM appointment USING due WHERE appointment.appointment_id = due.appointment_id
                 RETURNING appointment.appointment_id),
       keys AS (DELETE FROM appointments_keys.file_key USING ended WHERE file_id = ended.appointment_id),
       claims AS (DELETE FROM claim USING ended WHERE holder_id = ended.appointment_id)
       SELECT count(*) AS ended FROM ended`,
      [Math.floor(nowMs), limit],
    )
    return rows[0]?.ended ?? 0
  }

  /** Without those whose key was deleted: nobody can read them. */
  async #read(db: Queryable, where: string, values: unknown[]): Promise<KeptAppointment[]> {
    const { rows } = await db.query<AppointmentRow>(`${select} ${where}`, values)
    return rows.flatMap((row) =>
      row.wrapped ? [appointmentOf(row, this.#needs.fileKeys.unwrap(row.appointment_id, row.wrapped))] : [],
    )
  }
}
