import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Standing } from '../domain/validity.js'

/** A release as it was published. */
export interface StoredRelease extends Standing {
  readonly benefit: string
  readonly source: string
  readonly publishedAtMs: number
  readonly publishedBy: string
  readonly replacedBy: string | undefined
}

/** Where a list of releases goes on: by benefit, the latest validity first. */
export interface ReleasePosition {
  readonly benefit: string
  readonly from: string
  readonly sha256: string
}

interface Row {
  readonly sha256: string
  readonly benefit: string
  readonly valid_from: string
  readonly valid_to: string | null
  readonly source: string
  readonly published_at_ms: number
  readonly published_by: string
  readonly replaced_by: string | null
}

const columns = `sha256, benefit, valid_from::text, valid_to::text, source, published_at_ms, published_by, replaced_by`

const releaseOf = (row: Row): StoredRelease => ({
  sha256: row.sha256,
  benefit: row.benefit,
  validity: { from: row.valid_from, to: row.valid_to ?? undefined },
  source: row.source,
  publishedAtMs: row.published_at_ms,
  publishedBy: row.published_by,
  replacedBy: row.replaced_by ?? undefined,
})

/** The releases of one agency. */
export class RuleReleases {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Nobody else publishes until this transaction ends. */
  async lock(tx: Transaction): Promise<void> {
    await tx.query('LOCK TABLE rule_release IN SHARE ROW EXCLUSIVE MODE')
  }

  async get(sha256: string, db: Queryable = this.#db): Promise<StoredRelease | undefined> {
    const { rows } = await db.query<Row>(`SELECT ${columns} FROM rule_release WHERE sha256 = $1`, [sha256])
    return rows[0] && releaseOf(rows[0])
  }

  /** Those of a benefit that nothing replaced. */
  async standing(benefit: string, db: Queryable = this.#db): Promise<StoredRelease[]> {
    const { rows } = await db.query<Row>(
      `SELECT ${columns} FROM rule_release WHERE benefit = $1 AND replaced_by IS NULL ORDER BY valid_from`,
      [benefit],
    )
    return rows.map(releaseOf)
  }

  /** Of each benefit the one whose validity begins last. */
  async latest(): Promise<StoredRelease[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT DISTINCT ON (benefit) ${columns} FROM rule_release WHERE replaced_by IS NULL
       ORDER BY benefit, valid_from DESC`,
    )
    return rows.map(releaseOf)
  }

  async add(tx: Transaction, release: StoredRelease, replaces: string | undefined): Promise<void> {
    const { sha256, benefit, validity, source, publishedAtMs, publishedBy } = release
    // The one replaced gives up its place first, and names its successor once that is there.
    if (replaces !== undefined)
      await tx.query('UPDATE rule_release SET replaced_by = sha256 WHERE sha256 = $1', [replaces])
    await tx.query(
      `INSERT INTO rule_release (sha256, benefit, valid_from, valid_to, source, published_at_ms, published_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [sha256, benefit, validity.from, validity.to ?? null, source, publishedAtMs, publishedBy],
    )
    if (replaces !== undefined)
      await tx.query('UPDATE rule_release SET replaced_by = $2 WHERE sha256 = $1', [replaces, sha256])
  }

  /** At most `limit` after a position, of one benefit or all, in force on a day or ever. */
  async list(
    { benefit, day }: { readonly benefit: string | undefined; readonly day: string | undefined },
    after: ReleasePosition | undefined,
    limit: number,
  ): Promise<StoredRelease[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT ${columns} FROM rule_release
       WHERE ($1::text IS NULL OR benefit = $1)
         AND ($2::date IS NULL OR (replaced_by IS NULL AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)))
         AND ($3::text IS NULL OR benefit > $3 OR (benefit = $3 AND (valid_from < $4 OR (valid_from = $4 AND sha256 > $5))))
       ORDER BY benefit, valid_from DESC, sha256 LIMIT $6`,
      [benefit ?? null, day ?? null, after?.benefit ?? null, after?.from ?? null, after?.sha256 ?? null, limit],
    )
    return rows.map(releaseOf)
  }
}
