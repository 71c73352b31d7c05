import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** A procedure as it was published. */
export interface PublishedProcedure {
  readonly id: string
  readonly sha256: string
  readonly source: string
  readonly publishedAtMs: number
  readonly publishedBy: string
}

interface Row {
  readonly id: string
  readonly sha256: string
  readonly source: string
  readonly published_at_ms: number
  readonly published_by: string
}

const columns = 'id, sha256, source, published_at_ms, published_by'
const procedureOf = ({ published_at_ms, published_by, ...row }: Row): PublishedProcedure => ({
  ...row,
  publishedAtMs: published_at_ms,
  publishedBy: published_by,
})

/** The procedures of one agency; the latest published of an id is in force. */
export class PublishedProcedures {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Nobody else publishes until this transaction ends. */
  async lock(tx: Transaction): Promise<void> {
    await tx.query('LOCK TABLE published_procedure IN SHARE ROW EXCLUSIVE MODE')
  }

  async get(id: string, db: Queryable = this.#db): Promise<PublishedProcedure | undefined> {
    const { rows } = await db.query<Row>(
      `SELECT ${columns} FROM published_procedure WHERE id = $1 ORDER BY position DESC LIMIT 1`,
      [id],
    )
    return rows[0] && procedureOf(rows[0])
  }

  /** One as it was published under this name, in force or not. */
  async version(id: string, sha256: string, db: Queryable = this.#db): Promise<PublishedProcedure | undefined> {
    const { rows } = await db.query<Row>(
      `SELECT ${columns} FROM published_procedure WHERE id = $1 AND sha256 = $2 ORDER BY position DESC LIMIT 1`,
      [id, sha256],
    )
    return rows[0] && procedureOf(rows[0])
  }

  /** The one that was in force at a moment; undefined before the first was published. */
  async at(id: string, ms: number, db: Queryable = this.#db): Promise<PublishedProcedure | undefined> {
    const { rows } = await db.query<Row>(
      `SELECT ${columns} FROM published_procedure WHERE id = $1 AND published_at_ms <= $2 ORDER BY position DESC LIMIT 1`,
      [id, ms],
    )
    return rows[0] && procedureOf(rows[0])
  }

  async add(tx: Transaction, { id, sha256, source, publishedAtMs, publishedBy }: PublishedProcedure): Promise<void> {
    await tx.query(
      `INSERT INTO published_procedure (id, sha256, source, published_at_ms, published_by) VALUES ($1, $2, $3, $4, $5)`,
      [id, sha256, source, publishedAtMs, publishedBy],
    )
  }

  /** Those in force, by their ids; at most `limit` after one. */
  async list(after: string, limit: number): Promise<PublishedProcedure[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT DISTINCT ON (id) ${columns} FROM published_procedure WHERE id > $1 ORDER BY id, position DESC LIMIT $2`,
      [after, limit],
    )
    return rows.map(procedureOf)
  }
}
