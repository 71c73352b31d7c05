import { randomBytes, randomUUID } from 'node:crypto'
import {
  CalendarServiceDefinition,
  type PublishCalendarRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { SearchSlotsRequest, SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Desk, serviceType, townCalendar } from './_appointments.js'
import { sharedFederation } from './_federation.js'
import { HostileNeighbour } from './_raw-callers.js'
import { refusalOf, refused } from './_refusals.js'
import { town } from './_resident.js'

let desk: Desk
let gateway: HostileNeighbour
beforeAll(async () => {
  const places = await sharedFederation()
  desk = await Desk.open(places)
  gateway = await HostileNeighbour.connect(places, town, 'gateway')
})
afterAll(async () => {
  desk.close()
  await gateway.close()
})

const calendar = () => desk.system.service('appointments', CalendarServiceDefinition)
const nothing: PublishCalendarRequest = { places: [], resources: [], serviceTypes: [], schedules: [], closures: [] }
const [place] = townCalendar.places
const [schedule] = townCalendar.schedules

describe('a calendar', () => {
  const rpc = 'unefois.appointments.v1.CalendarService/PublishCalendar'
  const publish = async (change: Partial<PublishCalendarRequest>) =>
    calendar().publishCalendar({ ...nothing, ...change }, await desk.system.call('calendar:publish'))
  const closure = (from: string, to: string, closureId = randomUUID()) =>
    publish({
      closures: [
        {
          ...{ closureId, of: { $case: 'placeId', value: 'house' }, from, to },
          ...{ title: { fr: 'Fermé', en: 'Closed' }, isRetired: false },
        },
      ],
    })

  it('is refused whole for one thing that is wrong, and says which', async () => {
    if (!place || !schedule) throw new Error('the calendar of the journeys is empty')
    expect(await refusalOf(rpc, () => publish({ places: [{ ...place, zone: 'Mars/Olympus' }] }))).toBe('ZONE_UNKNOWN')
    const rule = { ...schedule, scheduleId: 'wrong', rrule: 'FREQ=SOMETIMES' }
    const wrong = await refused(rpc, () => publish({ schedules: [schedule, rule] }))
    expect([wrong?.reason, wrong?.facts.field]).toEqual(['CALENDAR_INVALID', 'schedules.1.rrule'])
    const kept = serviceType({
      serviceTypeId: 'kept',
      reservedPercent: 20,
      reservedUntilHours: 24,
      noticeMinutes: 1440,
    })
    const toTheEnd = await refused(rpc, () => publish({ serviceTypes: [kept] }))
    expect([toTheEnd?.reason, toTheEnd?.facts.field]).toEqual(['CALENDAR_INVALID', 'serviceTypes.0.reservedUntilHours'])
    const elsewhere = { ...schedule, scheduleId: 'elsewhere', placeId: 'castle' }
    expect(await refusalOf(rpc, () => publish({ schedules: [elsewhere] }))).not.toBe('nothing')
    const backwards = { ...schedule, scheduleId: 'backwards', firstDay: '2027-02-01', lastDay: '2027-01-01' }
    expect(await refusalOf(rpc, () => publish({ schedules: [backwards] }))).toBe('RANGE_INVERTED')
  })

  it('has no closure at an hour that does not exist, exists twice, lasts ten years, or meets another', async () => {
    expect(await refusalOf(rpc, () => closure('2028-03-26T02:30', '2028-03-26T12:00'))).toBe('LOCAL_TIME_SKIPPED')
    expect(await refusalOf(rpc, () => closure('2028-10-29T02:30', '2028-10-29T12:00'))).toBe('LOCAL_TIME_TWICE')
    expect(await refusalOf(rpc, () => closure('2028-05-02T12:00', '2028-05-01T12:00'))).toBe('RANGE_INVERTED')
    expect(await refusalOf(rpc, () => closure('2028-05-02T12:00', '2038-05-01T12:00'))).toBe('RANGE_TOO_LONG')
    await closure('2029-05-01T00:00', '2029-05-03T00:00')
    expect(await refusalOf(rpc, () => closure('2029-05-02T00:00', '2029-05-04T00:00'))).toBe('CLOSURE_OVERLAPS')
    expect(await refusalOf(rpc, () => closure('2028-10-29T02:30+01:00', '2028-10-29T12:00'))).toBe('nothing')
  })

  const reading = () => desk.system.call('calendar:read')

  it('is read by the places that it has', async () => {
    const rpc = 'unefois.appointments.v1.CalendarService/GetCalendar'
    const read = async (pageToken: string) =>
      calendar().getCalendar({ placeId: 'castle', pageSize: 0, pageToken }, await reading())
    expect(await refusalOf(rpc, () => read(''))).toBe('PLACE_UNKNOWN')
    expect(await refusalOf(rpc, () => read('nonsense'))).toBe('PAGE_TOKEN_MISMATCH')
  })

  it('is listed by the service types that it has', async () => {
    const rpc = 'unefois.appointments.v1.CalendarService/ListServiceTypes'
    const types = async (serviceTypeId: string, pageToken: string) =>
      calendar().listServiceTypes({ serviceTypeId, pageSize: 0, pageToken }, await reading())
    expect(await refusalOf(rpc, () => types('castle', ''))).toBe('SERVICE_TYPE_UNKNOWN')
    expect(await refusalOf(rpc, () => types('', 'nonsense'))).toBe('PAGE_TOKEN_MISMATCH')
  })
})

describe('another calendar of a practitioner', () => {
  it('is not taken over where it is none, and of nobody', async () => {
    const rpc = 'unefois.appointments.v1.CalendarService/ImportBusyTimes'
    const take = async (practitionerId: string, icalendar: string) =>
      calendar().importBusyTimes(
        { practitionerId, source: 'outlook', icalendar },
        await desk.system.call('calendar:publish'),
      )
    expect(await refusalOf(rpc, () => take('pol', 'BEGIN:NOTHING'))).toBe('BUSY_TIMES_INVALID')
    const empty = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n'
    expect(await refusalOf(rpc, () => take('castle', empty))).toBe('PRACTITIONER_UNKNOWN')
  })

  it('has an address that only its secret opens, until it ends', async () => {
    const create = async (practitionerId: string) =>
      calendar().createFeed({ practitionerId }, await desk.system.call('calendar:publish'))
    expect(await refusalOf('unefois.appointments.v1.CalendarService/CreateFeed', () => create('castle'))).toBe(
      'PRACTITIONER_UNKNOWN',
    )
    const rpc = 'unefois.appointments.v1.CalendarService/ReadFeed'
    const read = (secret: string) =>
      gateway.of(CalendarServiceDefinition, 'appointments').readFeed({ secret }, gateway.call())
    expect(await refusalOf(rpc, () => read(randomBytes(32).toString('base64url')))).toBe('FEED_UNKNOWN')
    const { feedId, secret } = await create('pol')
    expect((await read(secret)).icalendar).toContain('BEGIN:VCALENDAR')
    const end = async (id: string) => calendar().endFeed({ feedId: id }, await desk.system.call('calendar:publish'))
    expect(await refusalOf('unefois.appointments.v1.CalendarService/EndFeed', () => end(randomUUID()))).toBe(
      'FEED_UNKNOWN',
    )
    await end(feedId)
    expect(await refusalOf(rpc, () => read(secret))).toBe('FEED_UNKNOWN')
  })
})

describe('a search of slots', () => {
  it('is refused for what is not there, and for days that are none', async () => {
    const rpc = 'unefois.appointments.v1.SlotService/SearchSlots'
    const empty = { ...SearchSlotsRequest.decode(new Uint8Array()), serviceTypeId: 'talk' }
    const search = async (change: Partial<SearchSlotsRequest>) =>
      desk.system
        .service('appointments', SlotServiceDefinition)
        .searchSlots({ ...empty, ...change }, await desk.system.call('slots:read'))
    expect(await refusalOf(rpc, () => search({ serviceTypeId: 'castle' }))).toBe('SERVICE_TYPE_UNKNOWN')
    expect(await refusalOf(rpc, () => search({ placeIds: ['castle'] }))).toBe('PLACE_UNKNOWN')
    expect(await refusalOf(rpc, () => search({ near: { commune: '99999', kilometres: 10 } }))).toBe('COMMUNE_UNKNOWN')
    expect(await refusalOf(rpc, () => search({ fromDay: '2031-02-01', toDay: '2031-01-01' }))).toBe('RANGE_INVERTED')
    expect(await refusalOf(rpc, () => search({ fromDay: '2031-01-01', toDay: '2041-01-01' }))).toBe('RANGE_TOO_LONG')
    expect(await refusalOf(rpc, () => search({ fromDay: '2020-01-01', toDay: '2020-01-02' }))).toBe('TIME_PASSED')
    expect(await refusalOf(rpc, () => search({ fromDay: '2031-02-30' }))).toBe('REQUEST_INVALID')
    expect(await refusalOf(rpc, () => search({ pageToken: 'nonsense' }))).toBe('PAGE_TOKEN_MISMATCH')
  })
})

describe('a search of communes', () => {
  it('is refused for no name, and finds a town by its name, however it is written', async () => {
    const rpc = 'unefois.appointments.v1.SlotService/FindCommunes'
    const find = async (name: string) =>
      desk.system
        .service('appointments', SlotServiceDefinition)
        .findCommunes({ name }, await desk.system.call('slots:read'))
    expect(await refusalOf(rpc, () => find(''))).toBe('REQUEST_INVALID')
    expect((await find('CHARLEVILLE MEZIERES')).communes.map(({ code }) => code)).toEqual(['08105'])
  })
})
