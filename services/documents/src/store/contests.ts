import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { Contest, Upheld } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { type ContestState, keptWhileOpenMs } from '../domain/contest.js'
import { deleteAfterMs } from '../domain/exchange-record.js'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

/** What a person contests, in their own words. */
export interface Contested {
  readonly contestId: string
  readonly subject: string
  readonly evidenceType: string
  readonly version: number
  readonly field: string
  readonly statement: string
  readonly contestedAtMs: number
}

/** The same as it stands: where it is in the order, and what became of it. */
export interface StoredContest extends Contested {
  readonly position: number
  readonly state: ContestState
  readonly answeredAtMs: number
  readonly reportId: string
  readonly upheld: Upheld | undefined
}

/** What can still be read of so many rows, the last of them at `upTo`. */
export interface ContestPage {
  readonly contests: readonly StoredContest[]
  readonly read: number
  readonly upTo: number | undefined
}

interface Row {
  readonly position: number
  readonly contest_id: string
  readonly subject: string
  readonly content: Buffer
  readonly answer: Buffer | null
  readonly state: ContestState
  readonly report_id: string | null
  readonly contested_at_ms: number
  readonly answered_at_ms: number | null
  readonly wrapped: Buffer | null
}

const select = `SELECT position, contest_id, subject, content, answer, state, report_id, contested_at_ms, answered_at_ms, wrapped
  FROM contest LEFT JOIN documents_keys.subject_key USING (subject)`

const anyContest = { state: undefined, sinceMs: 0 } as const

/** Positions follow the clock, give or take an hour: what came before needs no reading. */
const contestedSince = (ms: string): string =>
  `AND contested_at_ms >= ${ms} AND position > COALESCE((SELECT position FROM contest
    WHERE contested_at_ms < ${ms}::bigint - 3600000 ORDER BY contested_at_ms DESC LIMIT 1), 0)`

export const contestContext = (contestId: string): string => `contest ${contestId}`
export const contestAnswerContext = (contestId: string): string => `contest-answer ${contestId}`

/** Contests, encrypted with their subject's key; what is open waits as long as it takes. */
export class Contests {
  readonly #db: Queryable
  readonly #subjectKeys: SubjectKeys

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#db = db
    this.#subjectKeys = subjectKeys
  }

  /** Whoever contests as the same person waits here, so that what they have open can be counted. */
  async lockSubject(tx: Transaction, subject: string): Promise<void> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('contest ' || hold_subject($1)))`,
      [subject],
    )
  }

  async countOpen(tx: Transaction, subject: string): Promise<number> {
    const { rows } = await tx.query<{ open: number }>(
      `SELECT count(*) AS open FROM contest WHERE subject = (SELECT standing_subject($1)) AND state = 'open'`,
      [subject],
    )
    return rows[0]?.open ?? 0
  }

  async insert(tx: Transaction, contested: Contested): Promise<void> {
    const { contestId, subject, evidenceType, version, field, statement, contestedAtMs } = contested
    const key = await this.#subjectKeys.keyWithin(tx, subject)
    const bytes = Contest.encode({ ...emptyContest, evidenceType, version, field, statement }).finish()
    // Two people contest at a time, and a position that were committed late would be missed by who has read on.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('contest'))`)
    await tx.query(
      `INSERT INTO contest (contest_id, subject, content, state, contested_at_ms, delete_after_ms)
       VALUES ($1, $2, $3, 'open', $4, $5)`,
      [contestId, subject, sealPayload(key, bytes, contestContext(contestId)), contestedAtMs, keptWhileOpenMs],
    )
  }

  /** Whether somebody has a contest of this id, whoever it is. */
  async isTaken(tx: Transaction, contestId: string): Promise<boolean> {
    const { rowCount } = await tx.query('SELECT 1 FROM contest WHERE contest_id = $1', [contestId])
    return rowCount === 1
  }

  /** One contest, locked until the transaction ends; undefined also when its subject's key was forgotten. */
  async lock(tx: Transaction, contestId: string): Promise<StoredContest | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE contest_id = $1 FOR UPDATE OF contest`, [contestId])
    return rows.map((row) => this.#open(row))[0]
  }

  async answer(
    tx: Transaction,
    { contestId, subject }: Pick<Contested, 'contestId' | 'subject'>,
    answered: {
      readonly state: Exclude<ContestState, 'open'>
      readonly upheld: Upheld | undefined
      readonly reportId: string
      readonly answeredAtMs: number
    },
  ): Promise<void> {
    const { state, upheld, reportId, answeredAtMs } = answered
    const key = await this.#subjectKeys.keyWithin(tx, subject)
    const answer = upheld && sealPayload(key, Upheld.encode(upheld).finish(), contestAnswerContext(contestId))
    await tx.query(
      `UPDATE contest SET state = $2, answer = $3, report_id = $4, answered_at_ms = $5, delete_after_ms = $6
       WHERE contest_id = $1`,
      [contestId, state, answer ?? null, reportId || null, answeredAtMs, deleteAfterMs(answeredAtMs)],
    )
  }

  /** Newest first, at most `limit`, older than `before` (a position; undefined: from the newest). */
  async ofSubject(
    subject: string,
    before: number | undefined,
    limit: number,
    { state, sinceMs }: { readonly state: ContestState | undefined; readonly sinceMs: number } = anyContest,
  ): Promise<ContestPage> {
    const { rows } = await this.#db.query<Row>(
      `${select} WHERE subject = (SELECT standing_subject($1)) AND position < $2 AND ($4::text IS NULL OR state = $4) AND contested_at_ms >= $5
       ORDER BY position DESC LIMIT $3`,
      [subject, before ?? Number.MAX_SAFE_INTEGER, limit, state ?? null, sinceMs],
    )
    return this.#page(rows)
  }

  /** At most `limit` after a position, in one state or (undefined) in all, contested since a moment. */
  async after(
    position: number,
    state: ContestState | undefined,
    limit: number,
    sinceMs: number = 0,
  ): Promise<ContestPage> {
    const values: (string | number)[] = [position, limit]
    const inState = state === undefined ? '' : `AND state = $${values.push(state)}`
    const contested = sinceMs === 0 ? '' : contestedSince(`$${values.push(sinceMs)}`)
    const { rows } = await this.#db.query<Row>(
      `${select} WHERE position > $1 ${inState} ${contested} ORDER BY position LIMIT $2`,
      values,
    )
    return this.#page(rows)
  }

  /** Deletes what its retention no longer covers; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query('DELETE FROM contest WHERE delete_after_ms <= $1', [Math.floor(nowMs)])
    return ended.rowCount ?? 0
  }

  #page(rows: readonly Row[]): ContestPage {
    const contests = rows.flatMap((row) => this.#open(row) ?? [])
    return { contests, read: rows.length, upTo: rows.at(-1)?.position }
  }

  #open(row: Row): StoredContest | undefined {
    const key = row.wrapped && this.#subjectKeys.unwrap(row.subject, row.wrapped)
    const content = key && openPayload(key, row.content, contestContext(row.contest_id))
    if (!content) return undefined
    const { evidenceType, version, field, statement } = Contest.decode(content)
    const answer = row.answer && openPayload(key, row.answer, contestAnswerContext(row.contest_id))
    return {
      position: row.position,
      contestId: row.contest_id,
      subject: row.subject,
      evidenceType,
      version,
      field,
      statement,
      contestedAtMs: row.contested_at_ms,
      state: row.state,
      answeredAtMs: row.answered_at_ms ?? 0,
      reportId: row.report_id ?? '',
      upheld: answer ? Upheld.decode(answer) : undefined,
    }
  }
}

const emptyContest: Contest = Contest.decode(new Uint8Array())
