import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { Declaration } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import {
  type DeclarationRecord,
  type DeclarationState,
  declarationDayMs,
  declarationKeptUntilMs,
} from '../domain/declaration.js'
import { appendRecords } from './append-records.js'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

/** A declaration as it stands, with its place in the order. */
export interface StoredDeclaration {
  readonly position: number
  readonly declarationId: string
  readonly subject: string
  readonly state: DeclarationState
  readonly receivedAtMs: number
  /** What was declared and every step since; id, subject, kind, state and receipt of it are empty. */
  readonly said: Declaration
  readonly kind: string
}

/** One more step of a declaration: how it stands after it, and the receipt that goes into the exchange log. */
export interface DeclarationStepTaken {
  readonly declarationId: string
  readonly subject: string
  readonly state: DeclarationState
  readonly said: Declaration
  readonly record: DeclarationRecord
}

/** What can still be read of so many rows, the last of them at `upTo`. */
export interface DeclarationPage {
  readonly declarations: readonly StoredDeclaration[]
  readonly read: number
  readonly upTo: number | undefined
}

/** Which of an agency's declarations are wanted; undefined: all. */
export interface WantedDeclarations {
  readonly state: DeclarationState | undefined
  readonly kind: string | undefined
  readonly declarationId: string | undefined
}

interface Row {
  readonly position: number
  readonly declaration_id: string
  readonly subject: string
  readonly kind: string
  readonly content: Buffer
  readonly state: DeclarationState
  readonly received_at_ms: number
  readonly wrapped: Buffer | null
}

interface Needs {
  readonly postgres: Queryable
  readonly subjectKeys: SubjectKeys
  readonly recordKey: Uint8Array
}

const select = `SELECT position, declaration_id, subject, kind, content, state, received_at_ms, wrapped
  FROM declaration LEFT JOIN documents_keys.subject_key USING (subject)`

export const declarationContext = (declarationId: string): string => `declaration ${declarationId}`

/** What people declare, encrypted with their key; each step is on record in the exchange log in the same transaction. */
export class Declarations {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * Whoever declares as the same person waits here, so that what they declared can be counted. Answers the pseudonym that
   * stands for them.
   */
  async lockSubject(tx: Transaction, subject: string): Promise<string> {
    const { rows } = await tx.query<{ subject: string }>(
      `WITH held AS MATERIALIZED (SELECT hold_subject($1) AS subject)
       SELECT subject, pg_advisory_xact_lock(hashtext(current_schema()), hashtext('declaration ' || subject)) FROM held`,
      [subject],
    )
    return rows[0]?.subject ?? subject
  }

  /** How many this person made within the 24 hours before. */
  async countWithinDay(tx: Transaction, subject: string, nowMs: number): Promise<number> {
    const { rows } = await tx.query<{ made: number }>(
      'SELECT count(*) AS made FROM declaration WHERE subject = (SELECT standing_subject($1)) AND received_at_ms > $2',
      [subject, nowMs - declarationDayMs],
    )
    return rows[0]?.made ?? 0
  }

  async insert(tx: Transaction, kind: string, taken: DeclarationStepTaken): Promise<void> {
    const { declarationId, subject, state, record } = taken
    const content = await this.#sealed(tx, taken)
    await this.#record(tx, record)
    await this.#lockOrder(tx)
    await tx.query(
      `INSERT INTO declaration (declaration_id, subject, kind, content, state, received_at_ms, delete_after_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [declarationId, subject, kind, content, state, record.at_ms, declarationKeptUntilMs(state, record.at_ms)],
    )
  }

  /** Keeps a step; one of the person's gives the declaration a new place in the order, so that the agency sees it again. */
  async take(tx: Transaction, taken: DeclarationStepTaken): Promise<void> {
    const { declarationId, state, record } = taken
    const content = await this.#sealed(tx, taken)
    await this.#record(tx, record)
    if (state === 'open') await this.#lockOrder(tx)
    await tx.query(
      `UPDATE declaration SET content = $2, state = $3, delete_after_ms = $4 ${state === 'open' ? ', position = DEFAULT' : ''}
       WHERE declaration_id = $1`,
      [declarationId, content, state, declarationKeptUntilMs(state, record.at_ms)],
    )
  }

  /** Whether somebody has a declaration of this id, whoever it is. */
  async isTaken(tx: Transaction, declarationId: string): Promise<boolean> {
    const { rowCount } = await tx.query('SELECT 1 FROM declaration WHERE declaration_id = $1', [declarationId])
    return rowCount === 1
  }

  /** One declaration, locked until the transaction ends; undefined also when its subject's key was forgotten. */
  async lock(tx: Transaction, declarationId: string): Promise<StoredDeclaration | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE declaration_id = $1 FOR UPDATE OF declaration`, [
      declarationId,
    ])
    return rows.map((row) => this.#open(row))[0]
  }

  /** The latest first, at most `limit`, before a position (undefined: from the latest). */
  async ofSubject(subject: string, before: number | undefined, limit: number): Promise<DeclarationPage> {
    const { rows } = await this.#needs.postgres.query<Row>(
      `${select} WHERE subject = (SELECT standing_subject($1)) AND position < $2 ORDER BY position DESC LIMIT $3`,
      [subject, before ?? Number.MAX_SAFE_INTEGER, limit],
    )
    return this.#page(rows)
  }

  /** At most `limit` after a position. */
  async after(position: number, wanted: WantedDeclarations, limit: number): Promise<DeclarationPage> {
    const values: unknown[] = [position, limit]
    const also = (column: string, value: string | undefined): string =>
      value === undefined ? '' : `AND ${column} = $${values.push(value)}`
    const { rows } = await this.#needs.postgres.query<Row>(
      `${select} WHERE position > $1 ${also('state', wanted.state)} ${also('kind', wanted.kind)}
       ${also('declaration_id', wanted.declarationId)} ORDER BY position LIMIT $2`,
      values,
    )
    return this.#page(rows)
  }

  /** Deletes what its retention no longer covers; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#needs.postgres.query('DELETE FROM declaration WHERE delete_after_ms <= $1', [
      Math.floor(nowMs),
    ])
    return ended.rowCount ?? 0
  }

  async #sealed(tx: Transaction, { declarationId, subject, said }: DeclarationStepTaken): Promise<Buffer> {
    const key = await this.#needs.subjectKeys.keyWithin(tx, subject)
    return sealPayload(key, Declaration.encode(said).finish(), declarationContext(declarationId))
  }

  #record(tx: Transaction, record: DeclarationRecord): Promise<void> {
    return appendRecords(tx, this.#needs.recordKey, [{ record }])
  }

  /** A position that were committed late would be missed by who has read on. */
  async #lockOrder(tx: Transaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('declaration'))`)
  }

  #page(rows: readonly Row[]): DeclarationPage {
    const declarations = rows.flatMap((row) => this.#open(row) ?? [])
    return { declarations, read: rows.length, upTo: rows.at(-1)?.position }
  }

  #open(row: Row): StoredDeclaration | undefined {
    const key = row.wrapped && this.#needs.subjectKeys.unwrap(row.subject, row.wrapped)
    const content = key && openPayload(key, row.content, declarationContext(row.declaration_id))
    if (!content) return undefined
    return {
      position: row.position,
      declarationId: row.declaration_id,
      subject: row.subject,
      state: row.state,
      receivedAtMs: row.received_at_ms,
      said: Declaration.decode(content),
      kind: row.kind,
    }
  }
}
