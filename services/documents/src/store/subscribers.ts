import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Mode } from '@unefois/proto/federation-list'
import { deleteAfterMs } from '../domain/exchange-record.js'
import type { Subscriber } from '../domain/subscription.js'

/** A subscriber with something to tell it. */
export interface DueSubscriber extends Subscriber {
  readonly changedAtMs: number
}

interface Row {
  readonly requester: string
  readonly subscription_id: string
  readonly subject: string
  readonly evidence_type: string
  readonly purpose: string
  readonly procedure: string
  readonly basis_id: string
  readonly mode: Mode
  readonly opened_at_ms: number
  readonly until_ms: number
  readonly changed_at_ms: number | null
}

const columns = `requester, subscription_id, subject, evidence_type, purpose, procedure, basis_id, mode, opened_at_ms,
  until_ms`

const toSubscriber = (row: Row): Subscriber => ({
  requester: row.requester,
  subscriptionId: row.subscription_id,
  subject: row.subject,
  evidenceType: row.evidence_type,
  purpose: row.purpose,
  procedure: row.procedure,
  basisId: row.basis_id,
  mode: row.mode,
  openedAtMs: row.opened_at_ms,
  untilMs: row.until_ms,
})

/** What names one subscriber: another requester may have chosen the same id. */
export type SubscriberKey = Pick<Subscriber, 'requester' | 'subscriptionId'>

/** Whom this member tells that evidence changed. */
export class Subscribers {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Keeps a new one; the same again changes nothing. Answers until when it stands; undefined for an id of another or an ended one. */
  async open(tx: Transaction, subscriber: Subscriber): Promise<number | undefined> {
    const { requester, subscriptionId, subject, evidenceType, purpose, procedure, basisId, mode } = subscriber
    const { openedAtMs, untilMs } = subscriber
    const { rows } = await tx.query<Row & { readonly ended_at_ms: number | null; readonly named: string }>(
      `INSERT INTO subscriber AS known (${columns}, delete_after_ms)
       VALUES ($1, $2, hold_subject($3), $4, $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT (requester, subscription_id) DO UPDATE SET until_ms = known.until_ms
       RETURNING ${columns}, ended_at_ms, (SELECT standing_subject($3)) AS named`,
      [
        ...[requester, subscriptionId, subject, evidenceType, purpose, procedure, basisId, mode],
        ...[openedAtMs, untilMs, deleteAfterMs(untilMs)],
      ],
    )
    const [row] = rows
    const isSame =
      row?.ended_at_ms === null &&
      row.subject === row.named &&
      row.evidence_type === evidenceType &&
      row.purpose === purpose &&
      row.basis_id === basisId
    return isSame ? row.until_ms : undefined
  }

  /** Those that stand for this person and type. */
  async standing(tx: Transaction, subject: string, evidenceType: string): Promise<Subscriber[]> {
    const { rows } = await tx.query<Row>({
      name: 'standing-subscribers',
      text: `SELECT ${columns} FROM subscriber
             WHERE subject = (SELECT standing_subject($1)) AND evidence_type = $2 AND ended_at_ms IS NULL
             ORDER BY requester, subscription_id`,
      values: [subject, evidenceType],
    })
    return rows.map(toSubscriber)
  }

  /** Others of the same requester about the same, which a new one takes the place of. */
  async replacedBy(tx: Transaction, { requester, subscriptionId, ...of }: Subscriber): Promise<Subscriber[]> {
    const standing = await this.standing(tx, of.subject, of.evidenceType)
    return standing.filter(
      (each) =>
        each.requester === requester &&
        each.purpose === of.purpose &&
        each.basisId === of.basisId &&
        each.subscriptionId !== subscriptionId,
    )
  }

  /** Notes that there is something to tell; what happens until it is told is told with it. */
  async mark(tx: Transaction, keys: readonly SubscriberKey[], changedAtMs: number, dueAtMs: number): Promise<void> {
    if (keys.length === 0) return
    await tx.query(
      `UPDATE subscriber AS s SET changed_at_ms = COALESCE(s.changed_at_ms, $3), due_at_ms = COALESCE(s.due_at_ms, $4)
       FROM unnest($1::text[], $2::uuid[]) AS k (requester, subscription_id)
       WHERE s.requester = k.requester AND s.subscription_id = k.subscription_id AND s.ended_at_ms IS NULL`,
      [keys.map(({ requester }) => requester), keys.map(({ subscriptionId }) => subscriptionId), changedAtMs, dueAtMs],
    )
  }

  /** Those to be told now, the longest overdue first; another process finds them due again only at `againAtMs`. */
  async takeDue(nowMs: number, againAtMs: number, most: number): Promise<DueSubscriber[]> {
    const { rows } = await this.#db.query<Row>(
      `UPDATE subscriber AS s SET due_at_ms = $2 FROM (
         SELECT requester, subscription_id FROM subscriber WHERE due_at_ms <= $1 AND ended_at_ms IS NULL
         ORDER BY due_at_ms LIMIT $3 FOR UPDATE SKIP LOCKED) AS d
       WHERE s.requester = d.requester AND s.subscription_id = d.subscription_id
       RETURNING ${columns
         .split(',')
         .map((name) => `s.${name.trim()}`)
         .join(', ')}, s.changed_at_ms`,
      [Math.floor(nowMs), Math.floor(againAtMs), most],
    )
    return rows.map((row) => ({ ...toSubscriber(row), changedAtMs: row.changed_at_ms ?? 0 }))
  }

  /** Takes what there is to tell: what happens from now on is told anew. False when it stands no more, or was told already. */
  async told(tx: Transaction, { requester, subscriptionId }: SubscriberKey): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE subscriber SET changed_at_ms = NULL, due_at_ms = NULL
       WHERE requester = $1 AND subscription_id = $2 AND ended_at_ms IS NULL AND due_at_ms IS NOT NULL`,
      [requester, subscriptionId],
    )
    return rowCount === 1
  }

  /** Ends one; undefined when there is none that stands. */
  async end(
    tx: Transaction,
    { requester, subscriptionId }: SubscriberKey,
    nowMs: number,
  ): Promise<Subscriber | undefined> {
    const { rows } = await tx.query<Row>(
      `UPDATE subscriber SET ended_at_ms = $3, changed_at_ms = NULL, due_at_ms = NULL, delete_after_ms = $4
       WHERE requester = $1 AND subscription_id = $2 AND ended_at_ms IS NULL RETURNING ${columns}`,
      [requester, subscriptionId, nowMs, deleteAfterMs(nowMs)],
    )
    return rows[0] && toSubscriber(rows[0])
  }

  /** Those that rest on this basis. */
  async onBasis(tx: Transaction, basisId: string): Promise<Subscriber[]> {
    const { rows } = await tx.query<Row>(
      `SELECT ${columns} FROM subscriber WHERE basis_id = $1 AND ended_at_ms IS NULL ORDER BY requester, subscription_id`,
      [basisId],
    )
    return rows.map(toSubscriber)
  }

  /** Which requesters are told of what, for which purpose and in which mode. */
  async uses(): Promise<Pick<Subscriber, 'requester' | 'evidenceType' | 'purpose' | 'mode'>[]> {
    const { rows } = await this.#db.query<Row>(
      'SELECT DISTINCT requester, evidence_type, purpose, mode FROM subscriber WHERE ended_at_ms IS NULL',
    )
    return rows.map(({ requester, evidence_type, purpose, mode }) => ({
      requester,
      evidenceType: evidence_type,
      purpose,
      mode,
    }))
  }

  /** At most so many of one use, or (undefined) whose time is over. */
  async toEnd(
    use: Pick<Subscriber, 'requester' | 'evidenceType' | 'purpose' | 'mode'> | undefined,
    nowMs: number,
    most: number,
  ): Promise<Subscriber[]> {
    const { rows } = await (use
      ? this.#db.query<Row>(
          `SELECT ${columns} FROM subscriber WHERE requester = $1 AND evidence_type = $2 AND purpose = $3 AND mode = $4
             AND ended_at_ms IS NULL LIMIT $5`,
          [use.requester, use.evidenceType, use.purpose, use.mode, most],
        )
      : this.#db.query<Row>(
          `SELECT ${columns} FROM subscriber WHERE until_ms <= $1 AND ended_at_ms IS NULL ORDER BY until_ms LIMIT $2`,
          [Math.floor(nowMs), most],
        ))
    return rows.map(toSubscriber)
  }

  /** Deletes what its retention no longer covers; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query(
      'DELETE FROM subscriber WHERE delete_after_ms <= $1 AND ended_at_ms IS NOT NULL',
      [Math.floor(nowMs)],
    )
    return ended.rowCount ?? 0
  }
}
