import type { Queryable } from '@unefois/chassis/postgres'

/** How one field of one procedure was asked on one day (UTC). */
export interface AskedCount {
  readonly purpose: string
  readonly procedure: string
  readonly evidenceType: string
  readonly field: string
  readonly asked: number
  readonly needlessly: number
  readonly byOwnWish: number
}

/** Which counts: days YYYY-MM-DD (UTC), both included. */
export interface AskedFilter {
  readonly procedure: string | undefined
  readonly fromDay: string
  readonly toDay: string
}

interface Row {
  readonly purpose: string
  readonly procedure: string
  readonly evidence_type: string
  readonly field: string
  readonly asked: number
  readonly needlessly: number
  readonly by_own_wish: number
}

const keyOf = ({ purpose, procedure, evidenceType, field }: AskedCount): string =>
  [purpose, procedure, evidenceType, field].join('\n')

/** Counts of what people were asked, by day; of whom is not kept. */
export class AskedFields {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  async add(tx: Queryable, day: string, counts: readonly AskedCount[]): Promise<void> {
    // Sorted, so that two replicas lock the same rows in the same order.
    const sorted = [...counts].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    await tx.query(
      `INSERT INTO asked_field (day, purpose, procedure, evidence_type, field, asked, needlessly, by_own_wish)
       SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])
       ON CONFLICT (day, purpose, procedure, evidence_type, field) DO UPDATE SET
         asked = asked_field.asked + EXCLUDED.asked,
         needlessly = asked_field.needlessly + EXCLUDED.needlessly,
         by_own_wish = asked_field.by_own_wish + EXCLUDED.by_own_wish`,
      [
        day,
        sorted.map((each) => each.purpose),
        sorted.map((each) => each.procedure),
        sorted.map((each) => each.evidenceType),
        sorted.map((each) => each.field),
        sorted.map((each) => each.asked),
        sorted.map((each) => each.needlessly),
        sorted.map((each) => each.byOwnWish),
      ],
    )
  }

  /** The fields asked needlessly most often first; at most `limit` after the first `offset`. */
  async list({ procedure, fromDay, toDay }: AskedFilter, offset: number, limit: number): Promise<AskedCount[]> {
    const { rows } = await this.#db.query<Row>(
      `SELECT purpose, procedure, evidence_type, field, sum(asked)::bigint AS asked,
              sum(needlessly)::bigint AS needlessly, sum(by_own_wish)::bigint AS by_own_wish
       FROM asked_field WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR procedure = $3)
       GROUP BY purpose, procedure, evidence_type, field
       ORDER BY 6 DESC, purpose, procedure, evidence_type, field LIMIT $4 OFFSET $5`,
      [fromDay, toDay, procedure ?? null, limit, offset],
    )
    return rows.map(({ evidence_type, by_own_wish, ...row }) => ({
      ...row,
      evidenceType: evidence_type,
      byOwnWish: by_own_wish,
    }))
  }

  /** Forgets days before this one. */
  async deleteBefore(day: string): Promise<void> {
    await this.#db.query('DELETE FROM asked_field WHERE day < $1', [day])
  }
}
