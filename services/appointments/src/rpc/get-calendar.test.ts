import { largestMessageBytes } from '@unefois/chassis/grpc-door'
import {
  GetCalendarResponse,
  ListServiceTypesResponse,
  type Schedule,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type Agency,
  hallCalendar,
  hallPlace,
  openAgency,
  practitioner,
  serviceType,
  system,
  weekdays,
} from '../agency.fixture.js'
import { hallClosure, publish, refusalOf } from '../calendar/calendar.fixture.js'
import { everyPage } from '../every-page.fixture.js'
import { getCalendar } from './get-calendar.js'
import { listServiceTypes } from './list-service-types.js'

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  await publish(
    agency,
    hallCalendar({
      places: [hallPlace(), hallPlace({ placeId: 'shelter', isConfidential: true, sharedPlace: 'house' })],
      resources: [practitioner(), practitioner('bo', 'shelter')],
      serviceTypes: [
        serviceType(),
        serviceType({ serviceTypeId: 'talk' }),
        serviceType({ serviceTypeId: 'gone', isRetired: true }),
      ],
      schedules: [
        weekdays(),
        weekdays({ scheduleId: 'bo-here', practitionerId: 'bo', serviceTypeIds: ['talk'] }),
        weekdays({ scheduleId: 'bo', placeId: 'shelter', practitionerId: 'bo', serviceTypeIds: ['talk', 'gone'] }),
        weekdays({ scheduleId: 'old', placeId: 'shelter', isRetired: true }),
      ],
      closures: [hallClosure(), hallClosure({ closureId: 'leave', of: { $case: 'resourceId', value: 'bo' } })],
    }),
  )
})
afterAll(() => agency.close())

const firstPage = { pageSize: 0, pageToken: '' }
const get = (placeId: string, page: { pageSize?: number; pageToken?: string } = {}, of: Agency = agency) =>
  getCalendar(of).handle({ placeId, ...firstPage, ...page }, system())
const list = (serviceTypeId: string, page: { pageSize?: number; pageToken?: string } = {}, of: Agency = agency) =>
  listServiceTypes(of).handle({ serviceTypeId, ...firstPage, ...page }, system())

const many = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${String(at).padStart(4, '0')}`)
const typeIds = many(30, 'type')
const placeIds = many(100, 'place')
/** An agency that offers 30 service types at each of 100 places, and where the last place has many days of its own. */
const openLargeAgency = async (): Promise<Agency> => {
  const large = await openAgency()
  onTestFinished(() => large.close())
  await publish(large, {
    places: placeIds.map((placeId) => hallPlace({ placeId })),
    serviceTypes: typeIds.map((serviceTypeId) => serviceType({ serviceTypeId })),
    resources: placeIds.map((placeId) => practitioner(`p-${placeId}`, placeId)),
  })
  const exceptions = Array.from({ length: 1000 }, (_, at) => ({
    day: new Date(Date.parse('2027-01-01') + at * 86_400_000).toISOString().slice(0, 10),
    hours: [{ from: '09:00', to: '12:00' }],
  }))
  const at = (placeId: string, change: Partial<Schedule> = {}) =>
    weekdays({ scheduleId: placeId, placeId, practitionerId: `p-${placeId}`, serviceTypeIds: typeIds, ...change })
  await publish(large, { schedules: placeIds.map((placeId) => at(placeId)) })
  const days = many(20, 'days')
  await publish(large, {
    schedules: days.map((scheduleId) => at('place-0099', { scheduleId, isRetired: true, exceptions })),
    closures: many(300, 'closure').map((closureId, index) => {
      const from = new Date(Date.parse('2030-01-01') + index * 86_400_000).toISOString().slice(0, 10)
      const of = { $case: 'placeId' as const, value: 'place-0099' }
      return hallClosure({ closureId, of, from: `${from}T08:00`, to: `${from}T09:00` })
    }),
  })
  return large
}
const foreign = ['nonsense', '1700000000000.6f1c1f4e-8f4e-4c1e-9d5e-1b2a3c4d5e6f', '12', 'id-card', 'id-card/hall~abc']

describe('GetCalendar', () => {
  it('knows no place that was not published', async () => {
    expect(await refusalOf(get('castle'))).toEqual({ reason: 'PLACE_UNKNOWN' })
    expect(getCalendar(agency).request.safeParse({ placeId: '', ...firstPage }).success).toBe(false)
  })

  it('refuses a token that is broken, of another list or of another place', async () => {
    const { nextPageToken } = await get('hall', { pageSize: 1 })
    const shelter = (await get('shelter', { pageSize: 1 })).nextPageToken
    const types = (await list('', { pageSize: 1 })).nextPageToken
    const tag = nextPageToken.slice(nextPageToken.indexOf('~'))
    for (const pageToken of [...foreign, shelter, types, tag, `5/ada${tag}`, `1/${tag}`, `1/ADA${tag}`])
      expect([pageToken, await refusalOf(get('hall', { pageToken }))]).toEqual([
        pageToken,
        { reason: 'PAGE_TOKEN_MISMATCH' },
      ])
    const tooMany = { placeId: 'hall', pageSize: 501, pageToken: '' }
    expect(getCalendar(agency).request.safeParse(tooMany).success).toBe(false)
  })

  it('answers, in pages of any size, what it answers at once', async () => {
    const { nextPageToken: none, ...whole } = await get('hall')
    expect(none).toBe('')
    for (const pageSize of [1, 2, 3, 7]) {
      const pages = await everyPage((pageToken) => get('hall', { pageSize, pageToken }))
      expect(pages).toHaveLength(Math.ceil(8 / pageSize))
      expect({
        place: pages[0]?.place,
        revision: pages.at(-1)?.revision,
        resources: pages.flatMap(({ resources }) => resources),
        schedules: pages.flatMap(({ schedules }) => schedules),
        closures: pages.flatMap(({ closures }) => closures),
        serviceTypes: pages.flatMap(({ serviceTypes }) => serviceTypes),
      }).toEqual(whole)
    }
  })

  it('answers a place of which more is kept than one message holds', async () => {
    const large = await openLargeAgency()
    const pages = await everyPage((pageToken) => get('place-0099', { pageToken }, large))
    expect(pages.length).toBeGreaterThan(1)
    for (const page of pages)
      expect(GetCalendarResponse.encode(page).finish().length).toBeLessThan(largestMessageBytes * 0.75)
    expect(pages.flatMap(({ schedules }) => schedules.map(({ scheduleId }) => scheduleId))).toEqual([
      ...many(20, 'days'),
      'place-0099',
    ])
    expect(pages.flatMap(({ closures }) => closures.map(({ closureId }) => closureId))).toEqual(many(300, 'closure'))
    expect(pages.flatMap(({ serviceTypes }) => serviceTypes.map((each) => each.serviceTypeId))).toEqual(typeIds)
  })

  it('answers everything of one place, also who comes there from another one, and its revision', async () => {
    const { place, resources, schedules, closures, serviceTypes, revision } = await get('hall')
    expect(place).toEqual(hallPlace())
    expect(resources.map(({ resourceId }) => resourceId)).toEqual(['ada', 'bo'])
    expect(schedules.map(({ scheduleId }) => scheduleId)).toEqual(['ada-mornings', 'bo-here'])
    expect(closures.map(({ closureId }) => closureId)).toEqual(['leave', 'works'])
    expect(serviceTypes.map(({ serviceTypeId }) => serviceTypeId)).toEqual(['id-card', 'talk'])
    expect(revision).toBe(1)
  })
})

describe('ListServiceTypes', () => {
  it('knows neither what was not published nor what is retired', async () => {
    expect(await refusalOf(list('castle'))).toEqual({ reason: 'SERVICE_TYPE_UNKNOWN' })
    expect(await refusalOf(list('gone'))).toEqual({ reason: 'SERVICE_TYPE_UNKNOWN' })
  })

  it('refuses a token that is broken, of another list or of another service type', async () => {
    const { nextPageToken } = await list('', { pageSize: 1 })
    for (const pageToken of [...foreign, '/hall', 'ID/hall', 'id-card/hall/x'])
      expect([pageToken, await refusalOf(list('', { pageToken }))]).toEqual([
        pageToken,
        { reason: 'PAGE_TOKEN_MISMATCH' },
      ])
    expect(await refusalOf(list('talk', { pageToken: nextPageToken }))).toEqual({ reason: 'PAGE_TOKEN_MISMATCH' })
    const tooMany = { serviceTypeId: '', pageSize: 501, pageToken: '' }
    expect(listServiceTypes(agency).request.safeParse(tooMany).success).toBe(false)
  })

  it('lists 30 service types at 100 places whole, each page as one message', async () => {
    const large = await openLargeAgency()
    const expected = typeIds.flatMap((type) => placeIds.map((place) => `${type} ${place}`))
    const pairs = (pages: readonly ListServiceTypesResponse[]) =>
      pages.flatMap(({ serviceTypes }) =>
        serviceTypes.flatMap((each) => each.places.map((p) => `${each.serviceType?.serviceTypeId} ${p.placeId}`)),
      )
    for (const pageSize of [0, 1, 4]) {
      const pages = await everyPage((pageToken) => list('', { pageSize, pageToken }, large))
      expect(pairs(pages)).toEqual(expected)
      expect(pages.length).toBeGreaterThan(1)
      for (const page of pages) {
        expect(ListServiceTypesResponse.encode(page).finish().length).toBeLessThan(largestMessageBytes * 0.75)
        if (pageSize > 0) expect(page.serviceTypes.length).toBeLessThanOrEqual(pageSize)
      }
    }
    const one = await everyPage((pageToken) => list('type-0007', { pageToken }, large))
    expect(pairs(one)).toEqual(placeIds.map((place) => `type-0007 ${place}`))
  })

  it('answers for what one can come and where, and of a confidential place not where it is', async () => {
    const { serviceTypes } = await list('')
    expect(
      serviceTypes.map(({ serviceType: type, places }) => [type?.serviceTypeId, places.map(({ placeId }) => placeId)]),
    ).toEqual([
      ['id-card', ['hall']],
      ['talk', ['hall', 'shelter']],
    ])
    const shelter = (await list('talk')).serviceTypes[0]?.places[1]
    expect(shelter).toMatchObject({
      ...{ address: '', postCode: '', city: '', commune: '' },
      latitude: 0,
      longitude: 0,
      sharedPlace: '',
    })
    expect(shelter).toMatchObject({ title: { fr: 'Mairie', en: 'Mairie' }, isConfidential: true })
  })
})
