import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Agency, hallCalendar, openAgency, practitioner, serviceType, weekdays } from '../agency.fixture.js'
import { publish, search } from '../calendar/calendar.fixture.js'

const numbers = Array.from({ length: 240 }, (_, nth) => nth)
const lateDay = '2027-01-20'

const early = (nth: number) =>
  weekdays({
    ...{
      scheduleId: `early-${nth}`,
      practitionerId: `p-${nth}`,
      rrule: 'FREQ=DAILY',
      serviceTypeIds: ['early', 'any'],
    },
    hours: ['08', '10'].map((at) => ({ from: `${at}:00`, to: `${at}:30` })),
  })
const late = (nth: number) =>
  weekdays({
    ...{
      scheduleId: `late-${nth}`,
      practitionerId: `p-${nth}`,
      firstDay: lateDay,
      serviceTypeIds: ['late', 'far', 'any'],
    },
    hours: [{ from: '14:00', to: '15:00' }],
  })

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  const types = ['early', 'late', 'far', 'any'].map((serviceTypeId) => serviceType({ serviceTypeId }))
  await publish(
    agency,
    hallCalendar({
      resources: [practitioner(), ...numbers.map((nth) => practitioner(`p-${nth}`))],
      serviceTypes: types,
      schedules: [
        weekdays({
          scheduleId: 'first',
          firstDay: lateDay,
          serviceTypeIds: ['far'],
          hours: [{ from: '13:30', to: '14:30' }],
        }),
      ],
    }),
  )
  // Years later, after many publications.
  await agency.postgres.query('ALTER TABLE schedule ALTER schedule_no RESTART WITH 1000000')
  await publish(agency, hallCalendar({ places: [], resources: [], serviceTypes: [], schedules: numbers.map(early) }))
  await publish(agency, hallCalendar({ places: [], resources: [], serviceTypes: [], schedules: numbers.map(late) }))
})
afterAll(() => agency.close())

/** The first slots of all the pages that a search has up to so many slots, as "day time schedule". */
const found = async (serviceTypeId: string, pageSize: number, most: number): Promise<string[]> => {
  const slots: string[] = []
  let pageToken = ''
  do {
    const page = await search(agency, { serviceTypeId, pageSize, pageToken })
    slots.push(...page.slots.map(({ localStart, scheduleId }) => `${localStart.slice(0, 16)} ${scheduleId}`))
    pageToken = page.nextPageToken
  } while (pageToken !== '' && slots.length < most)
  return slots.slice(0, most)
}
const at = (time: string) => numbers.map((nth) => `${lateDay}T${time} late-${nth}`)

describe('a search of many schedules', () => {
  it('finds what lies behind more openings of others than it reads', async () => {
    const { rows } = await agency.postgres.query<{ before: number }>(
      'SELECT count(*) AS before FROM opening WHERE starts_at_ms < $1',
      [Date.parse(`${lateDay}T12:00Z`)],
    )
    expect(rows[0]?.before).toBeGreaterThan(4 * 4096)
    expect(await found('late', 100, 480)).toEqual([...at('14:00'), ...at('14:30')])
  })

  it('finds it also where the numbers of schedules lie far apart', async () => {
    const first = [`${lateDay}T13:30 first`, `${lateDay}T14:00 first`]
    expect(await found('far', 100, 482)).toEqual([...first, ...at('14:00'), ...at('14:30')])
  })

  it('goes on page by page where half of them come first', async () => {
    const day = (date: string) =>
      ['08', '10'].flatMap((hour) => numbers.map((nth) => `${date}T${hour}:00 early-${nth}`))
    expect(await found('any', 70, 960)).toEqual([...day('2026-11-23'), ...day('2026-11-24')])
  })
})
