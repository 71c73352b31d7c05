import type { Queryable } from '@unefois/chassis/postgres'
import type { SlotKey } from '../domain/slot-queue.js'
import type { Span } from '../domain/slots.js'
import { type KeptOpening, type OpeningRow, openingOf } from './openings.js'

// What an index has; these are not full.
const columns = 'opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms, false AS is_full'
const inIndex = 'opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms'

/** Openings of a few schedules that begin within a time, or go on at its beginning; by their beginning. */
export const freeOpeningsOf = async (
  db: Queryable,
  scheduleNos: readonly number[],
  begin: Span,
  endAfterMs: number,
): Promise<KeptOpening[]> => {
  // For each schedule apart, so that the index of schedules is used, and not one of a whole quarter of a year.
  const { rows } = await db.query<OpeningRow>({
    name: 'free-openings-of',
    text: `SELECT ${columns} FROM unnest($1::int[]) AS wanted (no) CROSS JOIN LATERAL (
             SELECT ${inIndex} FROM opening
             WHERE schedule_no = wanted.no AND starts_at_ms >= $2 AND starts_at_ms < $3 AND ends_at_ms > $4 AND NOT is_full
             OFFSET 0) AS opening
           ORDER BY starts_at_ms, schedule_no`,
    values: [scheduleNos, begin.startsAtMs, begin.endsAtMs, endAfterMs],
  })
  return rows.map(openingOf)
}

/** At most so many openings that begin after a key and before a moment, in the order of keys. Undefined schedules: all. */
export const comingOpenings = async (
  db: Queryable,
  after: SlotKey,
  untilMs: number,
  scheduleNos: readonly number[] | undefined,
  limit: number,
): Promise<KeptOpening[]> => {
  const { rows } = await db.query<OpeningRow>(
    `SELECT ${columns} FROM opening
     WHERE NOT is_full AND (starts_at_ms, schedule_no) > ($1::bigint, $2::int) AND starts_at_ms < $3::bigint
       ${scheduleNos ? 'AND schedule_no = ANY($5::int[])' : ''}
     ORDER BY starts_at_ms, schedule_no LIMIT $4`,
    [after.startsAtMs, after.scheduleNo, untilMs, limit, ...(scheduleNos ? [scheduleNos] : [])],
  )
  return rows.map(openingOf)
}

/** What a search asks of openings that go on. */
export interface GoingOn {
  /** They began at this key or before, and less than so long before it. */
  readonly from: SlotKey
  readonly longestMs: number
  readonly lengthMs: number
  readonly stepMs: number
  readonly scheduleNos: readonly number[] | undefined
}

/** At most so many openings that go on, by their first slot after a key, which is in their grid. */
export const openingsGoingOn = async (
  db: Queryable,
  { from, longestMs, lengthMs, stepMs, scheduleNos }: GoingOn,
  after: SlotKey,
  limit: number,
): Promise<{ readonly opening: KeptOpening; readonly next: SlotKey }[]> => {
  const { rows } = await db.query<OpeningRow & { readonly next_ms: number }>(
    `SELECT ${columns}, next_ms FROM (
       SELECT ${inIndex}, grid_at_ms
         + (greatest($3::bigint + (schedule_no <= $4::int)::int, starts_at_ms) - grid_at_ms + $6::bigint - 1) / $6 * $6 AS next_ms
       FROM opening
       WHERE NOT is_full AND starts_at_ms > $1::bigint - $8::bigint AND (starts_at_ms, schedule_no) <= ($1, $2::int) AND ends_at_ms > $3
         ${scheduleNos ? 'AND schedule_no = ANY($9::int[])' : ''}) AS going
     WHERE next_ms + $5::bigint <= ends_at_ms ORDER BY next_ms, schedule_no LIMIT $7`,
    [
      ...[from.startsAtMs, from.scheduleNo, after.startsAtMs, after.scheduleNo, lengthMs, stepMs, limit, longestMs],
      ...(scheduleNos ? [scheduleNos] : []),
    ],
  )
  return rows.map((row) => ({
    opening: openingOf(row),
    next: { startsAtMs: row.next_ms, scheduleNo: row.schedule_no },
  }))
}
