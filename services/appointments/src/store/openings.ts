import { jointly, jointRead } from '@unefois/chassis/joint'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Opening, Span } from '../domain/slots.js'

/** An opening as it is kept. */
export interface KeptOpening extends Opening {
  readonly openingNo: number
  readonly scheduleNo: number
  /** Nothing of it is free; true only where that is so. */
  readonly isFull: boolean
}

/** An opening of a schedule, to be kept. */
export type OpeningOf = Omit<KeptOpening, 'openingNo'>

interface OpeningRow {
  readonly opening_no: number
  readonly schedule_no: number
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly grid_at_ms: number
  readonly is_full: boolean
}

const openingOf = (row: OpeningRow): KeptOpening => ({
  openingNo: row.opening_no,
  scheduleNo: row.schedule_no,
  startsAtMs: row.starts_at_ms,
  endsAtMs: row.ends_at_ms,
  gridAtMs: row.grid_at_ms,
  isFull: row.is_full,
})

const columns = 'opening_no, schedule_no, starts_at_ms, ends_at_ms, grid_at_ms, is_full'

// The hours of one local day end within the next one: no opening is longer than two days, with two changes of the clocks.
export const longestMs = 52 * 3_600_000

// Resources share locks, so that a transaction never has more of them than the server has room for.
const stripes = 256
const stripesOf = (resourceNos: readonly number[]): number[] =>
  [...new Set(resourceNos.map((no) => no % stripes))].sort((a, b) => a - b)

const valuesOf = (times: readonly (Span & { readonly resourceNo: number })[]): unknown[] => [
  times.map(({ resourceNo }) => resourceNo),
  times.map(({ startsAtMs }) => startsAtMs),
  times.map(({ endsAtMs }) => endsAtMs),
]

const openingContaining = jointRead<Span & { readonly scheduleNo: number }, KeptOpening | undefined>(
  async (db, times) => {
    const { rows } = await db.query<OpeningRow & { readonly nr: number }>({
      name: 'opening-containing',
      text: `SELECT nr, ${columns} FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (no, from_ms, to_ms, nr)
             CROSS JOIN LATERAL (
               SELECT * FROM opening
               WHERE schedule_no = asked.no AND starts_at_ms <= from_ms AND starts_at_ms > from_ms - ${longestMs} AND ends_at_ms >= to_ms
               ORDER BY starts_at_ms DESC LIMIT 1) AS opening`,
      values: [
        times.map(({ scheduleNo }) => scheduleNo),
        times.map(({ startsAtMs }) => startsAtMs),
        times.map(({ endsAtMs }) => endsAtMs),
      ],
    })
    const found = new Map(rows.map((row) => [row.nr, openingOf(row)]))
    return times.map((_, at) => found.get(at + 1))
  },
)

/** When schedules take meetings. */
export class Openings {
  readonly #postgres: Queryable

  constructor(postgres: Queryable) {
    this.#postgres = postgres
  }

  /** Puts what schedules open in the place of all that they had after a moment. */
  async replace(
    tx: Transaction,
    scheduleNos: readonly number[],
    fromMs: number,
    openings: readonly OpeningOf[],
  ): Promise<void> {
    await tx.query('DELETE FROM opening WHERE schedule_no = ANY($1) AND ends_at_ms > $2', [
      scheduleNos,
      Math.floor(fromMs),
    ])
    await this.add(tx, openings)
  }

  async add(tx: Transaction, openings: readonly OpeningOf[]): Promise<void> {
    if (openings.length === 0) return
    await tx.query(
      `INSERT INTO opening (schedule_no, starts_at_ms, ends_at_ms, grid_at_ms, is_full)
       SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])`,
      [
        openings.map(({ scheduleNo }) => scheduleNo),
        openings.map(({ startsAtMs }) => startsAtMs),
        openings.map(({ endsAtMs }) => endsAtMs),
        openings.map(({ gridAtMs }) => gridAtMs),
        openings.map(({ isFull }) => isFull),
      ],
    )
  }

  /** Deletes what schedules had that ended before a moment. */
  async forgetEnded(tx: Transaction, scheduleNos: readonly number[], beforeMs: number): Promise<void> {
    await tx.query('DELETE FROM opening WHERE schedule_no = ANY($1) AND ends_at_ms <= $2', [
      scheduleNos,
      Math.floor(beforeMs),
    ])
  }

  /** The opening of a schedule in which a time lies whole. */
  async containing(db: Queryable, scheduleNo: number, span: Span): Promise<KeptOpening | undefined> {
    return jointly(db, openingContaining, { ...span, scheduleNo })
  }

  /** The openings of places' schedules that meet a time, also full ones; by their beginning. */
  async meeting(scheduleNos: readonly number[], span: Span, db: Queryable = this.#postgres): Promise<KeptOpening[]> {
    const { rows } = await db.query<OpeningRow>(
      `SELECT ${columns} FROM opening
       WHERE schedule_no = ANY($1) AND starts_at_ms > $2::bigint - ${longestMs} AND starts_at_ms < $3 AND ends_at_ms > $2
       ORDER BY starts_at_ms, schedule_no`,
      [scheduleNos, span.startsAtMs, span.endsAtMs],
    )
    return rows.map(openingOf)
  }

  /** Openings that nobody else is about to change, locked. */
  async lock(tx: Transaction, openingNos: readonly number[]): Promise<KeptOpening[]> {
    const { rows } = await tx.query<OpeningRow>(
      `SELECT ${columns} FROM opening WHERE opening_no = ANY($1::bigint[]) AND NOT is_full
       ORDER BY opening_no FOR UPDATE SKIP LOCKED`,
      [openingNos],
    )
    return rows.map(openingOf)
  }

  /** While this transaction lasts nobody says that openings of these resources are full. */
  async shareResources(tx: Transaction, resourceNos: readonly number[]): Promise<void> {
    await tx.query({
      name: 'share-resources',
      text: `SELECT pg_advisory_xact_lock_shared(hashtext(current_schema() || ' resource'), stripe)
             FROM unnest($1::int[]) AS stripe`,
      values: [stripesOf(resourceNos)],
    })
  }

  /** Whether nothing of these resources is being freed, and will be while this transaction lasts. */
  async tryOwnResources(tx: Transaction, resourceNos: readonly number[]): Promise<boolean> {
    const { rows } = await tx.query<{ is_owned: boolean | null }>(
      `SELECT bool_and(pg_try_advisory_xact_lock(hashtext(current_schema() || ' resource'), stripe)) AS is_owned
       FROM unnest($1::int[]) AS stripe`,
      [stripesOf(resourceNos)],
    )
    return rows[0]?.is_owned !== false
  }

  /** Openings that these times of resources meet are not known to be full any more. The transaction shares the resources. */
  async openAgain(tx: Transaction, freed: readonly (Span & { readonly resourceNo: number })[]): Promise<void> {
    await tx.query({
      name: 'openings-open-again',
      text: `UPDATE opening SET is_full = false
             FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS freed (resource_no, from_ms, to_ms)
             JOIN schedule ON practitioner_no = resource_no OR room_no = resource_no
             WHERE opening.schedule_no = schedule.schedule_no AND is_full
               AND starts_at_ms > from_ms - ${longestMs} AND starts_at_ms < to_ms AND ends_at_ms > from_ms`,
      values: valuesOf(freed),
    })
  }

  /** The transaction has locked them, and owns their resources. */
  async markFull(tx: Transaction, openingNos: readonly number[]): Promise<void> {
    if (openingNos.length === 0) return
    await tx.query('UPDATE opening SET is_full = true WHERE opening_no = ANY($1::bigint[])', [openingNos])
  }
}
