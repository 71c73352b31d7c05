import { randomUUID } from 'node:crypto'
import type { PublishCalendarRequest, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Agency,
  hallCalendar,
  hallPlace,
  openAgency,
  practitioner,
  room,
  serviceType,
  startMs,
  weekdays,
} from '../agency.fixture.js'
import { hallClosure, publish, refusalOf, search } from '../calendar/calendar.fixture.js'
import { publishCalendar } from './publish-calendar.js'

const hour = 3_600_000
const reunion = hallPlace({ placeId: 'island', zone: 'Indian/Reunion' })

describe('PublishCalendar refuses', () => {
  let agency: Agency
  beforeAll(async () => {
    agency = await openAgency()
    await publish(agency, hallCalendar({ places: [hallPlace(), reunion], resources: [practitioner(), room()] }))
    await publish(agency, { closures: [hallClosure()] })
  })
  afterAll(() => agency.close())

  const invalid = (field: string) => ({ reason: 'CALENDAR_INVALID', field })
  const schedule = (change: Parameters<typeof weekdays>[0]) => ({
    schedules: [weekdays(), weekdays({ scheduleId: 'other', ...change })],
  })
  const type = (change: Partial<ServiceType>) => ({ serviceTypes: [serviceType(change)] })
  const closure = (from: string, to: string, closureId = 'other') => ({
    closures: [hallClosure({ closureId, from, to })],
  })

  it.each<[string, Partial<PublishCalendarRequest>, object]>([
    ['an id of other letters', { places: [hallPlace({ placeId: 'Hall' })] }, invalid('places.0.placeId')],
    ['no title', { places: [hallPlace({ title: undefined })] }, invalid('places.0.title')],
    ['a commune that is none', { places: [hallPlace({ commune: 'Rethel' })] }, invalid('places.0.commune')],
    ['a latitude beyond the pole', { places: [hallPlace({ latitude: 91 })] }, invalid('places.0.latitude')],
    [
      'a longitude that is no number',
      { places: [hallPlace({ longitude: Number.NaN })] },
      invalid('places.0.longitude'),
    ],
    [
      'a zone that does not exist',
      { places: [hallPlace({ zone: 'Mars/Olympus' })] },
      { reason: 'ZONE_UNKNOWN', field: 'places.0.zone' },
    ],
    [
      'an offset for a zone',
      { places: [hallPlace({ zone: '+02:00' })] },
      { reason: 'ZONE_UNKNOWN', field: 'places.0.zone' },
    ],
    ['a place twice', { places: [hallPlace(), hallPlace()] }, invalid('places.1.placeId')],
    ['a resource of no place', { resources: [practitioner('bo', 'castle')] }, invalid('resources.0.placeId')],
    ['a resource of no kind', { resources: [{ ...room('den'), kind: undefined }] }, invalid('resources.0.kind')],
    ['a room without lanes', { resources: [room('den', 0)] }, invalid('resources.0.room.lanes')],
    ['a room of 51 lanes', { resources: [room('den', 51)] }, invalid('resources.0.room.lanes')],
    [
      'a language that is none',
      { resources: [practitioner('bo', 'hall', ['français!'])] },
      invalid('resources.0.practitioner.languages'),
    ],
    ['a practitioner who becomes a room', { resources: [room('ada')] }, invalid('resources.0.kind')],
    ['4 minutes', type({ durationMinutes: 4 }), invalid('serviceTypes.0.durationMinutes')],
    ['481 minutes', type({ durationMinutes: 481 }), invalid('serviceTypes.0.durationMinutes')],
    ['a gap of hours', type({ gapMinutes: 121 }), invalid('serviceTypes.0.gapMinutes')],
    ['no channel', type({ channels: [] }), invalid('serviceTypes.0.channels')],
    ['no booker', type({ booker: 0 }), invalid('serviceTypes.0.booker')],
    ['a series of 13', type({ longestSeries: 13 }), invalid('serviceTypes.0.longestSeries')],
    ['101 per cent', type({ reservedPercent: 101 }), invalid('serviceTypes.0.reservedPercent')],
    [
      'slots that are kept to the end',
      type({ reservedPercent: 1, reservedUntilHours: 0 }),
      invalid('serviceTypes.0.reservedUntilHours'),
    ],
    [
      'kept slots that are everybody’s when nobody may book them any more',
      type({ reservedPercent: 20, reservedUntilHours: 24, noticeMinutes: 1440 }),
      invalid('serviceTypes.0.reservedUntilHours'),
    ],
    ['a horizon of years', type({ horizonDays: 367 }), invalid('serviceTypes.0.horizonDays')],
    ['four reminders', type({ reminderHours: [1, 2, 3, 4] }), invalid('serviceTypes.0.reminderHours')],
    ['a hold of hours', type({ holdMinutes: 61 }), invalid('serviceTypes.0.holdMinutes')],
    ['keeping for 11 years', type({ keptDays: 3661 }), invalid('serviceTypes.0.keptDays')],
    ['a schedule of nobody', schedule({ practitionerId: '', roomId: '' }), invalid('schedules.1.practitionerId')],
    ['a schedule of an unknown place', schedule({ placeId: 'castle' }), invalid('schedules.1.placeId')],
    ['a room as its practitioner', schedule({ practitionerId: 'counters' }), invalid('schedules.1.practitionerId')],
    ['a practitioner as its room', schedule({ roomId: 'ada' }), invalid('schedules.1.roomId')],
    ['a room of another place', schedule({ placeId: 'island', roomId: 'counters' }), invalid('schedules.1.roomId')],
    [
      'an unknown service type',
      schedule({ serviceTypeIds: ['id-card', 'castle'] }),
      invalid('schedules.1.serviceTypeIds.1'),
    ],
    ['no service type', schedule({ serviceTypeIds: [] }), invalid('schedules.1.serviceTypeIds')],
    ['a day that does not exist', schedule({ firstDay: '2027-02-29' }), invalid('schedules.1.firstDay')],
    [
      'a last day before the first',
      schedule({ lastDay: '2026-11-22' }),
      { reason: 'RANGE_INVERTED', field: 'schedules.1.lastDay' },
    ],
    ['a rule that is none', schedule({ rrule: 'FREQ=SOMETIMES' }), invalid('schedules.1.rrule')],
    ['a rule below a day', schedule({ rrule: 'FREQ=DAILY;BYHOUR=9' }), invalid('schedules.1.rrule')],
    ['hours that are none', schedule({ hours: [{ from: '09:00', to: '24:00' }] }), invalid('schedules.1.hours.0.to')],
    [
      'hours of an exception that are none',
      schedule({ exceptions: [{ day: '2026-12-24', hours: [{ from: '9h', to: '12:00' }] }] }),
      invalid('schedules.1.exceptions.0.hours.0.from'),
    ],
    [
      'an exception on no day',
      schedule({ exceptions: [{ day: '24.12.', hours: [] }] }),
      invalid('schedules.1.exceptions.0.day'),
    ],
    ['a meeting for nobody', schedule({ seats: 0 }), invalid('schedules.1.seats')],
    ['501 seats', schedule({ seats: 501 }), invalid('schedules.1.seats')],
    ['a closure of nothing', { closures: [hallClosure({ of: undefined })] }, invalid('closures.0.of')],
    [
      'a closure of an unknown place',
      { closures: [hallClosure({ of: { $case: 'placeId', value: 'castle' } })] },
      invalid('closures.0.of'),
    ],
    [
      'a closure of an unknown resource',
      { closures: [hallClosure({ of: { $case: 'resourceId', value: 'bo' } })] },
      invalid('closures.0.of'),
    ],
    [
      'a closure that ends before it begins',
      closure('2027-01-02T00:00', '2027-01-01T00:00'),
      { reason: 'RANGE_INVERTED', field: 'closures.0.to' },
    ],
    [
      'a closure of no time',
      closure('2027-01-02T00:00', '2027-01-02T00:00'),
      { reason: 'RANGE_INVERTED', field: 'closures.0.to' },
    ],
    [
      'a closure of ten years',
      closure('2027-01-02T00:00', '2037-01-02T00:00'),
      { reason: 'RANGE_TOO_LONG', field: 'closures.0.to', most: '366' },
    ],
    [
      'an hour that does not exist',
      closure('2027-03-28T02:30', '2027-03-29T00:00'),
      { reason: 'LOCAL_TIME_SKIPPED', field: 'closures.0.from' },
    ],
    [
      'an hour that exists twice',
      closure('2027-10-30T00:00', '2027-10-31T02:30'),
      { reason: 'LOCAL_TIME_TWICE', field: 'closures.0.to' },
    ],
    ['an offset that is not there', closure('2027-01-02T00:00+02:00', '2027-01-03T00:00'), invalid('closures.0.from')],
    ['a time that is none', closure('2027-01-02', '2027-01-03T00:00'), invalid('closures.0.from')],
    [
      'a closure that meets another',
      closure('2026-11-24T23:59', '2026-11-26T00:00'),
      { reason: 'CLOSURE_OVERLAPS', field: 'closures.0', closureId: 'works' },
    ],
    [
      'two closures that meet each other',
      {
        closures: [
          hallClosure({ closureId: 'a', from: '2027-01-02T00:00', to: '2027-01-04T00:00' }),
          hallClosure({ closureId: 'b', from: '2027-01-03T00:00', to: '2027-01-05T00:00' }),
        ],
      },
      { reason: 'CLOSURE_OVERLAPS', field: 'closures.1', closureId: 'a' },
    ],
  ])('%s', async (_, change, expected) => {
    const before = await agency.calendars.revision()
    expect(await refusalOf(publish(agency, change))).toMatchObject(expected)
    expect(await agency.calendars.revision()).toBe(before)
  })

  it('501 of one kind, before it reads any', () => {
    const { request } = publishCalendar(agency)
    const places = Array.from({ length: 501 }, (_, nth) => hallPlace({ placeId: `p${nth}` }))
    expect(request.safeParse({ ...hallCalendar(), places }).success).toBe(false)
    expect(request.safeParse({ ...hallCalendar(), places: places.slice(1) }).success).toBe(true)
  })

  it('all of it for one thing, so that nothing is half there', async () => {
    const bad = { places: [hallPlace({ placeId: 'annex' })], closures: [hallClosure({ closureId: 'b' })] }
    expect(await refusalOf(publish(agency, bad))).toMatchObject({ reason: 'CLOSURE_OVERLAPS' })
    expect((await agency.book.current()).places.has('annex')).toBe(false)
  })
})

describe('PublishCalendar', () => {
  let agency: Agency
  beforeAll(async () => {
    agency = await openAgency()
  })
  afterEach(() => agency.setNow(startMs))
  afterAll(() => agency.close())

  const starts = async (change: object = {}): Promise<string[]> =>
    (await search(agency, { pageSize: 100, ...change })).slots.map(({ localStart }) => localStart)
  const mondayAndTuesday = { fromDay: '2026-11-23', toDay: '2026-11-24' }

  it('opens what it says, at once', async () => {
    const { revision, displacedAppointmentIds } = await publish(agency, hallCalendar())
    expect([revision, displacedAppointmentIds]).toEqual([1, []])
    const found = await starts(mondayAndTuesday)
    expect(found.length).toBe(12)
    expect(found.slice(5, 7)).toEqual(['2026-11-23T11:30+01:00', '2026-11-24T09:00+01:00'])
  })

  it('is the same when it is published twice', async () => {
    const before = await starts()
    const { revision } = await publish(agency, hallCalendar())
    expect(revision).toBe(2)
    expect(await starts()).toEqual(before)
    const { rows } = await agency.postgres.query<{ count: number }>('SELECT count(*) FROM schedule')
    expect(rows).toEqual([{ count: 1 }])
  })

  it('closes and opens again', async () => {
    await publish(agency, { closures: [hallClosure()] })
    expect((await starts(mondayAndTuesday)).length).toBe(6)
    await publish(agency, { closures: [hallClosure({ from: '2026-11-24T09:45', to: '2026-11-24T10:15' })] })
    expect((await starts(mondayAndTuesday)).slice(6)).toEqual(
      ['09:00', '10:30', '11:00', '11:30'].map((time) => `2026-11-24T${time}+01:00`),
    )
    await publish(agency, { closures: [hallClosure({ of: { $case: 'resourceId', value: 'ada' } })] })
    expect((await starts(mondayAndTuesday)).length).toBe(6)
    await publish(agency, { closures: [hallClosure({ isRetired: true })] })
    expect((await starts(mondayAndTuesday)).length).toBe(12)
  })

  it('lets closures follow each other, exchange their times, and stand beside retired ones', async () => {
    const [a, b] = [
      hallClosure({ closureId: 'a', from: '2027-01-04T00:00', to: '2027-01-05T00:00' }),
      hallClosure({ closureId: 'b', from: '2027-01-05T00:00', to: '2027-01-06T00:00' }),
    ]
    await publish(agency, { closures: [a, b] })
    await publish(agency, {
      closures: [
        { ...a, from: b.from, to: b.to },
        { ...b, from: a.from, to: a.to },
      ],
    })
    await publish(agency, {
      closures: [
        { ...a, isRetired: true },
        { ...b, isRetired: true },
      ],
    })
    await publish(agency, { closures: [{ ...a, closureId: 'c' }] })
    await publish(agency, { closures: [{ ...a, closureId: 'c', isRetired: true }] })
  })

  it('takes what is retired out of every search', async () => {
    await publish(agency, { schedules: [weekdays({ isRetired: true })] })
    expect(await starts()).toEqual([])
    await publish(agency, { schedules: [weekdays()] })
    expect((await starts(mondayAndTuesday)).length).toBe(12)
  })

  it('moves hours and closures with the zone of their place: they are local', async () => {
    await publish(agency, { closures: [hallClosure()], places: [hallPlace({ zone: 'Pacific/Noumea' })] })
    const found = await starts({ fromDay: '2026-11-24', toDay: '2026-11-25' })
    expect(found).toEqual(
      ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30'].map((time) => `2026-11-25T${time}+11:00`),
    )
    const kept = await agency.calendars.closuresOf(['hall'], [], 0)
    expect(kept.map(({ startsAtMs }) => startsAtMs)).toEqual([Date.parse('2026-11-24T00:00:00+11:00')])
    await publish(agency, { closures: [hallClosure({ isRetired: true })], places: [hallPlace()] })
  })

  it('opens as far as people book, and keeps what began before', async () => {
    await publish(agency, { serviceTypes: [serviceType({ horizonDays: 10 })] })
    const until = async () =>
      (
        await agency.postgres.query<{ until: string }>(
          `SELECT to_char(opened_until, 'YYYY-MM-DD') AS until FROM schedule`,
        )
      ).rows[0]?.until
    expect(await until()).toBe('2026-12-04')
    agency.setNow(startMs + 4 * hour)
    await publish(agency, { serviceTypes: [serviceType({ horizonDays: 20 })] })
    expect(await until()).toBe('2026-12-14')
    expect((await starts(mondayAndTuesday))[0]).toBe('2026-11-23T11:30+01:00')
    await publish(agency, { serviceTypes: [serviceType()] })
  })

  it('names the live appointments that lie in no opening any more, the earliest first, and no others', async () => {
    const { schedulesByNo } = await agency.book.current()
    const [no] = [...schedulesByNo.keys()]
    const add = async (startsAt: string, state: string, heldUntilMs?: number): Promise<string> => {
      const id = randomUUID()
      await agency.postgres.query(
        `INSERT INTO appointment (appointment_id, subject, service_type_id, schedule_no, place_id, starts_at_ms, ends_at_ms,
                                  state, revision, motive, is_by_person, held_until_ms, delete_after_ms, content)
         VALUES ($1, '', 'id-card', $2, 'hall', $3, $4, $5, 0, 'id-card', false, $6, $4, '')`,
        [id, no, Date.parse(startsAt), Date.parse(startsAt) + hour / 2, state, heldUntilMs ?? null],
      )
      return id
    }
    const late = await add('2026-11-24T11:00:00+01:00', 'booked')
    const early = await add('2026-11-24T09:00:00+01:00', 'held', startMs + hour)
    await add('2026-11-24T10:00:00+01:00', 'cancelled')
    await add('2026-11-24T10:00:00+01:00', 'held', startMs - 1)
    await add('2026-11-23T10:00:00+01:00', 'booked')
    const closed = await publish(agency, { closures: [hallClosure()] })
    expect(closed.displacedAppointmentIds).toEqual([early, late])
    const again = await publish(agency, { closures: [hallClosure()] })
    expect(again.displacedAppointmentIds).toEqual([early, late])
    const opened = await publish(agency, { closures: [hallClosure({ isRetired: true })] })
    expect(opened.displacedAppointmentIds).toEqual([])
  })

  it('waits for another one that is under way, and counts each', async () => {
    const before = await agency.calendars.revision()
    const both = await Promise.all(
      Array.from({ length: 6 }, (_, nth) =>
        publish(agency, {
          resources: [practitioner(`p-${nth}`)],
          schedules: [weekdays({ scheduleId: `s-${nth}`, practitionerId: `p-${nth}` })],
        }),
      ),
    )
    expect(both.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 6 }, (_, nth) => before + 1 + nth),
    )
    expect((await agency.book.current()).schedules.size).toBe(7)
  })

  it('lets only one of two closures at the same time through', async () => {
    const put = (closureId: string) =>
      refusalOf(
        publish(agency, { closures: [hallClosure({ closureId, from: '2027-02-01T00:00', to: '2027-02-02T00:00' })] }),
      )
    const said = await Promise.all(['x', 'y', 'z'].map(put))
    expect(said.filter((each) => 'reason' in each && each.reason === 'nothing')).toHaveLength(1)
    expect(said.filter((each) => 'reason' in each && each.reason === 'CLOSURE_OVERLAPS')).toHaveLength(2)
  })
})
