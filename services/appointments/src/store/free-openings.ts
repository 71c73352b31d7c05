import type { Queryable } from '@unefois/chassis/postgres'
import type { TakenTimes } from '../domain/free-slots.js'
import type { NumberSet } from '../domain/number-set.js'
import type { SlotKey } from '../domain/slot-queue.js'
import type { KeptOpening } from './openings.js'
import { takenIn } from './taken-text.js'

/** What a search wants of openings: slots after a key that begin before a moment. */
export interface WantedSlots {
  readonly from: SlotKey
  readonly untilMs: number
  /** No opening is longer. */
  readonly longestMs: number
  readonly lengthMs: number
  readonly stepMs: number
  /** Holds that end before count for nothing. */
  readonly nowMs: number
}

/** An opening that is not known to be full, its first slot that is wanted by its grid, and what is taken of its resources around it. */
export interface FoundOpening {
  readonly opening: KeptOpening
  readonly next: SlotKey
  readonly taken: TakenTimes
}

interface Row {
  readonly opening_no: number
  readonly schedule_no: number
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly grid_at_ms: number
  readonly next_ms: number
  readonly taken: string | null
}

const nextOf = (row: Row): SlotKey => ({ startsAtMs: row.next_ms, scheduleNo: row.schedule_no })

const foundOf = (row: Row): FoundOpening => ({
  opening: {
    openingNo: row.opening_no,
    scheduleNo: row.schedule_no,
    startsAtMs: row.starts_at_ms,
    endsAtMs: row.ends_at_ms,
    gridAtMs: row.grid_at_ms,
    isFull: false,
  },
  next: nextOf(row),
  taken: takenIn(row.taken),
})

/** Of each of these schedules at most so many openings with a slot after a key; of all at most so many, by that slot. */
export const nextOpeningsOf = async (
  db: Queryable,
  { from, untilMs, longestMs, lengthMs, stepMs, nowMs }: WantedSlots,
  scheduleNos: readonly number[],
  after: SlotKey,
  most: { readonly each: number; readonly all: number },
): Promise<FoundOpening[]> => {
  const { rows } = await db.query<Row>({
    name: 'next-openings',
    text: 'SELECT * FROM next_openings($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
    values: [
      ...[scheduleNos, from.startsAtMs, from.scheduleNo, after.startsAtMs, after.scheduleNo, untilMs],
      ...[longestMs, lengthMs, stepMs, most.each, most.all, Math.floor(nowMs)],
    ],
  })
  return rows.map(foundOf)
}

/** What is wanted of openings in the order of time; undefined: of all schedules, and none any more. */
export interface InTime {
  readonly of: NumberSet | undefined
  /** Of those that began at the key of the search or before: their first slots come after this. */
  readonly goingOn: SlotKey | undefined
  /** Of the others: they begin after this. */
  readonly coming: SlotKey | undefined
  readonly most: number
}

/** What was found in the order of time, and where each of the two goes on; undefined: that was all. */
export interface FoundInTime {
  readonly found: readonly FoundOpening[]
  readonly goingOn: SlotKey | undefined
  readonly coming: SlotKey | undefined
}

/** At most so many openings that go on, by their first slots, and as many that come, by their beginning; maybe fewer than there are. */
export const openingsInTime = async (
  db: Queryable,
  { from, untilMs, longestMs, lengthMs, stepMs, nowMs }: WantedSlots,
  { of, goingOn, coming, most }: InTime,
): Promise<FoundInTime> => {
  const { rows } = await db.query<Row & { readonly opening_no: number | null; readonly is_coming: boolean }>({
    name: 'openings-in-time',
    text: 'SELECT * FROM openings_in_time($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
    values: [
      ...[of?.from, of?.bits, from.startsAtMs, from.scheduleNo, goingOn?.startsAtMs, goingOn?.scheduleNo],
      ...[coming?.startsAtMs, coming?.scheduleNo, untilMs, longestMs, lengthMs, stepMs, most, Math.floor(nowMs)],
    ],
  })
  const cut = (isComing: boolean): SlotKey | undefined => {
    const those = rows.filter((row) => row.is_coming === isComing)
    const last = those.at(-1)
    return last && (those.length >= most || last.opening_no === null) ? nextOf(last) : undefined
  }
  const found = rows.filter(({ opening_no }) => opening_no !== null).map(foundOf)
  return { found, goingOn: cut(false), coming: cut(true) }
}
