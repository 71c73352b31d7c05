import { jointly, jointRead } from '@unefois/chassis/joint'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'

const lockName = `hashtext(current_schema()), hashtext('protected_subject')`

/** SQL for whether somebody is protected at an instant, under any pseudonym of theirs; both are SQL expressions. */
export const isProtected = (subject: string, atMs: string): string =>
  `(${subject} <> '' AND EXISTS (SELECT FROM names_of(${subject}) AS named (name)
    JOIN protected_subject AS kept ON kept.subject = named.name WHERE kept.until_ms > ${atMs}))`

interface Asked {
  readonly subjects: readonly string[]
  readonly nowMs: number
}

const amongThem = jointRead<Asked, ReadonlySet<string>>(async (db, asked) => {
  const pairs = asked.flatMap(({ subjects, nowMs }, nr) =>
    [...new Set(subjects)].map((subject) => ({ nr, subject, nowMs: Math.floor(nowMs) })),
  )
  const { rows } = await db.query<{ nr: number; subject: string }>({
    name: 'protected-among',
    text: `SELECT nr, subject FROM unnest($1::int[], $2::text[], $3::bigint[]) AS asked (nr, subject, now_ms)
           WHERE ${isProtected('asked.subject', 'now_ms')}`,
    values: [pairs.map(({ nr }) => nr), pairs.map(({ subject }) => subject), pairs.map(({ nowMs }) => nowMs)],
  })
  return asked.map((_, at) => new Set(rows.filter(({ nr }) => nr === at).map(({ subject }) => subject)))
})

/** Who is protected, as the identity authority told this member: where they will be is told to few. */
export class ProtectedSubjects {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Those of these people who are protected at this instant; found under any pseudonym of theirs. */
  async among(subjects: readonly string[], nowMs: number, db: Queryable = this.#db): Promise<ReadonlySet<string>> {
    const named = subjects.filter((subject) => subject !== '')
    return named.length === 0 ? new Set() : jointly(db, amongThem, { subjects: named, nowMs })
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
