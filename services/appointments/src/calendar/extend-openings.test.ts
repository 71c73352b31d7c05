import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Agency,
  hallCalendar,
  hallPlace,
  openAgency,
  practitioner,
  serviceType,
  startMs,
  weekdays,
} from '../agency.fixture.js'
import { hallClosure, publish } from './calendar.fixture.js'
import { extendOpenings, renewOpenings } from './extend-openings.js'

const dayMs = 86_400_000
let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
})
afterAll(() => agency.close())

const nights = weekdays({
  ...{ scheduleId: 'nights', placeId: 'island', practitionerId: 'bo', rrule: 'FREQ=DAILY' },
  // Over midnight, and cut by what begins there before it ends.
  hours: [
    { from: '22:00', to: '03:00' },
    { from: '02:00', to: '04:00' },
  ],
})
const calendar = hallCalendar({
  places: [hallPlace(), hallPlace({ placeId: 'island', zone: 'Indian/Reunion' })],
  resources: [practitioner(), practitioner('bo', 'island')],
  serviceTypes: [serviceType({ horizonDays: 9 })],
  schedules: [weekdays(), nights, weekdays({ scheduleId: 'gone', isRetired: true })],
})
beforeEach(async () => {
  agency.setNow(startMs)
  await agency.postgres.query('TRUNCATE opening, closure, schedule, resource, service_type, place CASCADE')
  await agency.postgres.query('UPDATE calendar_revision SET revision = revision + 1')
  await publish(agency, calendar)
})

/** All openings that have not ended more than a day ago, without the numbers that nobody sees. */
const openings = async (nowMs: number): Promise<string[]> => {
  const { rows } = await agency.postgres.query<{ opening: string }>(
    `SELECT concat_ws(' ', schedule_id, starts_at_ms, ends_at_ms, grid_at_ms) AS opening FROM opening JOIN schedule USING (schedule_no)
     WHERE ends_at_ms > $1 ORDER BY schedule_id, starts_at_ms`,
    [nowMs - dayMs],
  )
  return rows.map((row) => row.opening)
}

/** What a publication that changes everything opens at a moment. */
const openedAnew = async (nowMs: number): Promise<string[]> => {
  await agency.postgres.query(`UPDATE schedule SET zone_edition = ''`)
  await renewOpenings(agency)
  return openings(nowMs)
}

describe('openings', () => {
  it('are, extended day by day, what they would be opened anew on that day', async () => {
    await publish(agency, { closures: [hallClosure({ from: '2026-12-04T09:30', to: '2026-12-04T10:00' })] })
    for (let days = 1; days <= 12; days++) {
      const nowMs = startMs + days * dayMs
      agency.setNow(nowMs)
      await extendOpenings(agency)
      const extended = await openings(nowMs)
      expect(extended.length).toBeGreaterThan(20)
      expect(await openedAnew(nowMs)).toEqual(extended)
    }
  })

  it('are extended after days on which nothing ran', async () => {
    const nowMs = startMs + 40 * dayMs
    agency.setNow(nowMs)
    await extendOpenings(agency)
    const extended = await openings(nowMs)
    expect(extended.length).toBeGreaterThan(20)
    expect(await openedAnew(nowMs)).toEqual(extended)
  })

  it('are not kept for more than a day after they ended', async () => {
    agency.setNow(startMs + 3 * dayMs)
    await extendOpenings(agency)
    const { rows } = await agency.postgres.query('SELECT 1 FROM opening WHERE ends_at_ms <= $1', [startMs + 2 * dayMs])
    expect(rows).toEqual([])
  })

  it('are extended once, however many do it at the same time', async () => {
    const nowMs = startMs + 5 * dayMs
    agency.setNow(nowMs)
    await Promise.all([1, 2, 3, 4].map(() => extendOpenings(agency)))
    const extended = await openings(nowMs)
    expect(new Set(extended).size).toBe(extended.length)
    expect(await openedAnew(nowMs)).toEqual(extended)
  })

  it('stay right where somebody publishes while they are extended', async () => {
    const nowMs = startMs + 5 * dayMs
    agency.setNow(nowMs)
    const closures = [hallClosure({ from: '2026-12-01T00:00', to: '2026-12-09T00:00' })]
    await Promise.all([extendOpenings(agency), publish(agency, { closures }), extendOpenings(agency)])
    await extendOpenings(agency)
    const extended = await openings(nowMs)
    expect(new Set(extended).size).toBe(extended.length)
    expect(await openedAnew(nowMs)).toEqual(extended)
  })

  it('are none of a retired schedule, also later', async () => {
    agency.setNow(startMs + 5 * dayMs)
    await extendOpenings(agency)
    expect((await openings(startMs)).filter((each) => each.startsWith('gone'))).toEqual([])
  })

  it('are computed anew where an older edition of the time zone database gave them, and otherwise left alone', async () => {
    const numbers = async () => (await agency.postgres.query('SELECT opening_no FROM opening ORDER BY 1')).rows
    const before = await numbers()
    await renewOpenings(agency)
    expect(await numbers()).toEqual(before)
    await agency.postgres.query(`UPDATE schedule SET zone_edition = '2999z' WHERE schedule_id = 'nights'`)
    await agency.postgres.query(`UPDATE schedule SET zone_edition = '2001a' WHERE schedule_id = 'ada-mornings'`)
    await agency.postgres.query('UPDATE opening SET starts_at_ms = starts_at_ms + 1')
    await renewOpenings(agency)
    const moved = (await openings(startMs)).filter((each) => / \d+1 /.test(each)).map((each) => each.split(' ')[0])
    expect(new Set(moved)).toEqual(new Set(['nights']))
  })
})
