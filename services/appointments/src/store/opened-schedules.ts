import type { Transaction } from '@unefois/chassis/postgres'

/** A schedule whose row the transaction has locked, and up to which local day its openings are there. */
export interface OpenedSchedule {
  readonly scheduleNo: number
  readonly openedUntil: string | undefined
}

interface Row {
  readonly schedule_no: number
  readonly opened_until: string | null
}

const columns = `schedule_no, to_char(opened_until, 'YYYY-MM-DD') AS opened_until`
const openedOf = (row: Row): OpenedSchedule => ({
  scheduleNo: row.schedule_no,
  openedUntil: row.opened_until ?? undefined,
})

/** Locks schedules, so that nobody else computes their openings. */
export const lockSchedules = async (tx: Transaction, scheduleNos: readonly number[]): Promise<void> => {
  await tx.query('SELECT 1 FROM schedule WHERE schedule_no = ANY($1) ORDER BY schedule_no FOR UPDATE', [scheduleNos])
}

/** Locks schedules that were last looked at on a day before this one (UTC); those that somebody else has are not waited for. */
export const takeDueSchedules = async (tx: Transaction, today: string, limit: number): Promise<OpenedSchedule[]> => {
  const { rows } = await tx.query<Row>(
    `SELECT ${columns} FROM schedule WHERE opened_on < $1 ORDER BY opened_on LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [today, limit],
  )
  return rows.map(openedOf)
}

/** Schedules whose openings were computed by an older edition of the time zone database, as "2025b". */
export const outdatedSchedules = async (tx: Transaction, edition: string, limit: number): Promise<number[]> => {
  const { rows } = await tx.query<{ schedule_no: number }>(
    `SELECT schedule_no FROM schedule WHERE opened_on IS NOT NULL AND zone_edition < $1 COLLATE "C"
     ORDER BY schedule_no LIMIT $2`,
    [edition, limit],
  )
  return rows.map((row) => row.schedule_no)
}

/** Keeps up to which local day openings are there, looked at on a day (UTC); undefined: none, the schedule is retired. */
export const noteOpened = async (
  tx: Transaction,
  opened: readonly (OpenedSchedule & { readonly on: string })[],
): Promise<void> => {
  await tx.query(
    `UPDATE schedule SET opened_until = until, opened_on = CASE WHEN until IS NULL THEN NULL ELSE day END
     FROM unnest($1::int[], $2::date[], $3::date[]) AS opened (no, until, day) WHERE schedule_no = no`,
    [
      opened.map(({ scheduleNo }) => scheduleNo),
      opened.map(({ openedUntil }) => openedUntil ?? null),
      opened.map(({ on }) => on),
    ],
  )
}

/** Keeps by which edition of the time zone database all openings of schedules were computed. */
export const noteEdition = async (tx: Transaction, scheduleNos: readonly number[], edition: string): Promise<void> => {
  await tx.query('UPDATE schedule SET zone_edition = $2 WHERE schedule_no = ANY($1)', [scheduleNos, edition])
}
