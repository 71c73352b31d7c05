import type { Queryable } from '@unefois/chassis/postgres'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { RegisterKey } from '../register-key.js'

/** How many pivot identities were answered how. */
export interface AnswerCounts {
  readonly same: number
  readonly different: number
  readonly askHuman: number
}

const dayMs = 24 * 3600 * 1000
const dayOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10)

/** What each member has asked about on a day (UTC): the quota, and the counts that are kept. */
export class AskingStore {
  readonly #db: Queryable
  readonly #key: RegisterKey

  constructor(db: Queryable, key: RegisterKey) {
    this.#db = db
    this.#key = key
  }

  /**
   * Counts pivot identities that were not asked about before on this day, one asking of a member after the other. Answers
   * how many are left, below zero when these are too many; the caller then rolls back.
   */
  async take(member: string, pivots: readonly PivotIdentity[], quota: number, nowMs: number): Promise<number> {
    const day = dayOf(nowMs)
    await this.#db.query('INSERT INTO asking_day (member, day) VALUES ($1, $2) ON CONFLICT DO NOTHING', [member, day])
    // First of all, so that two askings with the same pivots in another order never wait for each other.
    await this.#db.query('SELECT 1 FROM asking_day WHERE member = $1 AND day = $2 FOR UPDATE', [member, day])
    const indexes = pivots.map((pivot) => this.#key.questionIndex(pivot))
    const { rowCount } = await this.#db.query(
      `INSERT INTO asked_pivot (member, day, pivot_index) SELECT DISTINCT $1, $2::date, unnest($3::bytea[])
       ON CONFLICT DO NOTHING`,
      [member, day, indexes],
    )
    const { rows } = await this.#db.query<{ asked: number }>(
      'UPDATE asking_day SET asked = asked + $3 WHERE member = $1 AND day = $2 RETURNING asked',
      [member, day, rowCount],
    )
    return quota - (rows[0]?.asked ?? 0)
  }

  async count(member: string, { same, different, askHuman }: AnswerCounts, nowMs: number): Promise<void> {
    await this.#db.query(
      `UPDATE asking_day SET same = same + $3, different = different + $4, ask_human = ask_human + $5
       WHERE member = $1 AND day = $2`,
      [member, dayOf(nowMs), same, different, askHuman],
    )
  }

  /** Counts a call that was above the quota. */
  async countRefusal(member: string, nowMs: number): Promise<void> {
    await this.#db.query(
      `INSERT INTO asking_day (member, day, refused) VALUES ($1, $2, 1)
       ON CONFLICT (member, day) DO UPDATE SET refused = asking_day.refused + 1`,
      [member, dayOf(nowMs)],
    )
  }

  /** Forgets what was asked on days before yesterday; the counts stay. */
  async forgetPast(nowMs: number): Promise<void> {
    await this.#db.query('DELETE FROM asked_pivot WHERE day < $1', [dayOf(nowMs - dayMs)])
  }
}
