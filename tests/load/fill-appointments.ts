import type { Places } from '@unefois/deploy/sandbox/places'
import { schemaOf } from './fill-lists.js'

// An agency's appointments as they are after years: rows made in SQL, whose content nobody opens.

const dayMs = 86_400_000
const atOnce = 1_000_000
/** What was taken goes with its appointment, which most agencies keep so long. */
const claimsKeptDays = 90
/** Earlier than the openings of today in any zone. */
const historyEndsDays = 2

/** What a database does by itself within minutes after so many openings were published. */
export const settleOpenings = async (places: Places, member: string): Promise<void> => {
  const db = schemaOf(places, member, 'appointments')
  const session = await db.session()
  await session.query('VACUUM (ANALYZE) opening')
  await session.query('VACUUM (ANALYZE) schedule')
  await session.end()
  await db.close()
}

/** Takes whole openings of the first days of every schedule, as meetings one after the other would. */
export const occupyDays = async (places: Places, member: string, days: number): Promise<void> => {
  const db = schemaOf(places, member, 'appointments')
  const session = await db.session()
  await session.query('SET statement_timeout = 0')
  const until = Date.now() + days * dayMs
  await session.query(
    `INSERT INTO claim (holder_id, resource_no, lane, during, session_id, seat)
     SELECT gen_random_uuid(), practitioner_no, 0, int8range(opening.starts_at_ms, opening.ends_at_ms), gen_random_uuid(), 0
     FROM opening JOIN schedule USING (schedule_no)
     WHERE opening.starts_at_ms < $1
       AND NOT EXISTS (SELECT FROM claim WHERE resource_no = practitioner_no
                       AND during && int8range(opening.starts_at_ms, opening.ends_at_ms))`,
    [until],
  )
  await session.query('UPDATE opening SET is_full = true WHERE starts_at_ms < $1', [until])
  await session.query('VACUUM (ANALYZE) claim')
  await session.query('VACUUM (ANALYZE) opening')
  await session.end()
  await db.close()
}

/** Fulfilled appointments of the ten years before, with their claims of the last ninety days. */
export const fillHistory = async (places: Places, member: string, count: number): Promise<void> => {
  const db = schemaOf(places, member, 'appointments')
  const session = await db.session()
  await session.query('SET statement_timeout = 0')
  await session.query('SET synchronous_commit = off')
  await session.query(`SET maintenance_work_mem = '512MB'`)
  await session.query('ALTER TABLE appointment DISABLE TRIGGER USER')
  // So many rows enter faster into a table without indexes, which are then made at once.
  const { rows: indexes } = await session.query<{ indexname: string; indexdef: string }>(
    `SELECT indexname, indexdef FROM pg_indexes
     WHERE schemaname = current_schema() AND tablename = 'appointment' AND indexname <> 'appointment_pkey'`,
  )
  for (const { indexname } of indexes) await session.query(`DROP INDEX ${indexname}`)
  const endMs = Date.now() - historyEndsDays * dayMs
  for (let from = 0; from < count; from += atOnce)
    await session.query(
      `INSERT INTO appointment (appointment_id, subject, service_type_id, schedule_no, place_id, practitioner_no,
         starts_at_ms, ends_at_ms, state, revision, motive, is_by_person, delete_after_ms, content)
       SELECT gen_random_uuid(), 'p1.1.' || lpad((i % 1000000)::text, 22, '0'), 'identity', schedule_no, place_id,
         practitioner_no, $1::bigint - (i::bigint * 31556), $1::bigint - (i::bigint * 31556) + 1800000, 'fulfilled', 1,
         'identity', true, $1::bigint + 7776000000, decode(repeat(md5(i::text), 16), 'hex')
       FROM generate_series($2::int, $3::int) AS i
       JOIN schedule ON schedule_no = 1 + i % (SELECT max(schedule_no) FROM schedule)`,
      [endMs, from + 1, Math.min(from + atOnce, count)],
    )
  for (const { indexdef } of indexes) await session.query(indexdef)
  await session.query('ALTER TABLE appointment ENABLE TRIGGER USER')
  await session.query(
    `INSERT INTO claim (holder_id, resource_no, lane, during, session_id, seat)
     SELECT appointment_id, practitioner_no, 0, int8range(starts_at_ms, ends_at_ms), gen_random_uuid(), 0
     FROM appointment WHERE state = 'fulfilled' AND starts_at_ms > $1`,
    [endMs - claimsKeptDays * dayMs],
  )
  await session.query('VACUUM (ANALYZE) claim')
  await session.query('VACUUM (ANALYZE) appointment')
  await session.end()
  await db.close()
}
