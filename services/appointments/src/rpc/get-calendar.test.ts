import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

const get = (placeId: string) => getCalendar(agency).handle({ placeId }, system())
const list = (serviceTypeId: string) => listServiceTypes(agency).handle({ serviceTypeId }, system())

describe('GetCalendar', () => {
  it('knows no place that was not published', async () => {
    expect(await refusalOf(get('castle'))).toEqual({ reason: 'PLACE_UNKNOWN' })
    expect(getCalendar(agency).request.safeParse({ placeId: '' }).success).toBe(false)
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
