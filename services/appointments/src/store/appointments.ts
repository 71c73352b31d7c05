import type { FileKeys } from '@unefois/chassis/file-keys'
import { apart, isJoint, jointLock, jointly, jointRead, jointWrite } from '@unefois/chassis/joint'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { KeptAppointment } from '../domain/appointment.js'
import type { AppointmentCursor, WantedAppointments } from './appointment-list.js'
import { appointmentsAfter } from './appointment-list.js'
import {
  type AppointmentRow,
  appointmentColumns,
  appointmentOf,
  appointmentValues,
  columnTypes,
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

const columns = appointmentColumns.join(', ')
const arrays = appointmentColumns.map((column, at) => `$${at + 3}::${columnTypes[column]}[]`).join(', ')
const wrappedAt = appointmentColumns.length + 3
const insert = `WITH added AS (SELECT * FROM unnest($1::uuid[], $2::bytea[], ${arrays}, $${wrappedAt}::bytea[])
    AS added (appointment_id, content, ${columns}, wrapped)),
  file AS (INSERT INTO appointments_keys.file_key (file_id, wrapped) SELECT appointment_id, wrapped FROM added)
  INSERT INTO appointment (appointment_id, content, ${columns})
  SELECT appointment_id, content, ${columns} FROM added RETURNING appointment_id, subject`
const update = `UPDATE appointment SET content = changed.content, ${appointmentColumns
  .map((column) => `${column} = ${column === 'subject' ? 'hold_subject(changed.subject)' : `changed.${column}`}`)
  .join(', ')} FROM unnest($1::uuid[], $2::bytea[], ${arrays}) AS changed (appointment_id, content, ${columns})
  WHERE appointment.appointment_id = changed.appointment_id`

/** The values of `arrays` and of what comes before them; each is encrypted with its key. */
const arrayValues = (each: readonly KeptAppointment[], keyOf: (appointmentId: string) => Buffer): unknown[] => {
  const rows = each.map(appointmentValues)
  return [
    each.map(({ appointmentId }) => appointmentId),
    each.map((kept) => sealedSaid(keyOf(kept.appointmentId), kept)),
    ...appointmentColumns.map((_, column) => rows.map((row) => row[column])),
  ]
}

const personKey = `hashtext(current_schema()), hashtext('appointment ' || subject)`

/** Locks people, each by who stands for them; `lock` is SQL for whether it did. */
const subjectLocking = (name: string, lock: string) =>
  jointLock<string, string>(
    async (tx, subjects) => {
      const { rows } = await tx.query<{ nr: number; subject: string; is_locked: boolean }>({
        name,
        text: `WITH held AS MATERIALIZED (
                 SELECT nr, hold_subject(named) AS subject FROM unnest($1::text[]) WITH ORDINALITY AS asked (named, nr) ORDER BY named)
               SELECT nr, subject, ${lock} AS is_locked FROM held`,
        values: [subjects],
      })
      const locked = new Map(rows.filter((row) => row.is_locked).map(({ nr, subject }) => [nr, subject]))
      return subjects.map((_, at) => locked.get(at + 1) ?? apart)
    },
    (_, subject) => [subject],
  )

const subjectLocked = subjectLocking('appointment-lock-subject', `pg_advisory_xact_lock(${personKey}) IS NOT NULL`)
/** In company nobody is waited for: the others would wait as well. */
const subjectTried = subjectLocking('appointment-try-subject', `pg_try_advisory_xact_lock(${personKey})`)

interface LiveAsked {
  readonly subject: string
  readonly motives: readonly string[]
  readonly nowMs: number
}

const live = jointRead<LiveAsked, LiveAppointment[]>(async (tx, asked) => {
  const pairs = asked.flatMap(({ subject, motives, nowMs }, nr) =>
    motives.map((motive) => ({ nr, subject, motive, nowMs: Math.floor(nowMs) })),
  )
  const { rows } = await tx.query<{ nr: number; appointment_id: string; is_hold: boolean }>({
    name: 'appointment-live-of',
    // What is pledged for a visit counts as booked: nothing takes its place.
    text: `SELECT nr, appointment_id, is_hold
           FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[]) AS asked (nr, subject, motive, now_ms)
           CROSS JOIN LATERAL (
             SELECT appointment_id, state = 'held' AND held_until_ms IS NOT NULL AS is_hold FROM appointment
             WHERE subject = asked.subject AND subject <> '' AND motive = asked.motive AND is_by_person AND ends_at_ms > now_ms
               AND (state IN ('booked', 'arrived') OR (state = 'held' AND (held_until_ms IS NULL OR held_until_ms > now_ms)))
             OFFSET 0) AS live`,
    values: [
      pairs.map(({ nr }) => nr),
      pairs.map(({ subject }) => subject),
      pairs.map(({ motive }) => motive),
      pairs.map(({ nowMs }) => nowMs),
    ],
  })
  return asked.map((_, at) =>
    rows.filter(({ nr }) => nr === at).map((row) => ({ appointmentId: row.appointment_id, isHold: row.is_hold })),
  )
})

/** Holds and appointments, what was said in each encrypted with a key of its own. */
export class Appointments {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Whoever books by themselves for the same person waits here, so that what they have can be counted. Answers who stands for them. */
  async lockSubject(tx: Transaction, subject: string): Promise<string> {
    return jointly(tx, isJoint(tx) ? subjectTried : subjectLocked, subject)
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
    return jointly(tx, live, { subject, motives, nowMs })
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
    const inserted = await jointly(tx, this.#insert, kept)
    await this.addPreApplications(tx, inserted)
    return inserted
  }

  readonly #insert = jointWrite<KeptAppointment, KeptAppointment>(async (tx, each) => {
    const drawn = new Map(each.map(({ appointmentId: id }) => [id, this.#needs.fileKeys.drawn(id)]))
    const { rows } = await tx.query<{ appointment_id: string; subject: string }>({
      name: 'appointment-insert',
      text: insert,
      values: [
        ...arrayValues(each, (id) => drawn.get(id)?.key as Buffer),
        [...drawn.values()].map(({ wrapped }) => wrapped),
      ],
    })
    const standing = new Map(rows.map((row) => [row.appointment_id, row.subject]))
    return each.map((kept) => ({ ...kept, subject: standing.get(kept.appointmentId) ?? kept.subject }))
  })

  /** Keeps what a locked one has become. */
  async save(tx: Transaction, kept: KeptAppointment): Promise<void> {
    await jointly(tx, this.#save, kept)
  }

  readonly #save = jointWrite<KeptAppointment, void>(async (tx, each) => {
    const ids = each.map(({ appointmentId }) => appointmentId)
    const keys = await this.#needs.fileKeys.ofEach(tx, ids)
    const keyOf = (id: string): Buffer => {
      const key = keys.get(id)
      if (!key) throw new Error(`the key of appointment ${id} was deleted while it was locked`)
      return key
    }
    await tx.query({ name: 'appointment-update', text: update, values: arrayValues(each, keyOf) })
    return each.map(() => undefined)
  })

  /** By these numbers the national hub asks for it from now on. */
  async addPreApplications(tx: Transaction, { appointmentId, said }: KeptAppointment): Promise<void> {
    if (said.preApplications.length === 0) return
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
    return jointly(tx, isJoint(tx) ? this.#tryLock : this.#lock, appointmentIds)
  }

  readonly #lock = this.#locking('')
  /** In company nobody is waited for: the others would wait as well. */
  readonly #tryLock = this.#locking('SKIP LOCKED')

  #locking(whatOthersHave: '' | 'SKIP LOCKED') {
    return jointLock<readonly string[], KeptAppointment[]>(
      async (tx, asked) => {
        const locked = await this.#read(
          tx,
          `WHERE appointment_id = ANY($1::uuid[]) ORDER BY appointment_id FOR UPDATE OF appointment ${whatOthersHave}`,
          [asked.flat()],
        )
        return asked.map((ids) => {
          const own = new Set(ids.map((id) => id.toLowerCase()))
          const found = locked.filter(({ appointmentId }) => own.has(appointmentId))
          return whatOthersHave === '' || found.length === own.size ? found : apart
        })
      },
      (ids) => ids.map((id) => id.toLowerCase()),
    )
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

  /** Those of these that are live, the first to begin first. */
  async liveAmong(tx: Transaction, appointmentIds: readonly string[], nowMs: number): Promise<KeptAppointment[]> {
    if (appointmentIds.length === 0) return []
    return this.#read(
      tx,
      `WHERE appointment_id = ANY($1::uuid[]) AND state IN ('booked', 'arrived') AND ends_at_ms > $2
       ORDER BY starts_at_ms, appointment_id`,
      [appointmentIds, Math.floor(nowMs)],
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
