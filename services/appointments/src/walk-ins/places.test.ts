import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Agency, hallCalendar, hallPlace, openAgency, practitioner, startMs, weekdays } from '../agency.fixture.js'
import { publish } from '../calendar/calendar.fixture.js'
import { Openings } from '../store/openings.js'
import { walkInPlaces } from './places.js'

const zones = ['Europe/Paris', 'Indian/Reunion', 'America/Miquelon', 'Pacific/Noumea', 'Europe/Paris']
const dayMs = 86_400_000

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  const daily = (nth: number) =>
    weekdays({
      ...{ scheduleId: `s-${nth}`, placeId: `p-${nth}`, practitionerId: `a-${nth}`, rrule: 'FREQ=DAILY' },
      hours: [
        { from: '00:30', to: '01:30' },
        { from: '09:00', to: '12:00' },
      ],
    })
  await publish(
    agency,
    hallCalendar({
      places: zones.map((zone, nth) => hallPlace({ placeId: `p-${nth}`, zone })),
      resources: zones.map((_, nth) => practitioner(`a-${nth}`, `p-${nth}`)),
      schedules: zones.map((_, nth) => daily(nth)),
    }),
  )
})
afterAll(() => agency.close())

/** The places at a moment, as "place hours", by their own clocks, and how many statements that took. */
const seenAt = async (nowMs: number, most = zones.length) => {
  let statements = 0
  const openings = new Openings({
    query: (...asked: Parameters<typeof agency.postgres.query>) => {
      statements += 1
      return agency.postgres.query(...asked)
    },
  } as typeof agency.postgres)
  const schedules = [...(await agency.book.current()).schedules.values()].slice(0, most)
  const found = await walkInPlaces({ openings }, schedules, nowMs)
  const local = (ms: number, nth: number) => new Date(ms).toLocaleString('sv', { timeZone: zones[nth] }).slice(8, 16)
  const places = found.map(({ placeId, hours }) => {
    const nth = Number(placeId.slice(2))
    return [placeId, ...hours.map(({ fromMs, toMs }) => `${local(fromMs, nth)}-${local(toMs, nth).slice(3)}`)].join(' ')
  })
  return { places, statements }
}

describe('places where one is seen today', () => {
  it('are none of no schedule', async () => {
    expect((await seenAt(startMs, 0)).places).toEqual([])
  })

  it('are found by one statement, each up to the end of its own day', async () => {
    // The 24th, 5:00 in Paris, 8:00 in Reunion, 1:00 in Miquelon, and 15:00 in Noumea, which is closed by then.
    const { places, statements } = await seenAt(startMs + dayMs - 2 * 3_600_000)
    expect(places).toEqual([
      'p-0 24 09:00-12:00',
      'p-1 24 09:00-12:00',
      'p-2 24 01:00-01:30 24 09:00-12:00',
      'p-4 24 09:00-12:00',
    ])
    expect(statements).toBe(1)
  })
})
