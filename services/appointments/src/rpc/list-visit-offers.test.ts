import { Booker, MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { VisitOffer } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hallPlace, person, practitioner, serviceType, someone, system, weekdays } from '../agency.fixture.js'
import { publish } from '../calendar/calendar.fixture.js'
import { type House, ofMember, openHouse } from '../visits/visit.fixture.js'
import { listVisitOffers } from './list-visit-offers.js'
import { offerVisitServices } from './offer-visit-services.js'

const video = [MeetingChannel.MEETING_CHANNEL_VIDEO]

let house: House
beforeAll(async () => {
  house = await openHouse({
    fund: {
      places: [
        hallPlace({ sharedPlace: 'house' }),
        hallPlace({ placeId: 'annex', sharedPlace: 'annex' }),
        hallPlace({ placeId: 'shelter', sharedPlace: 'refuge', isConfidential: true }),
      ],
      serviceTypes: [
        serviceType({ visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'closed' }),
        serviceType({ serviceTypeId: 'retired', visitMembers: ['hall'], isRetired: true }),
        serviceType({ serviceTypeId: 'urgent', isUrgent: true, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'by-video', channels: video, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'nowhere', visitMembers: ['hall'] }),
      ],
      resources: [practitioner(), practitioner('bob', 'annex'), practitioner('cleo', 'shelter')],
      schedules: [
        weekdays({ serviceTypeIds: ['id-card', 'closed', 'retired', 'urgent', 'by-video'] }),
        weekdays({ scheduleId: 'bob', placeId: 'annex', practitionerId: 'bob', serviceTypeIds: ['id-card'] }),
        weekdays({ scheduleId: 'cleo', placeId: 'shelter', practitionerId: 'cleo', serviceTypeIds: ['nowhere'] }),
      ],
    },
  })
  await publish(house.hall, {
    serviceTypes: [serviceType({ serviceTypeId: 'staff', booker: Booker.BOOKER_AGENT })],
    schedules: [weekdays({ serviceTypeIds: ['id-card', 'staff'] })],
  })
})
beforeEach(() => house.cutOff('joined'))
afterAll(() => house.close())

const offered = (sharedPlaces: string[], member = 'hall') =>
  offerVisitServices(house.fundNeeds).handle({ sharedPlaces }, ofMember(member))
const list = (sharedPlace = '', call = person(someone())) =>
  listVisitOffers(house.hallNeeds).handle({ sharedPlace }, call)
const idsOf = (offers: readonly VisitOffer[]) =>
  offers.map(({ member, serviceTypeId, sharedPlace }) => `${member} ${serviceTypeId} ${sharedPlace}`)

describe('OfferVisitServices', () => {
  it('refuses whoever is no member, and a question about no place or too many', async () => {
    const { handle, request } = offerVisitServices(house.fundNeeds)
    await expect(handle({ sharedPlaces: ['house'] }, system())).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    for (const sharedPlaces of [[], Array(51).fill('house'), [''], ['x'.repeat(65)]])
      expect(request.safeParse({ sharedPlaces }).success).toBe(false)
  })

  it('answers what is open to the member at the counters of the places that it names, and nothing of others', async () => {
    const { offers } = await offered(['house', 'annex', 'refuge', 'elsewhere', 'house'])
    expect(idsOf(offers)).toEqual(['fund id-card house', 'fund id-card annex'])
    expect((await offered(['refuge'])).offers).toEqual([])
    expect((await offered(['house'], 'stranger')).offers).toEqual([])
  })
})

describe('ListVisitOffers', () => {
  it('refuses a place that this agency does not share', async () => {
    await expect(list('annex')).rejects.toMatchObject({ reason: 'PLACE_UNKNOWN' })
  })

  it('answers what the agencies of a house do there: a person does not see what agents alone book', async () => {
    const { places, offers, withoutMembers } = await list()
    expect(places.map(({ sharedPlace }) => sharedPlace)).toEqual(['house'])
    expect(idsOf(offers)).toEqual(['hall id-card house', 'fund id-card house'])
    expect(withoutMembers).toEqual([])
    const { offers: toAgents } = await list('house', system())
    expect(idsOf(toAgents)).toContain('hall staff house')
  })

  it('goes on without a member that does not answer, and names it', async () => {
    house.cutOff('cut')
    const { offers, withoutMembers } = await list()
    expect(idsOf(offers)).toEqual(['hall id-card house'])
    expect(withoutMembers).toEqual(['fund'])
  })
})
