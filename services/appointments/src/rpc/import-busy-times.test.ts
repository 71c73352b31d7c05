import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Agency, hallCalendar, openAgency, practitioner, startMs, system, weekdays } from '../agency.fixture.js'
import { search } from '../calendar/calendar.fixture.js'
import { importBusyTimes } from './import-busy-times.js'
import { publishCalendar } from './publish-calendar.js'

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  const resources = [practitioner(), practitioner('bob')]
  const schedules = [weekdays(), weekdays({ scheduleId: 'bob-mornings', practitionerId: 'bob' })]
  await publishCalendar(agency).handle(hallCalendar({ resources, schedules }), system())
})
beforeEach(async () => {
  agency.setNow(startMs)
  await agency.postgres.query('TRUNCATE appointment CASCADE')
  await importFrom('work', calendar())
  await importFrom('home', calendar())
})
afterAll(() => agency.close())

const calendar = (...events: string[][]): string =>
  [
    'BEGIN:VCALENDAR',
    ...events.flatMap((lines) => ['BEGIN:VEVENT', `UID:${randomUUID()}`, ...lines, 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n')
const paris = (day: string, from: string, to: string): string[] => [
  `DTSTART;TZID=Europe/Paris:${day}T${from}00`,
  `DTEND;TZID=Europe/Paris:${day}T${to}00`,
  'SUMMARY:My own business',
]
const importFrom = (source: string, icalendar: string, practitionerId = 'ada') =>
  importBusyTimes(agency).handle({ practitionerId, source, icalendar }, system())

const numberOf = async (scheduleId: string): Promise<number> =>
  (await agency.book.current()).schedules.get(scheduleId)?.no ?? 0
const utc = (ms: number): string => new Date(ms).toISOString().slice(11, 16)
/** The openings of a local day of November in UTC. */
const openOn = async (day: number, scheduleId = 'ada-mornings'): Promise<string[]> => {
  const startsAtMs = Date.parse(`2026-11-${day}T00:00:00Z`)
  const openings = await agency.openings.meeting([await numberOf(scheduleId)], {
    startsAtMs,
    endsAtMs: startsAtMs + 86_400_000,
  })
  return openings.map((each) => `${utc(each.startsAtMs)}-${utc(each.endsAtMs)}`)
}
const book = async (from: string, to: string): Promise<string> => {
  const id = randomUUID()
  await agency.postgres.query(
    `INSERT INTO appointment (appointment_id, subject, service_type_id, schedule_no, place_id, starts_at_ms, ends_at_ms, state,
                              revision, motive, is_by_person, content, delete_after_ms)
     VALUES ($1, '', 'id-card', $2, 'hall', $3, $4, 'booked', 1, '', false, '', 0)`,
    [id, await numberOf('ada-mornings'), Date.parse(from), Date.parse(to)],
  )
  return id
}

describe('ImportBusyTimes', () => {
  it('refuses who is no practitioner', async () => {
    await expect(importFrom('work', calendar(), 'nobody')).rejects.toMatchObject({ reason: 'PRACTITIONER_UNKNOWN' })
  })

  it('refuses what is no calendar with the field and nothing of it, and leaves what was imported before', async () => {
    await importFrom('work', calendar(paris('20261124', '0930', '1000')))
    const open = await openOn(24)
    const bad = calendar(['DTSTART;TZID=Nowhere/Land:20261124T090000', 'SUMMARY:My own business'])
    await expect(importFrom('work', bad)).rejects.toMatchObject({
      reason: 'BUSY_TIMES_INVALID',
      facts: { field: 'icalendar', what: expect.stringContaining('Nowhere/Land') },
    })
    const error = await importFrom('work', 'My own business').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ reason: 'BUSY_TIMES_INVALID', facts: { field: 'icalendar.lines.1' } })
    expect(String(error)).not.toContain('business')
    await expect(importFrom('work', `${calendar()}${' '.repeat(200_000)}`)).rejects.toMatchObject({
      reason: 'BUSY_TIMES_INVALID',
    })
    expect(await openOn(24)).toEqual(open)
  })

  it('takes busy times out of the practitioner’s openings, and out of nobody else’s', async () => {
    expect(await openOn(24)).toEqual(['08:00-11:00'])
    const answer = await importFrom(
      'work',
      calendar(paris('20261124', '0930', '1000'), paris('20261125', '0800', '1300')),
    )
    expect(answer).toEqual({ busyTimes: 2, displacedAppointmentIds: [] })
    expect(await openOn(24)).toEqual(['08:00-08:30', '09:00-11:00'])
    expect(await openOn(25)).toEqual([])
    expect(await openOn(24, 'bob-mornings')).toEqual(['08:00-11:00'])
  })

  it('replaces what the same calendar said before, beside what another one says', async () => {
    await importFrom('work', calendar(paris('20261124', '0930', '1000')))
    await importFrom('home', calendar(paris('20261124', '1100', '1200')))
    expect(await openOn(24)).toEqual(['08:00-08:30', '09:00-10:00'])
    await importFrom('work', calendar())
    expect(await openOn(24)).toEqual(['08:00-10:00'])
  })

  it('lets searches be answered while it reads a calendar at its limits', async () => {
    const days = Array.from({ length: 20 }, () => ['DTSTART:20261124T120000Z', 'RRULE:FREQ=DAILY'])
    // Refused by what comes last, so that it writes nothing, and waits for nothing but its turns.
    const end = ['BEGIN:VFREEBUSY', 'FREEBUSY:tomorrow', 'END:VFREEBUSY', 'END:VCALENDAR'].join('\r\n')
    let isRead = false
    const reading = importFrom('work', calendar(...days).replace('END:VCALENDAR', end)).finally(() => {
      isRead = true
    })
    const refused = expect(reading).rejects.toMatchObject({ facts: { field: 'icalendar.freebusy' } })
    let answered = 0
    while (!isRead) {
      await search(agency, { toDay: '2026-11-24' })
      answered += 1
    }
    await refused
    expect(answered).toBeGreaterThan(10)
  })

  it('keeps of it from when to when, and nothing else', async () => {
    await importFrom('work', calendar(paris('20261124', '0930', '1000')))
    const { rows } = await agency.postgres.query('SELECT busy_time.*::text FROM busy_time')
    expect(JSON.stringify(rows)).not.toContain('business')
  })

  it('names the appointments that lie in no opening any more, and changes none', async () => {
    const displaced = await book('2026-11-24T08:30:00Z', '2026-11-24T09:00:00Z')
    await book('2026-11-24T09:00:00Z', '2026-11-24T09:30:00Z')
    const { displacedAppointmentIds } = await importFrom('work', calendar(paris('20261124', '0930', '1000')))
    expect(displacedAppointmentIds).toEqual([displaced])
    const { rows } = await agency.postgres.query('SELECT DISTINCT state FROM appointment')
    expect(rows).toEqual([{ state: 'booked' }])
  })

  it('ignores what came from here by a feed', async () => {
    const own = calendar(paris('20261124', '0930', '1000')).replace(/UID:.*/, `UID:${randomUUID()}@hall.unefois`)
    expect(await importFrom('work', own)).toMatchObject({ busyTimes: 0 })
    expect(await openOn(24)).toEqual(['08:00-11:00'])
  })

  it('leaves the last of two that come at once', async () => {
    await Promise.all([
      importFrom('work', calendar(paris('20261124', '0900', '0930'))),
      importFrom('work', calendar(paris('20261124', '0900', '0930'))),
    ])
    const { rows } = await agency.postgres.query('SELECT 1 FROM busy_time')
    expect(rows).toHaveLength(1)
    expect(await openOn(24)).toEqual(['08:30-11:00'])
  })
})
