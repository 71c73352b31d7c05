import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { AppointmentFile } from '@unefois/proto/gen/unefois/appointments/v1/appointment_file'
import { type Visit, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import type { VisitStateName } from '../domain/visit.js'

/** A visit that was booked here, as it is kept. */
export interface KeptVisit extends Pick<Visit, 'visitId' | 'legs' | 'code' | 'refusedBy' | 'refusedBecause'> {
  readonly subject: string
  readonly state: VisitStateName
  readonly decideByMs: number
  readonly deleteAfterMs: number
}

interface Row {
  readonly visit_id: string
  readonly subject: string
  readonly state: VisitStateName
  readonly decide_by_ms: number
  readonly delete_after_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

const select = `SELECT visit_id, subject, state, decide_by_ms, delete_after_ms, content, wrapped
  FROM visit LEFT JOIN appointments_keys.file_key ON file_id = visit_id`

const contextOf = (visitId: string): string => `visit ${visitId}`

/** Visits that were booked here, each encrypted with a key of its own. */
export class Visits {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Whoever books this visit at the same time waits here. Answers it as it is kept. */
  async open(tx: Transaction, visitId: string): Promise<KeptVisit | undefined> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('visit ' || $1))`, [visitId])
    return this.get(visitId, tx)
  }

  async insert(tx: Transaction, visit: KeptVisit): Promise<void> {
    const content = this.#sealed(await this.#needs.fileKeys.draw(tx, visit.visitId), visit)
    await tx.query(
      `INSERT INTO visit (visit_id, subject, state, decide_by_ms, delete_after_ms, content)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        ...[visit.visitId, visit.subject, visit.state],
        ...[Math.floor(visit.decideByMs), Math.floor(visit.deleteAfterMs), content],
      ],
    )
  }

  /** Keeps what a visit has become; the transaction holds its lock. */
  async save(tx: Transaction, visit: KeptVisit): Promise<void> {
    const key = await this.#needs.fileKeys.of(tx, visit.visitId)
    if (!key) throw new Error(`the key of visit ${visit.visitId} was deleted while it was locked`)
    await tx.query('UPDATE visit SET state = $2, delete_after_ms = $3, content = $4 WHERE visit_id = $1', [
      ...[visit.visitId, visit.state, Math.floor(visit.deleteAfterMs), this.#sealed(key, visit)],
    ])
  }

  async get(visitId: string, db: Queryable = this.#needs.postgres): Promise<KeptVisit | undefined> {
    const { rows } = await db.query<Row>(`${select} WHERE visit_id = $1`, [visitId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** One visit, locked until the transaction ends; whoever changes its own meetings too has locked those before. */
  async lock(tx: Transaction, visitId: string): Promise<KeptVisit | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE visit_id = $1 FOR UPDATE OF visit`, [visitId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** The ids of those that should have been decided; at most `limit`, those that wait longest first. */
  async undecided(nowMs: number, limit: number): Promise<string[]> {
    const { rows } = await this.#needs.postgres.query<{ visit_id: string }>(
      `SELECT visit_id FROM visit WHERE state = 'pledging' AND decide_by_ms <= $1 ORDER BY decide_by_ms LIMIT $2`,
      [Math.floor(nowMs), limit],
    )
    return rows.map((row) => row.visit_id)
  }

  /** Which of these events no receiver has confirmed yet, by their place in the list. */
  async stillToTell(events: readonly OutgoingEvent[]): Promise<ReadonlySet<number>> {
    const { rows } = await this.#needs.postgres.query<{ place: number }>(
      `SELECT place FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS told (receiver, topic, data, place)
       WHERE EXISTS (SELECT FROM outbox WHERE (outbox.receiver, outbox.topic, outbox.data) = (told.receiver, told.topic, told.data))`,
      [
        events.map(({ receiver }) => receiver),
        events.map(({ topic }) => topic),
        events.map(({ data }) => Buffer.from(data)),
      ],
    )
    return new Set(rows.map(({ place }) => place - 1))
  }

  /** Deletes what is over, and its keys; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const { rows } = await this.#needs.postgres.query<{ ended: number }>(
      `WITH ended AS (DELETE FROM visit WHERE delete_after_ms <= $1 AND state <> 'pledging' RETURNING visit_id),
       keys AS (DELETE FROM appointments_keys.file_key USING ended WHERE file_id = ended.visit_id)
       SELECT count(*) AS ended FROM ended`,
      [Math.floor(nowMs)],
    )
    return rows[0]?.ended ?? 0
  }

  #sealed(key: Uint8Array, { visitId, legs, code, refusedBy, refusedBecause }: KeptVisit): Buffer {
    const state = VisitState.VISIT_STATE_UNSPECIFIED
    const value: Visit = { visitId, state, legs: [...legs], code, refusedBy, refusedBecause }
    return encrypt(key, AppointmentFile.encode({ kept: { $case: 'visit', value } }).finish(), contextOf(visitId))
  }

  #open(row: Row): KeptVisit | undefined {
    if (!row.wrapped) return undefined
    const key = this.#needs.fileKeys.unwrap(row.visit_id, row.wrapped)
    const { kept } = AppointmentFile.decode(decrypt(key, row.content, contextOf(row.visit_id)))
    if (kept?.$case !== 'visit') throw new Error(`the file of visit ${row.visit_id} is empty`)
    const { state: _, ...file } = kept.value
    return {
      ...file,
      subject: row.subject,
      state: row.state,
      decideByMs: row.decide_by_ms,
      deleteAfterMs: row.delete_after_ms,
    }
  }
}
