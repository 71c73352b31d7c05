import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** One person and one purpose of this member. */
export interface ProactiveUse {
  readonly subject: string
  readonly purpose: string
}

export const putOpposition = async (
  tx: Transaction,
  { subject, purpose }: ProactiveUse,
  keptUntilMs: number,
): Promise<void> => {
  await tx.query(
    `INSERT INTO opposition (subject, purpose, kept_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (subject, purpose) DO UPDATE SET kept_until_ms = EXCLUDED.kept_until_ms`,
    [subject, purpose, keptUntilMs],
  )
}

/** Whether the person opposes this use now. */
export const isOpposed = async (db: Queryable, { subject, purpose }: ProactiveUse, nowMs: number): Promise<boolean> => {
  const { rowCount } = await db.query(
    'SELECT 1 FROM opposition WHERE subject = (SELECT standing_subject($1)) AND purpose = $2 AND kept_until_ms > $3',
    [subject, purpose, Math.floor(nowMs)],
  )
  return rowCount === 1
}

/** Deletes the markers whose time is over; answers how many. */
export const deleteEndedOppositions = async (db: Queryable, nowMs: number): Promise<number> =>
  (await db.query('DELETE FROM opposition WHERE kept_until_ms <= $1', [Math.floor(nowMs)])).rowCount ?? 0
