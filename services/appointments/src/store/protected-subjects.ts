import type { Queryable, Transaction } from '@unefois/chassis/postgres'

const lockName = `hashtext(current_schema()), hashtext('protected_subject')`

/** Who is protected, as the identity authority told this member: where they will be is told to few. */
export class ProtectedSubjects {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Those of these people who are protected at this instant; found under any pseudonym of theirs. */
  async among(subjects: readonly string[], nowMs: number, db: Queryable = this.#db): Promise<ReadonlySet<string>> {
    const named = [...new Set(subjects)].filter((subject) => subject !== '')
    if (named.length === 0) return new Set()
    const { rows } = await db.query<{ asked: string }>({
      name: 'protected-among',
      text: `SELECT asked FROM unnest($1::text[]) AS asked
             WHERE EXISTS (SELECT FROM names_of(asked) AS named (name)
                           JOIN protected_subject AS kept ON kept.subject = named.name WHERE kept.until_ms > $2)`,
      values: [named, Math.floor(nowMs)],
    })
    return new Set(rows.map(({ asked }) => asked))
  }

  /** The same, and until the transaction ends nobody becomes protected: what is told of them comes wholly before that or not at all. */
  async hold(tx: Transaction, subjects: readonly string[], nowMs: number): Promise<ReadonlySet<string>> {
    await tx.query(`SELECT pg_advisory_xact_lock_shared(${lockName})`)
    // A statement of its own, whose snapshot comes after the lock.
    return this.among(subjects, nowMs, tx)
  }

  /** These pseudonyms of one person are protected until then; whoever holds who is protected is waited for. */
  async protect(tx: Transaction, subjects: readonly string[], untilMs: number): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockName})`)
    await tx.query(
      `INSERT INTO protected_subject (subject, until_ms) SELECT DISTINCT subject, $2::bigint FROM unnest($1::text[]) AS subject
       ON CONFLICT (subject) DO UPDATE SET until_ms = EXCLUDED.until_ms`,
      [subjects, untilMs],
    )
  }

  /** Nobody is protected under these pseudonyms from this instant on. */
  async end(tx: Transaction, subjects: readonly string[], atMs: number): Promise<void> {
    await tx.query('UPDATE protected_subject SET until_ms = LEAST(until_ms, $2) WHERE subject = ANY($1)', [
      subjects,
      Math.floor(atMs),
    ])
  }

  /** Forgets ended protections; answers how many rows. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query('DELETE FROM protected_subject WHERE until_ms <= $1', [Math.floor(nowMs)])
    return ended.rowCount ?? 0
  }
}
