import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Agency, hallCalendar, openAgency, serviceType, startMs, weekdays } from '../agency.fixture.js'
import { hallClosure, type nothing, publish, search } from './calendar.fixture.js'
import { extendOpenings } from './extend-openings.js'

const dayMs = 86_400_000
let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
})
afterAll(() => agency.close())

const photo = (durationMinutes: number) => serviceType({ serviceTypeId: 'photo', durationMinutes, horizonDays: 9 })
const idCard = serviceType({ horizonDays: 9 })
const calendar = (change: Partial<typeof nothing> = {}) =>
  hallCalendar({
    serviceTypes: [idCard, photo(20)],
    schedules: [weekdays({ serviceTypeIds: ['id-card'] })],
    // Of the morning of the 24th, 20 minutes are left before it, and of that of the 7th as many.
    closures: [
      hallClosure({ from: '2026-11-24T09:20', to: '2026-11-24T11:00' }),
      hallClosure({ closureId: 'later', from: '2026-12-07T09:20', to: '2026-12-07T11:00' }),
    ],
    ...change,
  })
beforeEach(async () => {
  agency.setNow(startMs)
  await agency.postgres.query('TRUNCATE opening, closure, schedule, resource, service_type, place CASCADE')
  await agency.postgres.query('UPDATE calendar_revision SET revision = revision + 1')
})

/** The openings that no search looks at, as day and time in UTC. */
const full = async (): Promise<string[]> => {
  const { rows } = await agency.postgres.query<{ starts_at_ms: number }>(
    'SELECT starts_at_ms FROM opening WHERE is_full ORDER BY 1',
  )
  return rows.map((row) => new Date(row.starts_at_ms).toISOString().slice(5, 16))
}
const slotsOn = async (day: string, serviceTypeId: string): Promise<number> =>
  (await search(agency, { serviceTypeId, fromDay: day, toDay: day })).slots.length

describe('an opening that is too short for anything', () => {
  it('is looked at by no search, also where a later day brings it', async () => {
    await publish(agency, calendar())
    expect(await full()).toEqual(['11-24T08:00'])
    agency.setNow(startMs + 5 * dayMs)
    await extendOpenings(agency)
    expect(await full()).toEqual(['12-07T08:00'])
  })

  it('is looked at where a shorter service is offered there, and found', async () => {
    await publish(agency, calendar({ schedules: [weekdays({ serviceTypeIds: ['id-card', 'photo'] })] }))
    expect(await full()).toEqual([])
    expect(await slotsOn('2026-11-24', 'photo')).toBe(4)
    expect(await slotsOn('2026-11-24', 'id-card')).toBe(2)
  })

  it('is looked at again as soon as a service becomes shorter, is offered there, or stands again', async () => {
    await publish(agency, calendar({ schedules: [weekdays({ serviceTypeIds: ['photo'] })], serviceTypes: [photo(25)] }))
    expect(await full()).toEqual(['11-24T08:00'])
    await publish(agency, { serviceTypes: [photo(20)] })
    expect(await full()).toEqual([])
    expect(await slotsOn('2026-11-24', 'photo')).toBe(4)
    await publish(agency, { serviceTypes: [{ ...photo(20), isRetired: true }] })
    expect((await full()).length).toBeGreaterThan(8)
    await publish(agency, { serviceTypes: [photo(20)] })
    expect(await full()).toEqual([])
    await publish(agency, { serviceTypes: [idCard], schedules: [weekdays()] })
    expect(await full()).toContain('11-24T08:00')
    await publish(agency, { schedules: [weekdays({ serviceTypeIds: ['id-card', 'photo'] })] })
    expect(await full()).toEqual([])
  })

  it('is whole again when what cut it is gone', async () => {
    await publish(agency, calendar())
    await publish(agency, { closures: [hallClosure({ ...calendar().closures[0], isRetired: true })] })
    expect(await full()).toEqual([])
    expect(await slotsOn('2026-11-24', 'id-card')).toBe(6)
  })
})
