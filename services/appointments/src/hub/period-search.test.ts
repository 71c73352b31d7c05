import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Agency, hallCalendar, hallPlace, openAgency, practitioner, system, weekdays } from '../agency.fixture.js'
import { anySlot, nothing, publish } from '../calendar/calendar.fixture.js'
import { searchSlots } from '../rpc/search-slots.js'

const own = ['ada', 'bea', 'cid']
const others = Array.from({ length: 250 }, (_, nth) => `o-${nth}`)
/** What `availableTimeSlots` asks for one meeting point, in sixty days; of them the first half is full. */
const asked = { ...anySlot, placeIds: ['hall'], fromDay: '2026-11-23', toDay: '2027-01-21', pageSize: 1000 }
const halfway = Date.parse('2026-12-23T00:00:00Z')

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  const daily = (id: string, placeId: string) =>
    weekdays({ scheduleId: id, practitionerId: id, placeId, rrule: 'FREQ=DAILY' })
  await publish(
    agency,
    hallCalendar({
      places: [hallPlace(), hallPlace({ placeId: 'elsewhere' })],
      resources: [...own.map((id) => practitioner(id)), ...others.map((id) => practitioner(id, 'elsewhere'))],
      schedules: own.map((id) => daily(id, 'hall')),
    }),
  )
  await publish(agency, { ...nothing, schedules: others.map((id) => daily(id, 'elsewhere')) })
  const { nos, placeNos } = await numbers()
  await agency.postgres.query('UPDATE opening SET is_full = true WHERE starts_at_ms < $1 AND schedule_no = ANY($2)', [
    halfway,
    placeNos,
  ])
  // Everybody else is booked all day long, and has been for years.
  await agency.postgres.query(
    `INSERT INTO opening (schedule_no, starts_at_ms, ends_at_ms, grid_at_ms, is_full)
     SELECT no, at, at + 10800000, at, true
     FROM unnest($1::int[]) AS no CROSS JOIN LATERAL
          (SELECT $2::bigint - day::bigint * 86400000 AS at FROM generate_series(100, 400) AS day) AS past`,
    [nos, halfway],
  )
  await agency.postgres.query('VACUUM ANALYZE opening')
})
afterAll(() => agency.close())

const numbers = async () => {
  const { schedules } = await agency.book.current()
  const all = [...schedules.values()]
  return {
    nos: all.map(({ no }) => no),
    placeNos: all.filter(({ place }) => place.placeId === 'hall').map(({ no }) => no),
  }
}

/** How many entries of the indexes and rows of the tables the transaction has read of openings and claims. */
const readBy = async (tx: Transaction): Promise<number> => {
  const { rows } = await tx.query<{ read: number }>(
    `SELECT sum(pg_stat_get_xact_tuples_returned(each.oid))::int AS read FROM pg_class AS each
     WHERE each.oid IN ('opening'::regclass, 'claim'::regclass)
        OR each.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN ('opening'::regclass, 'claim'::regclass))`,
  )
  return rows[0]?.read ?? Number.NaN
}

/** All pages of the search, with what they cost. */
const searched = () =>
  agency.postgres.transaction(async (tx) => {
    let [statements, slots, pageToken] = [0, 0, '']
    const postgres: Queryable = {
      query: (...query: Parameters<Queryable['query']>) => {
        statements += 1
        return tx.query(...query)
      },
    }
    const needs = { ...agency, runtime: { ...agency.runtime, postgres } } as typeof agency
    do {
      const page = await searchSlots(needs).handle({ ...asked, allOfPeriod: true, pageToken }, system())
      slots += page.slots.length
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    return { slots, statements, read: await readBy(tx) }
  })

describe('the free times of a meeting point, as the national hub asks for them', () => {
  it('cost what the place has free, whatever others have and however full its first weeks are', async () => {
    const { slots, statements, read } = await searched()
    // Thirty days of three schedules, three hours each.
    const openings = 30 * own.length
    expect(slots).toBe(openings * 6)
    expect(statements).toBe(1)
    expect(read).toBeGreaterThanOrEqual(openings)
    expect(read).toBeLessThan(openings * 2.5)
    const { rows } = await agency.postgres.query<{ all: number }>('SELECT count(*)::int AS all FROM opening')
    expect(rows[0]?.all).toBeGreaterThan(80_000)
  })
})
