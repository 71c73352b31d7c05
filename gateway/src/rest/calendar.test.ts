import type { PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { offered, papers, secret, shelter, townHall } from '../appointment.fixture.js'
import { type Fakes, gatewayForTest, systemToken } from '../gateway.fixture.js'

const system = systemToken('hall', { scope: 'calendar:publish' })
const two = { fr: 'a', en: 'a' }
const place = { placeId: 'town-hall', title: two, zone: 'Europe/Paris' }
const practitioner = {
  resourceId: 'p-1',
  placeId: 'town-hall',
  kind: 'practitioner',
  agentId: 'a-1',
  capacity: 'Agent',
}
const room = { resourceId: 'r-1', placeId: 'town-hall', kind: 'room', title: two, accessibility: ['wheelchair'] }
const serviceType = {
  serviceTypeId: 'papers',
  title: two,
  durationMinutes: 30,
  channels: ['counter'],
  booker: 'person',
}
const schedule = {
  scheduleId: 's-1',
  placeId: 'town-hall',
  practitionerId: 'p-1',
  serviceTypeIds: ['papers'],
  channels: ['counter'],
  firstDay: '2026-01-01',
  rrule: 'FREQ=WEEKLY;BYDAY=MO',
  hours: [{ from: '09:00', to: '12:00' }],
}
const closure = { closureId: 'c-1', of: { resourceId: 'p-1' }, from: '2026-12-24T12:00', to: '2026-12-26T12:00' }

const ask = async (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: object,
  calendar: Fakes['calendar'] = {},
  more: Record<string, string> = { authorization: `Bearer ${system}` },
) => {
  const { app, calls } = await gatewayForTest('agency', { calendar })
  const response = await app.inject({
    method,
    url,
    headers: { 'idempotency-key': 'a-key-of-its-own', ...more, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { payload: JSON.stringify(body) }),
  })
  const isJson = String(response.headers['content-type']).includes('json')
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: isJson ? response.json() : undefined,
    asked: calls.filter(({ rpc }) => rpc.startsWith('calendar.')),
  }
}

describe('a calendar over REST', () => {
  it.each([
    ['POST', '/v1/calendar', {}],
    ['GET', '/v1/calendar/places/town-hall', undefined],
    ['POST', '/v1/calendar/practitioners/p-1/busy-times', { source: 's', icalendar: '' }],
    ['POST', '/v1/calendar/practitioners/p-1/feeds', {}],
    ['DELETE', '/v1/calendar/feeds/6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a001', undefined],
  ] as const)('asks for a token, and nobody without: %s %s', async (method, url, body) => {
    const stranger = await ask(method, url, body, {}, {})
    expect([stranger.status, stranger.body.reason, stranger.asked]).toEqual([401, 'TOKEN_MISSING', []])
  })

  it.each<[string, object, string]>([
    ['a place without its zone', { places: [{ placeId: 'a', title: two }] }, 'places.0.zone'],
    ['an id that is none', { places: [{ ...place, placeId: 'Town Hall' }] }, 'places.0.placeId'],
    ['a title in one language', { places: [{ ...place, title: { fr: 'a' } }] }, 'places.0.title.en'],
    ['a resource that is nothing', { resources: [{ ...room, kind: 'robot' }] }, 'resources.0.kind'],
    [
      'a channel that there is not',
      { serviceTypes: [{ ...serviceType, channels: ['fax'] }] },
      'serviceTypes.0.channels.0',
    ],
    ['half a minute', { serviceTypes: [{ ...serviceType, durationMinutes: 0.5 }] }, 'serviceTypes.0.durationMinutes'],
    ['a day that is none', { schedules: [{ ...schedule, firstDay: '2026-02-30' }] }, 'schedules.0.firstDay'],
    ['a closure of nothing', { closures: [{ ...closure, of: {} }] }, 'closures.0.of'],
    ['more than 500', { places: Array(501).fill(place) }, 'places'],
    ['something else', { calendars: [] }, 'calendars'],
  ])('refuses %s, naming the field', async (_, body, field) => {
    const refused = await ask('POST', '/v1/calendar', body)
    expect(refused.body).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field } })
    expect(refused.asked).toEqual([])
  })

  it('passes on what the service says is wrong', async () => {
    const publishCalendar = () => {
      throw new MeshError('LOCAL_TIME_SKIPPED', { facts: { field: 'closures.0.from' } })
    }
    const refused = await ask('POST', '/v1/calendar', {}, { publishCalendar })
    expect(refused.body).toMatchObject({
      status: 400,
      reason: 'LOCAL_TIME_SKIPPED',
      facts: { field: 'closures.0.from' },
    })
  })

  it('is published whole, with everything that was left out as the contract has it', async () => {
    const put: PublishCalendarRequest[] = []
    const publishCalendar = async (request: PublishCalendarRequest) => {
      put.push(request)
      return { revision: 7, displacedAppointmentIds: ['a'] }
    }
    const body = {
      places: [place],
      resources: [practitioner, room],
      serviceTypes: [serviceType],
      schedules: [schedule],
      closures: [closure, { ...closure, closureId: 'c-2', of: { placeId: 'town-hall' } }],
    }
    const published = await ask('POST', '/v1/calendar', body, { publishCalendar })
    expect(published.body).toEqual({ revision: 7, displacedAppointmentIds: ['a'] })
    expect(put).toMatchObject([
      {
        places: [{ placeId: 'town-hall', address: '', latitude: 0, accessibility: [], isConfidential: false }],
        resources: [
          {
            kind: { $case: 'practitioner', value: { agentId: 'a-1', firstName: '', isUnnamed: false, languages: [] } },
          },
          { kind: { $case: 'room', value: { lanes: 1, accessibility: [1] } } },
        ],
        serviceTypes: [{ channels: [1], booker: 2, isUrgent: false, reservedPercent: 0, hubReasons: [] }],
        schedules: [{ channels: [1], practitionerId: 'p-1', roomId: '', lastDay: '', seats: 1, exceptions: [] }],
        closures: [{ of: { $case: 'resourceId', value: 'p-1' } }, { of: { $case: 'placeId', value: 'town-hall' } }],
      },
    ])
  })

  it('is read as it can be published again', async () => {
    const put: PublishCalendarRequest[] = []
    const body = { places: [place], resources: [practitioner, room], schedules: [schedule], closures: [closure] }
    const publishCalendar = async (request: PublishCalendarRequest) => {
      put.push(request)
      return { revision: 1, displacedAppointmentIds: [] }
    }
    await ask('POST', '/v1/calendar', body, { publishCalendar })
    const [first] = put
    if (!first) throw new Error('nothing was published')
    const getCalendar = async () => ({
      ...first,
      place: first.places[0],
      serviceTypes: [papers],
      revision: 1,
      nextPageToken: '',
    })
    const read = await ask('GET', '/v1/calendar/places/town-hall', undefined, { getCalendar })
    expect(read.headers['cache-control']).toBe('private, no-cache')
    const { place: shown, revision: _, nextPageToken: none, ...rest } = read.body
    expect(none).toBeNull()
    await ask('POST', '/v1/calendar', { places: [shown], ...rest }, { publishCalendar })
    expect(put[1]).toEqual({ ...first, serviceTypes: [papers] })
  })

  it('says for what one can come to anybody, and not where a confidential place is', async () => {
    // A member that forgot to leave it out.
    const listServiceTypes = async () => ({ serviceTypes: [...offered], nextPageToken: '' })
    const listed = await ask('GET', '/v1/appointments/service-types', undefined, { listServiceTypes }, {})
    expect([listed.status, listed.headers['cache-control']]).toEqual([200, 'public, max-age=60'])
    const [first] = listed.body.serviceTypes
    expect(first.places.map(({ address }: { address: string | null }) => address)).toEqual([
      townHall.address,
      '3 rue du Port',
      null,
    ])
    expect(first.places[2]).toMatchObject({
      placeId: shelter.placeId,
      latitude: null,
      city: null,
      isConfidential: true,
    })
    const one = await ask(
      'GET',
      '/v1/appointments/service-types?serviceType=papers',
      undefined,
      { listServiceTypes },
      {},
    )
    expect(one.asked).toMatchObject([{ request: { serviceTypeId: 'papers' } }])
  })

  it('is read page by page, and refuses the page token of another list', async () => {
    const refuse = async () => {
      throw new MeshError('PAGE_TOKEN_MISMATCH')
    }
    for (const url of ['/v1/appointments/service-types', '/v1/calendar/places/town-hall']) {
      const fakes = { listServiceTypes: refuse, getCalendar: refuse }
      const refused = await ask('GET', `${url}?pageToken=x`, undefined, fakes)
      expect([refused.status, refused.body.reason]).toEqual([400, 'PAGE_TOKEN_MISMATCH'])
      expect((await ask('GET', `${url}?pageSize=501`, undefined, fakes)).body.facts).toEqual({ field: 'pageSize' })
    }
    const listServiceTypes = async () => ({ serviceTypes: [...offered], nextPageToken: 'papers/town-hall' })
    const page = '?pageSize=1&pageToken=a/b'
    const listed = await ask('GET', `/v1/appointments/service-types${page}`, undefined, { listServiceTypes })
    expect(listed.body.nextPageToken).toBe('papers/town-hall')
    expect(listed.asked).toMatchObject([{ request: { serviceTypeId: '', pageSize: 1, pageToken: 'a/b' } }])
  })

  it('takes the busy times of another calendar', async () => {
    const importBusyTimes = async () => ({ busyTimes: 3, displacedAppointmentIds: [] })
    const body = { source: 'work', icalendar: 'BEGIN:VCALENDAR' }
    const url = '/v1/calendar/practitioners/p-1/busy-times'
    const imported = await ask('POST', url, body, { importBusyTimes })
    expect(imported.body).toEqual({ busyTimes: 3, displacedAppointmentIds: [] })
    expect(imported.asked).toMatchObject([{ request: { practitionerId: 'p-1', ...body } }])
    const strange = await ask('POST', url, { ...body, source: 'é' }, { importBusyTimes })
    expect(strange.body.facts).toEqual({ field: 'source' })
  })
})

describe('the address of a feed', () => {
  const icalendar = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'
  const path = `/v1/calendar/feeds/${secret}.ics`

  it.each(['/v1/calendar/feeds/seven.ics', `/v1/calendar/feeds/${secret}x.ics`, '/v1/calendar/feeds/.ics'])(
    'is unknown, and nobody is asked, where it cannot be one: %s',
    async (url) => {
      const refused = await ask('GET', url, undefined, { readFeed: async () => ({ icalendar }) }, {})
      expect([refused.status, refused.asked]).toEqual([404, []])
    },
  )

  it('is unknown where the service does not know it', async () => {
    const readFeed = () => {
      throw new MeshError('FEED_UNKNOWN')
    }
    const refused = await ask('GET', path, undefined, { readFeed }, {})
    expect([refused.status, refused.body.reason]).toEqual([404, 'FEED_UNKNOWN'])
  })

  it('is answered once, read by who knows it, kept by nobody, and ended', async () => {
    const calendar = {
      createFeed: async () => ({ feedId: 'f', secret }),
      readFeed: async () => ({ icalendar }),
      endFeed: async () => ({}),
    }
    const created = await ask('POST', '/v1/calendar/practitioners/p-1/feeds', {}, calendar)
    expect([created.status, created.body]).toEqual([201, { feedId: 'f', url: `http://127.0.0.1:4001${path}` }])
    const read = await ask('GET', path, undefined, calendar, {})
    expect([read.status, read.text, read.asked]).toMatchObject([200, icalendar, [{ request: { secret } }]])
    expect(read.headers['content-type']).toBe('text/calendar; charset=utf-8')
    expect(read.headers['cache-control']).toBe('no-store')
    const id = '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a001'
    expect((await ask('DELETE', `/v1/calendar/feeds/${id}`, undefined, calendar)).body).toEqual({ feedId: id })
  })
})
