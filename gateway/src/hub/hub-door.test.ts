import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SearchSlotsRequest, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aSlot, bookedId, branch, hubPapers, offered, shelter, townHall } from '../appointment.fixture.js'
import { type Fakes, gatewayForTest } from '../gateway.fixture.js'
import { HubToken } from './hub-token.js'

const token = 'a-token-that-nobody-guesses'
const folder = mkdtempSync(join(tmpdir(), 'unefois-hub-'))
const tokenFile = join(folder, 'hub.token')
beforeAll(() => writeFileSync(tokenFile, `${token}\n`))
afterAll(() => rmSync(folder, { recursive: true }))

const nowMs = Date.parse('2022-10-20T10:00:00Z')
const clock = { nowMs: () => nowMs, monotonicMs: () => 0 }
const at = (localStart: string, more: Partial<Slot> = {}): Slot => ({
  ...aSlot,
  localStart,
  startsAtMs: Date.parse(localStart),
  serviceTypeId: 'hub-papers',
  ...more,
})
const slotsOf = (...slots: Slot[]) => ({ slots, nextPageToken: '', walkInPlaces: [], fromDay: '', toDay: '' })
const calendar = { listServiceTypes: async () => ({ serviceTypes: [...offered], nextPageToken: '' }) }

const open = (fakes: Fakes = {}) =>
  gatewayForTest('agency', { calendar, clock, ...fakes, config: { hub: { tokenFile }, ...fakes.config } })
const ask = async (
  url: string,
  fakes: Fakes = {},
  shown: Record<string, string> = { 'x-hub-rdv-auth-token': token },
) => {
  const { app, calls } = await open(fakes)
  const response = await app.inject({ method: 'GET', url, headers: shown })
  return { status: response.statusCode, body: response.json(), calls, headers: response.headers }
}
const period = 'start_date=2022-11-01&end_date=2022-11-30'
const slots = (query: string) => `/availableTimeSlots?${query}`
const usual = `meeting_point_ids=town-hall&${period}&reason=CNI`
const paths = ['/getManagedMeetingPoints', slots(usual), '/searchApplicationIds?application_ids=ABCDEFGH12']

describe('the door for the national hub', () => {
  it.each(paths)('is not there at an agency that has no token of it: %s', async (url) => {
    const { app } = await gatewayForTest('agency', { calendar })
    expect((await app.inject({ method: 'GET', url })).json().reason).toBe('METHOD_UNKNOWN')
  })

  it.each(
    paths.flatMap(
      (url) =>
        [
          [url, {}],
          [url, { 'x-hub-rdv-auth-token': `${token}x` }],
        ] as const,
    ),
  )('asks nobody anything without the token: %s', async (url, shown) => {
    const refused = await ask(url, {}, shown as Record<string, string>)
    expect([refused.status, refused.body]).toEqual([401, { error: { code: 401, message: 'Unauthorized' } }])
    expect(refused.calls).toEqual([])
  })

  it('does not start with a token that somebody guesses', () => {
    const short = join(folder, 'short.token')
    writeFileSync(short, 'hub\n')
    expect(() => HubToken.read(short)).toThrow('at least 16')
  })

  it.each([
    ['a reason that is none', `meeting_point_ids=town-hall&${period}&reason=VISA`, 'Invalid reason param'],
    ['no reason', `meeting_point_ids=town-hall&${period}`, 'Invalid reason param'],
    ['two reasons', `${usual}&reason=PASSPORT`, 'Invalid reason param'],
    ['no meeting point', `${period}&reason=CNI`, 'Invalid meeting_point_ids param'],
    ['an empty meeting point', `${usual}&meeting_point_ids=`, 'Invalid meeting_point_ids param'],
    [
      'a start after the end',
      'meeting_point_ids=a&start_date=2022-11-02&end_date=2022-11-01&reason=CNI',
      'start_date is after end_date',
    ],
    [
      'a day that is none',
      'meeting_point_ids=a&start_date=2022-02-30&end_date=2022-11-01&reason=CNI',
      'Invalid start_date param',
    ],
    ['no end', 'meeting_point_ids=a&start_date=2022-11-01&reason=CNI', 'Invalid end_date param'],
    ['no documents', `${usual}&documents_number=0`, 'Invalid documents_number param'],
    ['fewer than none', `${usual}&documents_number=-1`, 'Invalid documents_number param'],
    ['half a document', `${usual}&documents_number=1.5`, 'Invalid documents_number param'],
  ])('refuses %s', async (_, query, message) => {
    const refused = await ask(slots(query))
    expect([refused.status, refused.body]).toEqual([400, { error: { code: 400, message } }])
    expect(refused.calls).toEqual([])
  })

  it('refuses a search for no application, and for more than it answers for', async () => {
    const ids = Array.from({ length: 1001 }, (_, at) => `application_ids=${String(at).padStart(10, 'A')}`).join('&')
    for (const query of ['', ids])
      expect((await ask(`/searchApplicationIds?${query}`)).body.error.message).toBe('Invalid application_ids param')
  })

  it('says in the hub’s form that a service does not answer, and what failed inside', async () => {
    const silent = await ask('/getManagedMeetingPoints', { calendar: {} })
    expect([silent.status, silent.body.error.code]).toEqual([503, 503])
    const broken = await ask('/getManagedMeetingPoints', {
      calendar: {
        listServiceTypes: () => {
          throw new Error('the password is x')
        },
      },
    })
    expect([broken.status, JSON.stringify(broken.body).includes('password')]).toEqual([500, false])
  })

  it.each([
    ['/getManagedMeetingPoints', 20_000, { calendar: 'listServiceTypes' }],
    [slots(usual), 15_000, { slots: 'searchSlots' }],
    ['/searchApplicationIds?application_ids=ABCDEFGH12', 5_000, { appointments: 'findByPreApplications' }],
  ] as const)('says in time, in the hub’s form, that a service is too slow: %s', async (url, hubWaitsMs, silent) => {
    const hangs = Object.fromEntries(
      Object.entries(silent).map(([service, rpc]) => [service, { [rpc]: () => new Promise<never>(() => undefined) }]),
    )
    // The whole time but a little has passed by the second look at the clock: nothing here waits for it.
    const moments = [0]
    const slow = { nowMs: () => nowMs, monotonicMs: () => moments.shift() ?? hubWaitsMs - 550 }
    const late = await ask(url, { ...hangs, clock: slow })
    expect([late.status, late.body.error.code]).toEqual([504, 504])
    expect(late.calls).toHaveLength(url === slots(usual) ? 2 : 1)
  })

  it.each(['/getManagedMeetingPoints', slots(usual)])('reads all pages of what is offered: %s', async (url) => {
    const manyTypes = Array.from({ length: 30 }, (_, at) => ({ ...hubPapers, serviceTypeId: `papers-${at}` }))
    const manyPlaces = Array.from({ length: 100 }, (_, at) => ({ ...townHall, placeId: `hall-${at}` }))
    const pairs = manyTypes.flatMap((serviceType) => manyPlaces.map((place) => ({ serviceType, place })))
    const pageOf = (from: number) => {
      const page = pairs.slice(from, from + 770)
      const types = [...new Set(page.map(({ serviceType }) => serviceType))]
      return types.map((serviceType) => ({
        serviceType,
        places: page.filter((pair) => pair.serviceType === serviceType).map(({ place }) => place),
      }))
    }
    const ids = ['hall-0', 'hall-69', 'hall-70', 'hall-99']
    const asked = slots(`${ids.map((id) => `meeting_point_ids=${id}`).join('&')}&${period}&reason=CNI`)
    const { body, calls, status } = await ask(url === slots(usual) ? asked : url, {
      calendar: {
        listServiceTypes: async ({ pageToken }) => {
          const from = Number(pageToken)
          return { serviceTypes: pageOf(from), nextPageToken: from + 770 < pairs.length ? String(from + 770) : '' }
        },
      },
      slots: { searchSlots: async () => slotsOf() },
    })
    expect(status).toBe(200)
    expect(calls.filter(({ rpc }) => rpc === 'calendar.listServiceTypes')).toHaveLength(4)
    if (url === slots(usual)) {
      const searched = calls.filter(({ rpc }) => rpc === 'slots.searchSlots')
      expect(searched).toHaveLength(30)
      for (const { request } of searched) expect(request).toMatchObject({ placeIds: ids })
      expect(Object.keys(body)).toEqual(ids)
    } else expect(body.map(({ id }: { id: string }) => id)).toEqual(manyPlaces.map(({ placeId }) => placeId))
  })

  it('names every place where slots can exist, once, and no confidential one', async () => {
    const { body, headers } = await ask('/getManagedMeetingPoints', {
      calendar: {
        listServiceTypes: async () => ({
          serviceTypes: [
            ...offered,
            { serviceType: { ...hubPapers, serviceTypeId: 'more' }, places: [townHall, shelter] },
          ],
          nextPageToken: '',
        }),
      },
    })
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toEqual([
      {
        id: 'town-hall',
        name: 'Mairie',
        longitude: 2.35,
        latitude: 48.93,
        public_entry_address: '1 place de la Mairie',
        zip_code: '93200',
        city_name: 'Saint-Denis',
        website: 'https://hall.test',
      },
      {
        id: 'branch',
        name: 'Antenne du port',
        longitude: 2.35,
        latitude: 48.93,
        public_entry_address: branch.address,
        zip_code: '97420',
        city_name: 'Le Port',
      },
    ])
  })

  it('answers every meeting point that it was asked for, with wall clocks in order and none twice', async () => {
    const found = await ask(slots(`${usual}&meeting_point_ids=branch&meeting_point_ids=elsewhere`), {
      slots: {
        searchSlots: async () =>
          slotsOf(
            at('2022-11-01T09:30+01:00'),
            at('2022-11-01T09:00+01:00'),
            // A second counter with the same opening.
            at('2022-11-01T09:00+01:00', { scheduleId: 'counter-2' }),
            at('2022-11-01T09:00+04:00', { placeId: 'branch', zone: 'Indian/Reunion' }),
          ),
      },
    })
    const timesOf = (id: string) => found.body[id].map(({ datetime }: { datetime: string }) => datetime)
    expect(Object.keys(found.body)).toEqual(['town-hall', 'branch', 'elsewhere'])
    expect(timesOf('town-hall')).toEqual(['2022-11-01T09:00Z', '2022-11-01T09:30Z'])
    expect([timesOf('branch'), timesOf('elsewhere')]).toEqual([['2022-11-01T09:00Z'], []])
    const address = new URL(found.body['town-hall'][0].callback_url)
    expect([address.origin, address.pathname]).toEqual(['http://127.0.0.1:4001', '/book/hub'])
    expect(Object.fromEntries(address.searchParams)).toEqual({
      service: 'hub-papers',
      place: 'town-hall',
      schedule: 'counter-1',
      start: String(Date.parse('2022-11-01T08:00:00Z')),
      documents: '1',
      reason: 'CNI',
    })
  })

  it('keeps the wall clock across the change of hour', async () => {
    const march = { nowMs: () => Date.parse('2024-03-01T00:00:00Z'), monotonicMs: () => 0 }
    const query = 'meeting_point_ids=town-hall&start_date=2024-03-30&end_date=2024-04-01&reason=CNI'
    const { body } = await ask(slots(query), {
      clock: march,
      slots: { searchSlots: async () => slotsOf(at('2024-03-30T09:00+01:00'), at('2024-04-01T09:00+02:00')) },
    })
    const times = body['town-hall'].map(({ datetime }: { datetime: string }) => datetime)
    expect(times).toEqual(['2024-03-30T09:00Z', '2024-04-01T09:00Z'])
  })

  it('asks for slots that are as long as the documents take, page by page, for the service types of the reason', async () => {
    const asked: SearchSlotsRequest[] = []
    const searchSlots = async (request: SearchSlotsRequest) => {
      asked.push(request)
      const isFirst = request.pageToken === ''
      return {
        ...slotsOf(at(isFirst ? '2022-11-01T09:00+01:00' : '2022-11-02T09:00+01:00')),
        nextPageToken: isFirst ? 'n' : '',
      }
    }
    const { body } = await ask(slots(`${usual}&documents_number=2`), { slots: { searchSlots } })
    expect(body['town-hall']).toHaveLength(2)
    expect(asked).toMatchObject(
      ['', 'n'].map((pageToken) => ({
        serviceTypeId: 'hub-papers',
        placeIds: ['town-hall'],
        units: 2,
        allOfPeriod: true,
        isAccompanied: false,
        fromDay: '2022-11-01',
        toDay: '2022-11-30',
        pageToken,
      })),
    )
    const passport = await ask(slots(usual.replace('=CNI', '=PASSPORT')), { slots: { searchSlots } })
    expect([passport.body, asked.length]).toEqual([{ 'town-hall': [] }, 2])
  })

  it('splits what is longer than a search takes, and looks neither behind nor beyond what can be booked', async () => {
    const asked: [string, string][] = []
    const searchSlots = async ({ fromDay, toDay }: SearchSlotsRequest) => {
      asked.push([fromDay, toDay])
      return slotsOf()
    }
    const long = 'meeting_point_ids=town-hall&start_date=2015-01-01&end_date=2035-01-01&reason=CNI'
    await ask(slots(long), { slots: { searchSlots } })
    expect(asked).toEqual([
      ['2022-10-19', '2023-01-18'],
      ['2023-01-19', '2023-04-20'],
      ['2023-04-21', '2023-07-21'],
      ['2023-07-22', '2023-10-21'],
      ['2023-10-22', '2023-10-22'],
    ])
    const past = 'meeting_point_ids=town-hall&start_date=2015-01-01&end_date=2015-02-01&reason=CNI'
    expect((await ask(slots(past), { slots: { searchSlots } })).body).toEqual({ 'town-hall': [] })
    const many = await ask(slots(`${usual}&documents_number=11`), { slots: { searchSlots } })
    expect([many.body, asked.length]).toEqual([{ 'town-hall': [] }, 5])
  })

  it('bounds its own work where the pages do not end, and a calendar that has just changed has no slots', async () => {
    let pages = 0
    const endless = async () => {
      pages += 1
      return { ...slotsOf(at('2022-11-01T09:00+01:00')), nextPageToken: `after ${pages}` }
    }
    const { status, body } = await ask(slots(usual), { slots: { searchSlots: endless } })
    expect([status, body['town-hall'].length, pages]).toEqual([200, 1, 60])
    const gone = () => {
      throw new MeshError('SERVICE_TYPE_UNKNOWN')
    }
    expect((await ask(slots(usual), { slots: { searchSlots: gone } })).body).toEqual({ 'town-hall': [] })
  })

  /** Two service types of a place each, with a free slot every half an hour and a page for each, which takes so long; without an end. */
  const askTwoPlaces = async (pageMs: number) => {
    const [papers] = offered.filter(({ serviceType }) => serviceType?.serviceTypeId === 'hub-papers')
    if (!papers?.serviceType) throw new Error('the fixture offers no papers')
    const more = { ...papers, serviceType: { ...papers.serviceType, serviceTypeId: 'more-papers' }, places: [branch] }
    const { start, asked } = { start: Date.parse('2022-11-01T09:00+01:00'), asked: new Map<string, number>() }
    let passedMs = 0
    const halfHours = async ({ serviceTypeId }: SearchSlotsRequest) => {
      const page = asked.get(serviceTypeId) ?? 0
      asked.set(serviceTypeId, page + 1)
      passedMs += pageMs
      const local = new Date(start + page * 1_800_000 + 3_600_000).toISOString().slice(0, 16)
      const placeId = serviceTypeId === 'more-papers' ? branch.placeId : townHall.placeId
      return { ...slotsOf(at(`${local}+01:00`, { serviceTypeId, placeId })), nextPageToken: 'on' }
    }
    const url = slots(`${usual}&meeting_point_ids=${branch.placeId}`)
    const two = { listServiceTypes: async () => ({ serviceTypes: [...offered, more], nextPageToken: '' }) }
    const { status, body } = await ask(url, {
      ...{ calendar: two, slots: { searchSlots: halfHours } },
      clock: { nowMs: () => nowMs, monotonicMs: () => passedMs },
    })
    return [status, body['town-hall']?.length, body[branch.placeId]?.length]
  }

  it('leaves out the later slots of all meeting points, not all of the later meeting points', async () => {
    expect(await askTwoPlaces(1)).toEqual([200, 30, 30])
  })

  it('leaves them out too where it would be too late otherwise, once it has read something of all', async () => {
    expect(await askTwoPlaces(1200)).toEqual([200, 4, 4])
    expect(await askTwoPlaces(6000)).toEqual([200, 1, 1])
  })

  it('answers for each pre-application that it was asked for, also for what is no number of one', async () => {
    const booked = {
      preApplication: 'ABCDEFGH12',
      appointmentId: bookedId,
      placeId: 'town-hall',
      place: townHall.title,
      localStart: '2022-11-01T09:00',
    }
    const numbers = Array.from({ length: 150 }, (_, at) => `N${String(at).padStart(9, '0')}`)
    const query = ['ABCDEFGH12', 'ABCDEFGH1', ...numbers].map((id) => `application_ids=${id}`).join('&')
    const { body, calls } = await ask(`/searchApplicationIds?${query}`, {
      appointments: {
        findByPreApplications: async ({ preApplications }) => ({
          booked: preApplications.includes('ABCDEFGH12') ? [booked] : [],
        }),
      },
    })
    const address = `http://127.0.0.1:4001/appointments/${bookedId}`
    expect(Object.keys(body)).toHaveLength(152)
    expect(body.ABCDEFGH12).toEqual([
      { meeting_point: 'Mairie', datetime: '2022-11-01T09:00Z', management_url: address, cancel_url: address },
    ])
    expect([body.ABCDEFGH1, body.N000000149]).toEqual([[], []])
    const asked = calls.map(({ request }) => (request as { preApplications: string[] }).preApplications)
    expect(asked.map(({ length }) => length)).toEqual([100, 51])
    expect(asked.flat()).not.toContain('ABCDEFGH1')
  })
})
