import type { Postgres, Queryable, Transaction } from '@unefois/chassis/postgres'

/** One person and one purpose of this member. */
export interface ProactiveUse {
  readonly subject: string
  readonly purpose: string
}

/** Longer than anything collected is kept: nothing is left then that an opposition could find. */
const collectionKeptMs = 400 * 86_400_000

const isOpposed = async (db: Queryable, { subject, purpose }: ProactiveUse, nowMs: number): Promise<boolean> => {
  const { rowCount } = await db.query(
    'SELECT 1 FROM opposition WHERE subject = (SELECT standing_subject($1)) AND purpose = $2 AND kept_until_ms > $3',
    [subject, purpose, Math.floor(nowMs)],
  )
  return rowCount === 1
}

/** Until the transaction ends, nobody else opposes this use, or begins one that an opposition would not find. */
const lockUse = async (tx: Transaction, { subject, purpose }: ProactiveUse): Promise<void> => {
  await tx.query(
    `SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('opposition ' || hold_subject($1) || $2))`,
    [subject, purpose],
  )
}

/** Deletes what these exchanges brought. */
const deleteReceived = async (tx: Transaction, exchangeIds: readonly string[]): Promise<void> => {
  await tx.query('DELETE FROM received_evidence WHERE exchange_id = ANY($1::uuid[])', [exchangeIds])
}

/**
 * What is collected in proactive mode, and who opposes it. An opposition and the end of a collection lock the collection's
 * row: whichever comes second sees the other, so nothing collected outlives an opposition.
 */
export class Oppositions {
  readonly #postgres: Pick<Postgres, 'query' | 'transaction'>

  constructor(postgres: Pick<Postgres, 'query' | 'transaction'>) {
    this.#postgres = postgres
  }

  /** Begins a collection before anything is asked; false for a person who opposes. */
  async begin(exchangeId: string, use: ProactiveUse, nowMs: number): Promise<boolean> {
    return this.#postgres.transaction(async (tx) => {
      if (await isOpposed(tx, use, nowMs)) return false
      await tx.query(
        'INSERT INTO proactive_collection (exchange_id, subject, purpose, begun_at_ms) VALUES ($1, $2, $3, $4)',
        [exchangeId, use.subject, use.purpose, Math.floor(nowMs)],
      )
      return true
    })
  }

  /** Ends a collection once what it brought is kept; false, and nothing is kept, for a person who opposed meanwhile. */
  async end(exchangeId: string, use: ProactiveUse, nowMs: number): Promise<boolean> {
    return this.#postgres.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM proactive_collection WHERE exchange_id = $1 FOR UPDATE', [exchangeId])
      if (!(await isOpposed(tx, use, nowMs))) return true
      await deleteReceived(tx, [exchangeId])
      return false
    })
  }

  /** The same question for a transaction: an opposition comes wholly before it, or finds what it leaves. */
  async isOpposed(tx: Transaction, use: ProactiveUse, nowMs: number): Promise<boolean> {
    await lockUse(tx, use)
    return isOpposed(tx, use, nowMs)
  }

  /** Whether anything was ever collected about this person for this purpose, as far as is still known. */
  async hasCollected(db: Queryable, { subject, purpose }: ProactiveUse): Promise<boolean> {
    const { rowCount } = await db.query(
      'SELECT 1 FROM proactive_collection WHERE subject = (SELECT standing_subject($1)) AND purpose = $2 LIMIT 1',
      [subject, purpose],
    )
    return rowCount === 1
  }

  /** Keeps the marker and deletes what was collected. */
  async oppose(
    tx: Transaction,
    { subject, purpose }: ProactiveUse,
    { nowMs, keptUntilMs }: { readonly nowMs: number; readonly keptUntilMs: number },
  ): Promise<void> {
    await lockUse(tx, { subject, purpose })
    await tx.query(
      `INSERT INTO opposition (subject, purpose, opposed_at_ms, kept_until_ms) VALUES ($1, $2, $3, $4)
       ON CONFLICT (subject, purpose) DO UPDATE SET
         opposed_at_ms = EXCLUDED.opposed_at_ms, kept_until_ms = EXCLUDED.kept_until_ms`,
      [subject, purpose, Math.floor(nowMs), keptUntilMs],
    )
    const { rows } = await tx.query<{ exchange_id: string }>(
      `SELECT exchange_id FROM proactive_collection WHERE subject = (SELECT standing_subject($1)) AND purpose = $2
       ORDER BY exchange_id FOR UPDATE`,
      [subject, purpose],
    )
    await deleteReceived(
      tx,
      rows.map((row) => row.exchange_id),
    )
  }

  /**
   * Deletes the markers whose time is over, the traces of collections that hold nothing any more, and what a process kept of a
   * collection as it died before it could end it.
   */
  async deleteEnded(nowMs: number): Promise<{ markers: number; collections: number; received: number }> {
    const now = Math.floor(nowMs)
    const received = await this.#postgres.query(
      `DELETE FROM received_evidence USING proactive_collection AS c, opposition AS o
       WHERE received_evidence.exchange_id = c.exchange_id AND c.subject = o.subject AND c.purpose = o.purpose`,
    )
    const markers = await this.#postgres.query('DELETE FROM opposition WHERE kept_until_ms <= $1', [now])
    const collections = await this.#postgres.query('DELETE FROM proactive_collection WHERE begun_at_ms <= $1', [
      now - collectionKeptMs,
    ])
    return { markers: markers.rowCount ?? 0, collections: collections.rowCount ?? 0, received: received.rowCount ?? 0 }
  }
}
