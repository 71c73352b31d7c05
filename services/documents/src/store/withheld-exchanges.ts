import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** What this member received and withholds, because a file that it came from names somebody who is protected. */
export class WithheldExchanges {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Withholds what this exchange brought until then; 0 ends it. */
  async put(tx: Transaction, exchangeId: string, untilMs: number): Promise<void> {
    await tx.query(
      `INSERT INTO withheld_exchange (exchange_id, until_ms) VALUES ($1, $2)
       ON CONFLICT (exchange_id) DO UPDATE SET until_ms = EXCLUDED.until_ms`,
      [exchangeId, untilMs],
    )
  }

  /** Those of these exchanges that are withheld now. */
  async among(exchangeIds: readonly string[], nowMs: number): Promise<ReadonlySet<string>> {
    if (exchangeIds.length === 0) return new Set()
    const { rows } = await this.#db.query<{ exchange_id: string }>(
      'SELECT exchange_id FROM withheld_exchange WHERE exchange_id = ANY($1::uuid[]) AND until_ms > $2',
      [exchangeIds, Math.floor(nowMs)],
    )
    return new Set(rows.map((row) => row.exchange_id))
  }

  /** Forgets what is withheld no longer; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query('DELETE FROM withheld_exchange WHERE until_ms <= $1', [Math.floor(nowMs)])
    return ended.rowCount ?? 0
  }
}
