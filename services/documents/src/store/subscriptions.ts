import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Mode } from '@unefois/proto/federation-list'
import { deleteAfterMs } from '../domain/exchange-record.js'

/** What this member asked to be told of. */
export interface Subscription {
  readonly subscriptionId: string
  readonly subject: string
  readonly provider: string
  readonly evidenceType: string
  readonly purpose: string
  readonly procedure: string
  readonly basisId: string
  readonly mode: Mode
  readonly askedAtMs: number
}

/** The same as it stands; instants are 0 for what has not happened. */
export interface StoredSubscription extends Subscription {
  readonly untilMs: number
  readonly changedAtMs: number
  readonly endedAtMs: number
}

interface Row {
  readonly subscription_id: string
  readonly subject: string
  readonly provider: string
  readonly evidence_type: string
  readonly purpose: string
  readonly procedure: string
  readonly basis_id: string
  readonly mode: Mode
  readonly asked_at_ms: number
  readonly until_ms: number | null
  readonly changed_at_ms: number | null
  readonly ended_at_ms: number | null
}

const columns = `subscription_id, subject, provider, evidence_type, purpose, procedure, basis_id, mode, asked_at_ms`
const all = `${columns}, until_ms, changed_at_ms, ended_at_ms`

const toSubscription = (row: Row): StoredSubscription => ({
  subscriptionId: row.subscription_id,
  subject: row.subject,
  provider: row.provider,
  evidenceType: row.evidence_type,
  purpose: row.purpose,
  procedure: row.procedure,
  basisId: row.basis_id,
  mode: row.mode,
  askedAtMs: row.asked_at_ms,
  untilMs: row.until_ms ?? 0,
  changedAtMs: row.changed_at_ms ?? 0,
  endedAtMs: row.ended_at_ms ?? 0,
})

/** Which subscriptions are listed. */
export type ListedSubscriptions = 'all' | 'asked' | 'in-force' | 'ended'
const conditions: Record<ListedSubscriptions, string> = {
  all: 'true',
  asked: 'ended_at_ms IS NULL AND until_ms IS NULL',
  'in-force': 'ended_at_ms IS NULL AND until_ms IS NOT NULL',
  ended: 'ended_at_ms IS NOT NULL',
}

/** The subscriptions of this member. */
export class Subscriptions {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Keeps a wish before it is sent, or answers the one about the same that stands. */
  async ask(tx: Transaction, wish: Subscription): Promise<StoredSubscription> {
    const { subscriptionId, subject, provider, evidenceType, purpose, procedure, basisId, mode, askedAtMs } = wish
    // Whoever asks for the same at the same time finds it.
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('subscription ' || hold_subject($1)))`,
      [subject],
    )
    const { rows: standing } = await tx.query<Row>(
      `SELECT ${all} FROM subscription
       WHERE subject = (SELECT standing_subject($1)) AND provider = $2 AND evidence_type = $3 AND purpose = $4 AND basis_id = $5
         AND ended_at_ms IS NULL ORDER BY subscription_id LIMIT 1`,
      [subject, provider, evidenceType, purpose, basisId],
    )
    if (standing[0]) return toSubscription(standing[0])
    const { rows } = await tx.query<Row>(
      `INSERT INTO subscription (${columns}, delete_after_ms)
       VALUES ($1, (SELECT standing_subject($2)), $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${all}`,
      [
        ...[subscriptionId, subject, provider, evidenceType, purpose, procedure, basisId, mode, askedAtMs],
        deleteAfterMs(askedAtMs),
      ],
    )
    return toSubscription(rows[0] as Row)
  }

  /** The provider has said until when it tells; false for one that ended meanwhile. */
  async open(tx: Transaction, subscriptionId: string, untilMs: number): Promise<boolean> {
    const { rowCount } = await tx.query(
      'UPDATE subscription SET until_ms = $2 WHERE subscription_id = $1 AND ended_at_ms IS NULL',
      [subscriptionId, untilMs],
    )
    return rowCount === 1
  }

  /** Notes a change that its provider tells of; undefined unless it stands, and is of this provider and type. */
  async change(
    tx: Transaction,
    said: Pick<Subscription, 'subscriptionId' | 'provider' | 'evidenceType'> & { readonly changedAtMs: number },
  ): Promise<StoredSubscription | undefined> {
    const { rows } = await tx.query<Row>(
      `UPDATE subscription SET changed_at_ms = GREATEST(changed_at_ms, $4)
       WHERE subscription_id = $1 AND provider = $2 AND evidence_type = $3 AND ended_at_ms IS NULL RETURNING ${all}`,
      [said.subscriptionId, said.provider, said.evidenceType, said.changedAtMs],
    )
    return rows[0] && toSubscription(rows[0])
  }

  /** Ends one, of this provider where one is named; undefined when there is none that stands. */
  async end(
    tx: Transaction,
    subscriptionId: string,
    nowMs: number,
    provider?: string,
  ): Promise<StoredSubscription | undefined> {
    const { rows } = await tx.query<Row>(
      `UPDATE subscription SET ended_at_ms = $2, delete_after_ms = $3
       WHERE subscription_id = $1 AND ended_at_ms IS NULL AND ($4::text IS NULL OR provider = $4) RETURNING ${all}`,
      [subscriptionId, nowMs, deleteAfterMs(nowMs), provider ?? null],
    )
    return rows[0] && toSubscription(rows[0])
  }

  async read(subscriptionId: string, db: Queryable = this.#db): Promise<StoredSubscription | undefined> {
    const { rows } = await db.query<Row>(`SELECT ${all} FROM subscription WHERE subscription_id = $1`, [subscriptionId])
    return rows[0] && toSubscription(rows[0])
  }

  /** At most `limit` after an id, about one person or (undefined) about anybody. */
  async list(
    after: string | undefined,
    of: { readonly listed: ListedSubscriptions; readonly subject: string | undefined },
    limit: number,
  ): Promise<StoredSubscription[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT ${all} FROM subscription
       WHERE subscription_id > COALESCE($1::uuid, '00000000-0000-0000-0000-000000000000') AND ${conditions[of.listed]}
         ${of.subject === undefined ? '' : 'AND subject = (SELECT standing_subject($3))'}
       ORDER BY subscription_id LIMIT $2`,
      of.subject === undefined ? [after ?? null, limit] : [after ?? null, limit, of.subject],
    )
    return rows.map(toSubscription)
  }

  /** Those in this mode about this person and purpose that stand. */
  async inMode(tx: Transaction, of: Pick<Subscription, 'subject' | 'purpose' | 'mode'>): Promise<StoredSubscription[]> {
    const { rows } = await tx.query<Row>(
      `SELECT ${all} FROM subscription
       WHERE subject = (SELECT standing_subject($1)) AND purpose = $2 AND mode = $3 AND ended_at_ms IS NULL
       ORDER BY subscription_id`,
      [of.subject, of.purpose, of.mode],
    )
    return rows.map(toSubscription)
  }

  /** At most so many whose time is over, or that no provider has answered for a week. */
  async over(nowMs: number, most: number): Promise<StoredSubscription[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT ${all} FROM subscription WHERE COALESCE(until_ms, asked_at_ms + 604800000) <= $1 AND ended_at_ms IS NULL LIMIT $2`,
      [Math.floor(nowMs), most],
    )
    return rows.map(toSubscription)
  }

  /** Deletes what its retention no longer covers; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query(
      'DELETE FROM subscription WHERE delete_after_ms <= $1 AND ended_at_ms IS NOT NULL',
      [Math.floor(nowMs)],
    )
    return ended.rowCount ?? 0
  }
}
