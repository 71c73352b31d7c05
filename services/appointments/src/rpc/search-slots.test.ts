import { Accessibility, MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { SearchSlotsRequest, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Agency,
  atGateway,
  hallCalendar,
  hallPlace,
  openAgency,
  person,
  practitioner,
  room,
  serviceType,
  someone,
  startMs,
  weekdays,
} from '../agency.fixture.js'
import { anySlot, hallClosure, publish, refusalOf, search } from '../calendar/calendar.fixture.js'
import { searchSlots } from './search-slots.js'

const hour = 3_600_000
const monday = { fromDay: '2026-11-23', toDay: '2026-11-23' }
const { MEETING_CHANNEL_COUNTER: COUNTER, MEETING_CHANNEL_VIDEO: VIDEO } = MeetingChannel
const { ACCESSIBILITY_WHEELCHAIR: WHEELCHAIR, ACCESSIBILITY_HEARING_LOOP: LOOP } = Accessibility

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  const quiet = room('quiet', 2)
  if (quiet.kind?.$case === 'room') quiet.kind.value.accessibility = [LOOP]
  await publish(
    agency,
    hallCalendar({
      places: [
        hallPlace(),
        hallPlace({ placeId: 'north', latitude: 49.77, longitude: 4.72, commune: '08105', accessibility: [] }),
        hallPlace({ placeId: 'island', zone: 'Indian/Reunion', latitude: -20.88, longitude: 55.45, commune: '97411' }),
        hallPlace({ placeId: 'shelter', isConfidential: true }),
      ],
      resources: [practitioner(), practitioner('bo', 'north', ['fr-FR', 'fsl']), practitioner('cy', 'island'), quiet],
      serviceTypes: [
        serviceType({ channels: [COUNTER, VIDEO] }),
        serviceType({
          serviceTypeId: 'talk',
          reservedPercent: 50,
          reservedUntilHours: 24,
          noticeMinutes: 180,
          horizonDays: 2,
        }),
        serviceType({ serviceTypeId: 'gone', isRetired: true }),
        serviceType({ serviceTypeId: 'urgent', isUrgent: true }),
        serviceType({ serviceTypeId: 'workshop', durationMinutes: 60 }),
      ],
      schedules: [
        weekdays(),
        weekdays({ scheduleId: 'north', placeId: 'north', practitionerId: 'bo', channels: [COUNTER, VIDEO] }),
        weekdays({ scheduleId: 'island', placeId: 'island', practitionerId: 'cy' }),
        weekdays({
          ...{ scheduleId: 'talks', practitionerId: '', roomId: 'quiet', serviceTypeIds: ['talk', 'gone', 'urgent'] },
          hours: [
            { from: '09:00', to: '12:00' },
            { from: '14:00', to: '16:00' },
          ],
        }),
        weekdays({
          ...{
            scheduleId: 'hidden',
            placeId: 'shelter',
            practitionerId: 'ada',
            serviceTypeIds: ['urgent', 'workshop'],
          },
          hours: [{ from: '08:00', to: '10:00' }],
        }),
        weekdays({
          ...{ scheduleId: 'group', practitionerId: '', roomId: 'quiet', serviceTypeIds: ['workshop'], seats: 3 },
          hours: [{ from: '17:00', to: '19:00' }],
        }),
      ],
    }),
  )
})
afterEach(() => agency.setNow(startMs))
afterAll(() => agency.close())

describe('SearchSlots refuses', () => {
  it.each<[string, Partial<SearchSlotsRequest>, object]>([
    ['a service type that is not there', { serviceTypeId: 'castle' }, { reason: 'SERVICE_TYPE_UNKNOWN' }],
    ['a retired service type', { serviceTypeId: 'gone' }, { reason: 'SERVICE_TYPE_UNKNOWN' }],
    ['a place that is not there', { placeIds: ['hall', 'castle'] }, { reason: 'PLACE_UNKNOWN', field: 'placeIds.1' }],
    [
      'a commune that nobody knows',
      { near: { commune: '99999', kilometres: 5 } },
      { reason: 'COMMUNE_UNKNOWN', field: 'near.commune' },
    ],
    [
      'days in the wrong order',
      { fromDay: '2026-12-02', toDay: '2026-12-01' },
      { reason: 'RANGE_INVERTED', field: 'toDay' },
    ],
    [
      'a range of ten years',
      { fromDay: '2026-12-01', toDay: '2036-12-01' },
      { reason: 'RANGE_TOO_LONG', field: 'toDay', most: '92' },
    ],
    ['93 days', { fromDay: '2026-12-01', toDay: '2027-03-03' }, { reason: 'RANGE_TOO_LONG' }],
    ['93 days from today', { toDay: '2027-02-23' }, { reason: 'RANGE_TOO_LONG' }],
    ['days that are over', { fromDay: '2026-11-01', toDay: '2026-11-22' }, { reason: 'TIME_PASSED', field: 'toDay' }],
    ['a day that was long ago', { toDay: '2020-01-01' }, { reason: 'TIME_PASSED' }],
    ['a page token that is none', { pageToken: 'nonsense' }, { reason: 'PAGE_TOKEN_MISMATCH' }],
    [
      'a page token of another search',
      { pageToken: '1795000000000.1~aaaaaaaaaaaa' },
      { reason: 'PAGE_TOKEN_MISMATCH' },
    ],
  ])('%s', async (_, change, expected) => {
    expect(await refusalOf(search(agency, change, person(someone())))).toMatchObject(expected)
  })

  it.each<[string, object]>([
    ['a day that does not exist', { fromDay: '2027-02-29' }],
    ['an id of other letters', { serviceTypeId: 'Id card' }],
    ['11 units', { units: 11 }],
    ['201 kilometres', { near: { commune: '08362', kilometres: 201 } }],
    ['no kilometres', { near: { commune: '08362', kilometres: 0 } }],
    ['a page of 101', { pageSize: 101 }],
    ['all of 1001', { pageSize: 1001, allOfPeriod: true }],
    ['a channel that is none', { channel: 5 }],
    ['a language that is none', { language: 'français' }],
  ])('%s, before it looks', (_, change) => {
    expect(searchSlots(agency).request.safeParse({ ...anySlot, ...change }).success).toBe(false)
    expect(searchSlots(agency).request.safeParse(anySlot).success).toBe(true)
  })

  it('what was a page token under other filters', async () => {
    const { nextPageToken } = await search(agency, { pageSize: 2 })
    expect(nextPageToken).not.toBe('')
    const other = search(agency, { pageSize: 2, pageToken: nextPageToken, placeIds: ['hall'] })
    expect(await refusalOf(other)).toEqual({ reason: 'PAGE_TOKEN_MISMATCH' })
    expect(await refusalOf(search(agency, { pageSize: 3, pageToken: nextPageToken }))).toEqual({ reason: 'nothing' })
  })
})

const schedulesIn = (slots: readonly Slot[]): string[] => [...new Set(slots.map(({ scheduleId }) => scheduleId))].sort()

describe('SearchSlots', () => {
  it('answers slots with the wall clock of their place, the earliest first, page by page', async () => {
    const all: Slot[] = []
    let pageToken = ''
    do {
      const found = await search(agency, { ...monday, pageSize: 5, pageToken })
      expect(found.slots.length).toBeLessThanOrEqual(5)
      all.push(...found.slots)
      pageToken = found.nextPageToken
    } while (pageToken !== '')
    // On the island it is three hours later, and 10:00 already.
    expect(all.map(({ localStart, scheduleId }) => `${localStart} ${scheduleId}`)).toEqual([
      ...['10:30', '11:00', '11:30'].map((time) => `2026-11-23T${time}+04:00 island`),
      ...['09:00', '09:30', '10:00', '10:30', '11:00', '11:30'].flatMap((time) =>
        ['ada-mornings', 'north'].map((id) => `2026-11-23T${time}+01:00 ${id}`),
      ),
    ])
    expect(all[3]).toMatchObject({
      zone: 'Europe/Paris',
      placeId: 'hall',
      channels: [COUNTER],
      isReserved: false,
      seatsLeft: 1,
      seats: 1,
    })
  })

  it.each<[string, Partial<SearchSlotsRequest>, string[]]>([
    ['a place', { placeIds: ['north'] }, ['north']],
    ['several places', { placeIds: ['hall', 'island'] }, ['ada-mornings', 'island']],
    ['a distance that only one has', { near: { commune: '08362', kilometres: 20 } }, ['ada-mornings']],
    ['a distance that two have', { near: { commune: '08362', kilometres: 50 } }, ['ada-mornings', 'north']],
    ['a channel', { channel: VIDEO }, ['north']],
    ['a channel that is not offered', { channel: MeetingChannel.MEETING_CHANNEL_HOME_VISIT }, []],
    ['what a place has', { accessibility: [WHEELCHAIR] }, ['ada-mornings', 'island']],
    ['what nobody has', { accessibility: [WHEELCHAIR, LOOP] }, []],
    ['sign language', { language: 'fsl' }, ['north']],
    ['a language, whatever the country', { language: 'FR' }, ['ada-mornings', 'island', 'north']],
    ['part of the name of a language', { language: 'fs' }, []],
    ['days beyond the horizon', { fromDay: '2027-06-01', toDay: '2027-06-05' }, []],
  ])('finds by %s', async (_, change, expected) => {
    const { slots } = await search(agency, { ...{ pageSize: 100, ...monday }, ...change }, person(someone()))
    expect(schedulesIn(slots)).toEqual(expected)
  })

  it('finds what a room has, too', async () => {
    const talk = { serviceTypeId: 'talk', fromDay: '2026-11-24', toDay: '2026-11-24' }
    expect(schedulesIn((await search(agency, { ...talk, accessibility: [WHEELCHAIR, LOOP] })).slots)).toEqual(['talks'])
    expect(schedulesIn((await search(agency, { ...talk, language: 'fr' })).slots)).toEqual([])
  })

  it('tells nobody how far a confidential place is', async () => {
    const workshop = { serviceTypeId: 'workshop', fromDay: '2026-11-24', toDay: '2026-11-24' }
    expect(schedulesIn((await search(agency, workshop)).slots)).toEqual(['group', 'hidden'])
    const near = { near: { commune: '08362', kilometres: 200 } }
    expect(schedulesIn((await search(agency, { ...workshop, ...near })).slots)).toEqual(['group'])
  })

  it('makes slots longer for several people, but for no group', async () => {
    const { slots } = await search(agency, { ...monday, placeIds: ['hall'], units: 3 })
    expect(slots.map(({ startsAtMs, endsAtMs }) => endsAtMs - startsAtMs)).toEqual([1.5 * hour, 1.5 * hour])
    const workshop = { serviceTypeId: 'workshop', fromDay: '2026-11-24', toDay: '2026-11-24', units: 2 }
    expect(schedulesIn((await search(agency, workshop)).slots)).toEqual(['hidden'])
  })

  it('shows a person what they may book: not too soon, not too late, and not what is kept for others', async () => {
    const talk = { serviceTypeId: 'talk', pageSize: 100 }
    const starts = async (change: Partial<SearchSlotsRequest>, call = person(someone())) =>
      (await search(agency, { ...talk, ...change }, call)).slots.map(
        ({ localStart, isReserved }) => `${localStart.slice(8, 16)}${isReserved ? '!' : ''}`,
      )
    const morning = ['09:00', '09:30!', '10:00', '10:30!', '11:00', '11:30!']
    const otherMorning = ['09:00!', '09:30', '10:00!', '10:30', '11:00!', '11:30']
    // Half of each opening, of which the first slot is kept at some and not at others.
    const wednesday = [...otherMorning, '14:00', '14:30!', '15:00', '15:30!'].map((each) => `25T${each}`)
    const today = ['10:00', '10:30', '11:00', '11:30', '14:00', '14:30', '15:00', '15:30'].map((each) => `23T${each}`)
    // It is 7:00: what is kept is everybody's within a day, and what begins before 10:00 is too soon.
    const tuesday = [...morning, '14:00!', '14:30', '15:00!', '15:30']
    const all = [...today, ...tuesday.map((each) => `24T${each}`), ...wednesday]
    expect(await starts({ isAccompanied: true })).toEqual(all)
    const alone = await starts({})
    expect(alone).toEqual(all.filter((each) => !each.endsWith('!')))
    expect(await starts({}, atGateway())).toEqual(alone)
    agency.setNow(startMs + 3 * hour)
    expect(await starts({ fromDay: '2026-11-24', toDay: '2026-11-24' })).toEqual(
      ['09:00', '09:30', '10:00', '11:00', '14:30', '15:30'].map((each) => `24T${each}`),
    )
  })

  it('shows an agent what comes too soon or too late for people, and says what is kept', async () => {
    const { slots } = await search(agency, {
      serviceTypeId: 'talk',
      fromDay: '2026-11-23',
      toDay: '2026-11-26',
      pageSize: 100,
    })
    expect(slots.length).toBe(40)
    expect(slots[0]?.localStart).toBe('2026-11-23T09:00+01:00')
    expect(slots.filter(({ isReserved }) => isReserved).length).toBe(15)
  })

  it('answers nothing that has begun', async () => {
    agency.setNow(Date.parse('2026-11-23T10:30:00+01:00'))
    const { slots, fromDay } = await search(agency, { placeIds: ['hall'], pageSize: 2 })
    expect(slots.map(({ localStart }) => localStart.slice(11, 16))).toEqual(['11:00', '11:30'])
    expect(fromDay).toBe('2026-11-23')
  })

  it('says which days it looked through', async () => {
    const days = async (change: Partial<SearchSlotsRequest>) => {
      const { fromDay, toDay } = await search(agency, change, person(someone()))
      return [fromDay, toDay]
    }
    expect(await days({})).toEqual(['2026-11-23', '2027-02-21'])
    expect(await days({ serviceTypeId: 'talk' })).toEqual(['2026-11-23', '2026-11-25'])
    expect(await days({ fromDay: '2026-11-01', toDay: '2026-11-30' })).toEqual(['2026-11-23', '2026-11-30'])
    expect(await days({ fromDay: '2027-06-01' })).toEqual(['2027-06-01', '2027-06-01'])
  })

  it('answers all of a period at once where somebody wants that', async () => {
    const { slots, nextPageToken } = await search(agency, { allOfPeriod: true, placeIds: ['hall'] })
    expect([slots.length, nextPageToken]).toEqual([65 * 6, ''])
    const all = await search(agency, { allOfPeriod: true })
    expect(all.slots.length).toBeGreaterThan(800)
    expect(all.nextPageToken).not.toBe('')
    const rest = await search(agency, { allOfPeriod: true, pageToken: all.nextPageToken })
    const starts = [...all.slots, ...rest.slots].map(({ startsAtMs, scheduleId }) => `${startsAtMs} ${scheduleId}`)
    expect(new Set(starts).size).toBe(starts.length)
    expect(starts.length).toBe(65 * 6 * 3 - 3)
  })

  it('says of a group how many seats are left, also when somebody has one', async () => {
    const tuesday = { serviceTypeId: 'workshop', fromDay: '2026-11-24', toDay: '2026-11-24', placeIds: ['hall'] }
    const { slots } = await search(agency, tuesday)
    expect(slots.map(({ seatsLeft, seats }) => [seatsLeft, seats])).toEqual([
      [3, 3],
      [3, 3],
    ])
  })
})

describe('an urgent service type', () => {
  it('has no slots: it says where to come today, and until when', async () => {
    const { slots, walkInPlaces, fromDay } = await search(agency, { serviceTypeId: 'urgent' }, atGateway())
    expect([slots, fromDay]).toEqual([[], '2026-11-23'])
    const at = (time: string) => Date.parse(`2026-11-23T${time}:00+01:00`)
    expect(walkInPlaces.map(({ placeId, address, hours }) => ({ placeId, address, hours }))).toEqual([
      {
        placeId: 'hall',
        address: '1 place de la République',
        hours: [
          { fromMs: at('09:00'), toMs: at('12:00') },
          { fromMs: at('14:00'), toMs: at('16:00') },
        ],
      },
      { placeId: 'shelter', address: '', hours: [{ fromMs: at('08:00'), toMs: at('10:00') }] },
    ])
  })

  it('begins now where it is open, and leaves out what is closed for today', async () => {
    agency.setNow(Date.parse('2026-11-23T14:20:00+01:00'))
    const { walkInPlaces } = await search(agency, { serviceTypeId: 'urgent' })
    const from = Date.parse('2026-11-23T14:20:00+01:00')
    expect(walkInPlaces.map(({ placeId, hours }) => [placeId, hours])).toEqual([
      ['hall', [{ fromMs: from, toMs: Date.parse('2026-11-23T16:00:00+01:00') }]],
    ])
    agency.setNow(Date.parse('2026-11-22T10:00:00+01:00'))
    expect((await search(agency, { serviceTypeId: 'urgent' })).walkInPlaces).toEqual([])
  })

  it('is seen today where the filters say', async () => {
    const placeIds = ['shelter']
    const { walkInPlaces } = await search(agency, { serviceTypeId: 'urgent', placeIds })
    expect(walkInPlaces.map(({ placeId }) => placeId)).toEqual(placeIds)
  })
})

describe('a closure', () => {
  it('hides its slots from the next search on', async () => {
    await publish(agency, { closures: [hallClosure()] })
    const tuesday = { fromDay: '2026-11-24', toDay: '2026-11-24', pageSize: 100 }
    expect(schedulesIn((await search(agency, tuesday)).slots)).toEqual(['island', 'north'])
    await publish(agency, { closures: [hallClosure({ isRetired: true })] })
    expect(schedulesIn((await search(agency, tuesday)).slots)).toEqual(['ada-mornings', 'island', 'north'])
  })
})
