import type { Transaction } from '@unefois/chassis/postgres'

const most = 200
// As long as an opening can be.
const longestMs = 52 * 3_600_000

/** The live appointments of schedules that no opening of theirs holds any more; at most 200, the earliest first. */
export const displacedOf = async (
  tx: Transaction,
  scheduleNos: readonly number[],
  nowMs: number,
): Promise<string[]> => {
  const { rows } = await tx.query<{ appointment_id: string }>(
    `SELECT appointment_id FROM appointment
     WHERE schedule_no = ANY($1) AND state IN ('held', 'booked', 'arrived') AND ends_at_ms > $2
       AND (held_until_ms IS NULL OR held_until_ms > $2)
       AND NOT EXISTS (SELECT FROM opening WHERE opening.schedule_no = appointment.schedule_no
                       AND opening.starts_at_ms <= appointment.starts_at_ms
                       AND opening.starts_at_ms > appointment.starts_at_ms - ${longestMs}
                       AND opening.ends_at_ms >= appointment.ends_at_ms)
     ORDER BY starts_at_ms, appointment_id LIMIT ${most}`,
    [scheduleNos, Math.floor(nowMs)],
  )
  return rows.map((row) => row.appointment_id)
}
