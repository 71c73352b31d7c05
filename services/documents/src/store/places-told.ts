import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** A release that told the places of a file, and the other people whom that file names. */
export interface PlaceTold {
  readonly exchangeId: string
  readonly requester: string
  /** Whose file it is. */
  readonly about: string
  readonly named: readonly string[]
  /** Until when the requester may keep it. */
  readonly keepUntilMs: number
}

/** What a past requester is to withhold, and until when; 0 for nothing any more. */
export interface Withholding {
  readonly exchangeId: string
  readonly requester: string
  readonly untilMs: number
}

interface Row {
  readonly exchange_id: string
  readonly requester: string
  readonly until_ms: number
}

/** Notes a release in its own transaction, so that a protection told later finds it. */
export const notePlaceTold = async (tx: Transaction, told: PlaceTold): Promise<void> => {
  if (told.named.length === 0) return
  await tx.query(
    `INSERT INTO place_told (subject, requester, exchange_id, about, keep_until_ms)
     SELECT DISTINCT unnest($1::text[]), $2, $3::uuid, $4, $5::bigint ON CONFLICT DO NOTHING`,
    [told.named, told.requester, told.exchangeId, told.about, told.keepUntilMs],
  )
}

/**
 * Every release whose file is of one of these people or names one, with the last end of all protections of people whom it names:
 * but for decisions that protect its own person too.
 */
export const withholdingsFor = async (
  tx: Transaction,
  subjects: readonly string[],
  nowMs: number,
): Promise<Withholding[]> => {
  const { rows } = await tx.query<Row>(
    `SELECT told.exchange_id, told.requester,
            COALESCE(max(kept.until_ms) FILTER (WHERE kept.until_ms > $2), 0) AS until_ms
     FROM place_told AS told
     CROSS JOIN LATERAL names_of(told.subject) AS named (name)
     LEFT JOIN protected_subject AS kept ON kept.subject = named.name AND NOT EXISTS (
       SELECT FROM names_of(told.about) AS own (name)
       JOIN protected_subject AS mine ON mine.subject = own.name
       WHERE mine.mark = kept.mark AND mine.mark <> '' AND mine.until_ms > $2)
     WHERE told.keep_until_ms > $2 AND (told.requester, told.exchange_id) IN (
       SELECT requester, exchange_id FROM unnest($1::text[]) AS asked
       CROSS JOIN LATERAL names_of(asked) AS asked_by (name)
       JOIN place_told ON asked_by.name IN (place_told.subject, place_told.about))
     GROUP BY told.exchange_id, told.requester ORDER BY told.exchange_id`,
    [subjects, Math.floor(nowMs)],
  )
  return rows.map((row) => ({ exchangeId: row.exchange_id, requester: row.requester, untilMs: row.until_ms }))
}

/** Forgets what no requester keeps any more; answers how many rows. */
export const deleteEndedPlacesTold = async (db: Queryable, nowMs: number): Promise<number> =>
  (await db.query('DELETE FROM place_told WHERE keep_until_ms <= $1', [Math.floor(nowMs)])).rowCount ?? 0
