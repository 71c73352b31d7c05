import type { Queryable } from '@unefois/chassis/postgres'
import { dayOf } from './predicate-uses.js'

/** How many rows a deletion took. */
export interface Deleted {
  readonly evidence: number
  readonly records: number
  readonly predicateUses: number
}

/**
 * Deletes what its retention no longer covers: evidence received, records older than 36 months, yesterday's counts of
 * predicates. The hashes of the log stay: without record and salt they tell nothing.
 */
export const deleteExpired = async (db: Queryable, nowMs: number): Promise<Deleted> => {
  const now = Math.floor(nowMs)
  const evidence = await db.query('DELETE FROM received_evidence WHERE keep_until_ms <= $1', [now])
  const records = await db.query(
    `WITH gone AS (DELETE FROM exchange_record WHERE delete_after_ms <= $1 RETURNING sequence),
     places AS (DELETE FROM log_place USING gone WHERE log_place.sequence = gone.sequence)
     SELECT FROM gone`,
    [now],
  )
  const predicateUses = await db.query('DELETE FROM predicate_use WHERE day < $1::date', [dayOf(nowMs)])
  return {
    evidence: evidence.rowCount ?? 0,
    records: records.rowCount ?? 0,
    predicateUses: predicateUses.rowCount ?? 0,
  }
}
