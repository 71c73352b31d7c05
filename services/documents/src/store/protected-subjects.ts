import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { type Protected, previewGraceMs } from '../domain/protection.js'

interface Row {
  readonly asked: string
  readonly until_ms: number
  readonly marks: string[]
}

const lockName = `hashtext(current_schema()), hashtext('protected_subject')`

/** Who is protected, as the identity authority told this member. */
export class ProtectedSubjects {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Those of these people whose protection has not ended by this instant; found under any pseudonym of theirs. */
  async among(subjects: readonly string[], endedByMs: number, db: Queryable = this.#db): Promise<Protected> {
    if (subjects.length === 0) return new Map()
    const { rows } = await db.query<Row>({
      name: 'protected-among',
      text: `SELECT asked, max(kept.until_ms) AS until_ms, array_agg(DISTINCT kept.mark) AS marks
             FROM unnest($1::text[]) AS asked
             CROSS JOIN LATERAL names_of(asked) AS named (name)
             JOIN protected_subject AS kept ON kept.subject = named.name
             WHERE kept.until_ms > $2 GROUP BY asked`,
      values: [subjects, Math.floor(endedByMs)],
    })
    return new Map(rows.map((row) => [row.asked, { untilMs: row.until_ms, marks: row.marks }]))
  }

  /** The same, and until the transaction ends nobody becomes protected: a release comes wholly before that or wholly after. */
  async hold(tx: Transaction, subjects: readonly string[], endedByMs: number): Promise<Protected> {
    await tx.query(`SELECT pg_advisory_xact_lock_shared(${lockName})`)
    // A statement of its own, whose snapshot comes after the lock.
    return this.among(subjects, endedByMs, tx)
  }

  /** These pseudonyms of one person are protected by these decisions until then, and by no others. */
  async protect(
    tx: Transaction,
    subjects: readonly string[],
    marks: readonly string[],
    untilMs: number,
  ): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockName})`)
    const named = marks.length > 0 ? marks : ['']
    await tx.query('DELETE FROM protected_subject WHERE subject = ANY($1) AND mark <> ALL($2)', [subjects, named])
    await tx.query(
      `INSERT INTO protected_subject (subject, mark, until_ms)
       SELECT subject, mark, $3 FROM unnest($1::text[]) AS subject, unnest($2::text[]) AS mark
       ON CONFLICT (subject, mark) DO UPDATE SET until_ms = EXCLUDED.until_ms`,
      [subjects, named, untilMs],
    )
  }

  /** Nobody is protected under these pseudonyms from this instant on. */
  async end(tx: Transaction, subjects: readonly string[], atMs: number): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockName})`)
    await tx.query('UPDATE protected_subject SET until_ms = LEAST(until_ms, $2) WHERE subject = ANY($1)', [
      subjects,
      Math.floor(atMs),
    ])
  }

  /** Forgets what nothing depends on any more; answers how many rows. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query('DELETE FROM protected_subject WHERE until_ms <= $1', [
      Math.floor(nowMs - previewGraceMs),
    ])
    return ended.rowCount ?? 0
  }
}
