import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { ApplicationFile } from '@unefois/proto/gen/unefois/eligibility/v1/application_file'
import { ApplicationState, type Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { applicationDayMs, type KeptApplication } from '../domain/application.js'
import type { ApplicationDates } from '../domain/application-clock.js'
import { type StateName, stateName, stateNamed } from '../domain/application-state.js'

/** Which applications are wanted; undefined: all. */
export interface WantedApplications {
  readonly subject: string | undefined
  readonly state: ApplicationState | undefined
  readonly procedure: string | undefined
  readonly dueByDay: string | undefined
}

/** What can still be read of so many rows, the last of them at `upTo`. */
export interface ApplicationPage {
  readonly applications: readonly KeptApplication[]
  readonly read: number
  readonly upTo: number | undefined
}

/** Whose hand an application came by. */
export type CameBy = Exclude<NonNullable<Hand['who']>['$case'], 'service'>

interface Row {
  readonly position: number
  readonly application_id: string
  readonly subject: string
  readonly procedure: string
  readonly state: StateName
  readonly deposited_at_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

const select = `SELECT position, application_id, subject, procedure, state, deposited_at_ms, content, wrapped
  FROM application LEFT JOIN eligibility_keys.file_key ON file_id = application_id`

const contextOf = (applicationId: string): string => `application ${applicationId}`

/** What people asked this agency for, each file encrypted with a key of its own. */
export class Applications {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * Whoever deposits for the same person waits here, so that their applications can be counted. Answers the pseudonym that stands
   * for them.
   */
  async lockSubject(tx: Transaction, subject: string): Promise<string> {
    const { rows } = await tx.query<{ subject: string }>(
      `WITH held AS MATERIALIZED (SELECT hold_subject($1) AS subject)
       SELECT subject, pg_advisory_xact_lock(hashtext(current_schema()), hashtext('application ' || subject)) FROM held`,
      [subject],
    )
    return rows[0]?.subject ?? subject
  }

  /** How many this person, or a helper for them, deposited within the 24 hours before; an agent's are not counted. */
  async countWithinDay(tx: Transaction, subject: string, nowMs: number): Promise<number> {
    const { rows } = await tx.query<{ deposited: number }>(
      `SELECT count(*) AS deposited FROM application
       WHERE subject = (SELECT standing_subject($1)) AND kept_at_ms > $2 AND came_by <> 'agent'`,
      [subject, nowMs - applicationDayMs],
    )
    return rows[0]?.deposited ?? 0
  }

  /** Keeps a new application; answers it with its place in the order. */
  async insert(
    tx: Transaction,
    file: KeptApplication,
    { dueDay, deleteAfterMs }: ApplicationDates,
    { keptAtMs, cameBy }: { readonly keptAtMs: number; readonly cameBy: CameBy },
  ): Promise<KeptApplication> {
    const { application } = file
    const { applicationId, subject, procedure, state, depositedAtMs } = application
    const content = this.#sealed(await this.#needs.fileKeys.draw(tx, applicationId), file)
    await this.#lockOrder(tx)
    const { rows } = await tx.query<{ position: number; subject: string }>(
      `INSERT INTO application (application_id, subject, procedure, state, due_day, deposited_at_ms, kept_at_ms, came_by,
                                content, delete_after_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING position, subject`,
      [
        ...[applicationId, subject, procedure, stateName(state), dueDay ?? null, depositedAtMs, keptAtMs, cameBy],
        ...[content, deleteAfterMs ?? null],
      ],
    )
    return { ...file, application: { ...application, ...rows[0] } }
  }

  /**
   * Keeps what an application has become; one that changed hands gets a new place in the order, so that a reader comes across it
   * again. Answers it as it is kept. The transaction holds its lock.
   */
  async save(
    tx: Transaction,
    before: KeptApplication,
    after: KeptApplication,
    { dueDay, deleteAfterMs }: ApplicationDates,
  ): Promise<KeptApplication> {
    const { applicationId, state } = after.application
    const key = await this.#needs.fileKeys.of(tx, applicationId)
    if (!key) throw new Error(`the key of application ${applicationId} was deleted while it was locked`)
    const hasMoved = state !== before.application.state
    if (hasMoved) await this.#lockOrder(tx)
    const { rows } = await tx.query<{ position: number }>(
      `UPDATE application SET content = $2, state = $3, due_day = $4, delete_after_ms = $5
       ${hasMoved ? ', position = DEFAULT' : ''} WHERE application_id = $1 RETURNING position`,
      [applicationId, this.#sealed(key, after), stateName(state), dueDay ?? null, deleteAfterMs ?? null],
    )
    return { ...after, application: { ...after.application, ...rows[0] } }
  }

  /** One application, locked until the transaction ends; undefined also when its key was deleted. */
  async lock(tx: Transaction, applicationId: string): Promise<KeptApplication | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE application_id = $1 FOR UPDATE OF application`, [
      applicationId,
    ])
    return rows.map((row) => this.#open(row))[0]
  }

  async get(applicationId: string, db: Queryable = this.#needs.postgres): Promise<KeptApplication | undefined> {
    const { rows } = await db.query<Row>(`${select} WHERE application_id = $1`, [applicationId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** At most `limit` after a position. */
  async list(
    after: number,
    wanted: WantedApplications,
    limit: number,
    db: Queryable = this.#needs.postgres,
  ): Promise<ApplicationPage> {
    const values: unknown[] = [after, limit]
    const also = (condition: string, value: string | undefined): string =>
      value === undefined ? '' : `AND ${condition.replace('?', `$${values.push(value)}`)}`
    const state = wanted.state === undefined ? undefined : stateName(wanted.state)
    const { rows } = await db.query<Row>(
      `${select} WHERE position > $1 ${also('subject = (SELECT standing_subject(?))', wanted.subject)}
       ${also('state = ?', state)} ${also('procedure = ?', wanted.procedure)} ${also('due_day <= ?', wanted.dueByDay)}
       ORDER BY position LIMIT $2`,
      values,
    )
    const applications = rows.flatMap((row) => this.#open(row) ?? [])
    return { applications, read: rows.length, upTo: rows.at(-1)?.position }
  }

  /** The ids of those of which silence speaks on a day or before; at most `limit` after one, in the order of ids. */
  async dueBy(day: string, after: string | undefined, limit: number): Promise<string[]> {
    const { rows } = await this.#needs.postgres.query<{ application_id: string }>(
      `SELECT application_id FROM application
       WHERE due_day <= $1 AND state IN ('incomplete', 'in-review') AND ($2::uuid IS NULL OR application_id > $2)
       ORDER BY application_id LIMIT $3`,
      [day, after ?? null, limit],
    )
    return rows.map((row) => row.application_id)
  }

  /** Deletes what its retention no longer covers, and its keys; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const { rows } = await this.#needs.postgres.query<{ ended: number }>(
      `WITH ended AS (DELETE FROM application WHERE delete_after_ms <= $1 RETURNING application_id),
       keys AS (DELETE FROM eligibility_keys.file_key USING ended WHERE file_id = ended.application_id)
       SELECT count(*) AS ended FROM ended`,
      [Math.floor(nowMs)],
    )
    return rows[0]?.ended ?? 0
  }

  /** What stands in columns is not kept a second time: of a person who is renamed the row alone changes. */
  #sealed(key: Uint8Array, { application, ...file }: KeptApplication): Buffer {
    const state = ApplicationState.APPLICATION_STATE_UNSPECIFIED
    const kept = { ...application, subject: '', position: 0, state, clock: undefined, takesMessages: false }
    return encrypt(
      key,
      ApplicationFile.encode({ ...file, application: kept }).finish(),
      contextOf(application.applicationId),
    )
  }

  /** A position that were committed late would be missed by who has read on. */
  async #lockOrder(tx: Transaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('application'))`)
  }

  #open(row: Row): KeptApplication | undefined {
    if (!row.wrapped) return undefined
    const key = this.#needs.fileKeys.unwrap(row.application_id, row.wrapped)
    const { application, ...file } = ApplicationFile.decode(decrypt(key, row.content, contextOf(row.application_id)))
    if (!application) throw new Error(`the file of application ${row.application_id} is empty`)
    const { subject, position } = row
    return { ...file, application: { ...application, subject, position, state: stateNamed[row.state] } }
  }
}
