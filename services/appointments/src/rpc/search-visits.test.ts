import { Accessibility } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { OfferVisitSlotsRequest, SearchVisitsRequest } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, hallPlace, person, practitioner, serviceType, system, weekdays } from '../agency.fixture.js'
import { at, type House, ofMember, openHouse, slotOf } from '../visits/visit.fixture.js'
import { offerVisitSlots } from './offer-visit-slots.js'
import { searchVisits } from './search-visits.js'

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
        serviceType({ serviceTypeId: 'kept', reservedPercent: 100, reservedUntilHours: 1, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'urgent', isUrgent: true, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'long', durationMinutes: 60, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'signed', visitMembers: ['hall'] }),
      ],
      resources: [practitioner(), practitioner('bob', 'annex'), practitioner('sol', 'hall', ['fsl'])],
      schedules: [
        weekdays({ serviceTypeIds: ['id-card', 'closed', 'kept', 'urgent', 'long'] }),
        weekdays({ scheduleId: 'sol', practitionerId: 'sol', serviceTypeIds: ['signed'] }),
        weekdays({
          ...{ scheduleId: 'bob', placeId: 'annex', practitionerId: 'bob' },
          hours: [{ from: '06:00', to: '20:00' }],
        }),
      ],
    },
  })
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const { ACCESSIBILITY_WHEELCHAIR: wheelchair, ACCESSIBILITY_HEARING_LOOP: loop } = Accessibility
const days = {
  ...{ sharedPlace: 'house', fromDay: '2026-11-24', toDay: '2026-11-24', isAccompanied: false },
  ...{ accessibility: [], language: '' },
}
const asked = (change: Partial<SearchVisitsRequest> = {}): SearchVisitsRequest => ({
  ...days,
  wishes: [
    { member: 'hall', serviceTypeId: 'id-card' },
    { member: 'fund', serviceTypeId: 'id-card' },
  ],
  longestWaitMinutes: 0,
  most: 0,
  ...change,
})
const search = (change: Partial<SearchVisitsRequest> = {}, call = person(house.ada)) =>
  searchVisits(house.hallNeeds).handle(asked(change), call)
const offer = (change: Partial<OfferVisitSlotsRequest> = {}, call = ofMember('hall')) =>
  offerVisitSlots(house.fundNeeds).handle({ ...days, serviceTypeId: 'id-card', ...change }, call)
const hall = { member: 'hall', serviceTypeId: 'id-card' }
const times = (visits: { slots: { member: string; slot?: { localStart: string } | undefined }[] }[]) =>
  visits.map(({ slots }) => slots.map(({ member, slot }) => `${member} ${slot?.localStart.slice(11, 16)}`).join(', '))

describe('OfferVisitSlots', () => {
  it.each<[string, Partial<OfferVisitSlotsRequest>, string]>([
    ['what is none', { serviceTypeId: 'none' }, 'VISIT_NOT_TAKEN'],
    ['what is not open to it', { serviceTypeId: 'closed' }, 'VISIT_NOT_TAKEN'],
    ['a place where it is not', { sharedPlace: 'elsewhere' }, 'PLACE_UNKNOWN'],
    ['a place that is confidential', { sharedPlace: 'refuge' }, 'PLACE_UNKNOWN'],
    ['days that end before they begin', { toDay: '2026-11-23' }, 'RANGE_INVERTED'],
    ['more than 31 days', { toDay: '2026-12-25' }, 'RANGE_TOO_LONG'],
    ['days that are over', { fromDay: '2026-11-01', toDay: '2026-11-22' }, 'TIME_PASSED'],
  ])('refuses %s', async (_, change, reason) => {
    await expect(offer(change)).rejects.toMatchObject({ reason })
  })

  it('refuses whoever is no member, and a member to whose visits it is not open', async () => {
    await expect(offer({}, system())).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(offer({}, ofMember('stranger'))).rejects.toMatchObject({ reason: 'VISIT_NOT_TAKEN' })
  })

  it.each<[string, object]>([
    ['an accessibility that is none', { accessibility: [5] }],
    ['an accessibility that is unspecified', { accessibility: [0] }],
    ['a language that is none', { language: 'français' }],
  ])('takes no %s, as no search does', (_, change) => {
    const request = { ...days, serviceTypeId: 'id-card', ...change }
    expect(offerVisitSlots(house.fundNeeds).request.safeParse(request).success).toBe(false)
    expect(searchVisits(house.hallNeeds).request.safeParse({ ...asked(), ...change }).success).toBe(false)
  })

  it.each<[string, Partial<OfferVisitSlotsRequest>, number]>([
    ['sign language, which nobody there speaks', { language: 'fsl' }, 0],
    ['what the place does not have', { accessibility: [wheelchair, loop] }, 0],
    ['what the place has, and a language that is spoken there', { accessibility: [wheelchair], language: 'fr' }, 6],
  ])('answers a need with what meets it alone, and says so: %s', async (_, change, most) => {
    const { slots, areNeedsMet } = await offer(change)
    expect([slots.length, areNeedsMet]).toEqual([most, true])
  })

  it('answers the free slots of the shared place, without what is taken, kept or urgent', async () => {
    await house.book()
    const { slots } = await offer()
    expect(slots.map(({ startsAtMs }) => startsAtMs)).toEqual(['09:00', '10:00', '10:30', '11:00', '11:30'].map(at))
    expect((await offer({ serviceTypeId: 'kept' })).slots).toEqual([])
    expect((await offer({ serviceTypeId: 'kept', isAccompanied: true })).slots).toHaveLength(5)
    expect((await offer({ serviceTypeId: 'urgent' })).slots).toEqual([])
  })

  it('answers at most 200', async () => {
    const { slots } = await offer({ sharedPlace: 'annex', toDay: '2026-12-24' })
    expect(slots).toHaveLength(200)
    expect(slots.map(({ startsAtMs }) => startsAtMs)).toEqual(
      slots.map(({ startsAtMs }) => startsAtMs).sort((a, b) => a - b),
    )
  })
})

describe('SearchVisits', () => {
  it.each<[string, Partial<SearchVisitsRequest>, string]>([
    [
      'a visit without a meeting here',
      {
        wishes: [
          { ...hall, member: 'fund' },
          { ...hall, member: 'fund' },
        ],
      },
      'VISIT_INVALID',
    ],
    [
      'a service type that is none here',
      { wishes: [{ ...hall, serviceTypeId: 'none' }, hall] },
      'SERVICE_TYPE_UNKNOWN',
    ],
    ['a place where this agency is not', { sharedPlace: 'elsewhere' }, 'PLACE_UNKNOWN'],
    ['days that end before they begin', { toDay: '2026-11-23' }, 'RANGE_INVERTED'],
    ['more than 31 days', { toDay: '2026-12-25' }, 'RANGE_TOO_LONG'],
  ])('refuses %s', async (_, change, reason) => {
    await expect(search(change)).rejects.toMatchObject({ reason })
  })

  it('names the members that do not take visits, or do not answer, and finds nothing without them', async () => {
    const closed = { wishes: [hall, { member: 'fund', serviceTypeId: 'closed' }] }
    expect(await search(closed)).toEqual({ visits: [], withoutMembers: ['fund'] })
    house.cutOff('cut')
    expect(await search()).toEqual({ visits: [], withoutMembers: ['fund'] })
  })

  it('finds nothing where a meeting of either agency does not meet the needs', async () => {
    expect(await search({ language: 'fsl' })).toEqual({ visits: [], withoutMembers: [] })
    const ofFund = { member: 'fund', serviceTypeId: 'signed' }
    // At the fund somebody signs, at the hall nobody does.
    expect((await offer({ language: 'fsl', serviceTypeId: 'signed' })).slots).toHaveLength(6)
    expect(await search({ language: 'fsl', wishes: [hall, ofFund] })).toEqual({ visits: [], withoutMembers: [] })
    // At the hall French is spoken, at the fund only by who does not sign.
    expect(await search({ language: 'fr', wishes: [hall, ofFund] })).toEqual({ visits: [], withoutMembers: [] })
    expect((await search({ wishes: [hall, ofFund] })).visits).toHaveLength(10)
    expect((await search({ language: 'fr', accessibility: [wheelchair] })).visits).toHaveLength(10)
    expect(await search({ accessibility: [loop] })).toEqual({ visits: [], withoutMembers: [] })
  })

  it('names a member whose version does not know the needs, and shows nothing of it; without needs it is as any', async () => {
    house.forgetNeeds()
    for (const needs of [{ language: 'fr' }, { accessibility: [wheelchair] }])
      expect(await search(needs)).toEqual({ visits: [], withoutMembers: ['fund'] })
    const { visits, withoutMembers } = await search({ isAccompanied: true })
    expect([visits.length, withoutMembers]).toEqual([10, []])
  })

  it('finds meetings that follow each other, in any order, what ends earliest first', async () => {
    const { visits, withoutMembers } = await search({ most: 4 })
    expect(withoutMembers).toEqual([])
    expect(times(visits).slice(0, 2).sort()).toEqual(['fund 09:00, hall 09:30', 'hall 09:00, fund 09:30'])
    const ends = visits.map(({ slots }) => slots.at(-1)?.slot?.endsAtMs ?? 0)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    expect(visits).toHaveLength(4)
  })

  it('finds nothing that waits longer than it may', async () => {
    const long = { wishes: [hall, { member: 'fund', serviceTypeId: 'long' }], longestWaitMinutes: 1, most: 20 }
    for (const visit of (await search(long)).visits) {
      const [first, second] = visit.slots
      expect((second?.slot?.startsAtMs ?? 0) - (first?.slot?.endsAtMs ?? 0)).toBe(0)
    }
    expect((await search(long)).visits).toHaveLength(4)
  })

  it('finds what can then be booked, also by an agent, and what was booked no more', async () => {
    const [first] = (await search()).visits
    const legs =
      first?.slots.map(({ member, slot }) => ({
        member,
        slot: slotOf('09:00', { startsAtMs: slot?.startsAtMs ?? 0 }),
      })) ?? []
    expect(await house.book({ legs })).toMatchObject({ state: 2 })
    const taken = times([first ?? { slots: [] }])
    expect(times((await search({ most: 20 })).visits)).not.toContain(taken[0])
    const [next] = (await search({}, system())).visits
    const further =
      next?.slots.map(({ member, slot }) => ({
        member,
        slot: slotOf('09:00', { startsAtMs: slot?.startsAtMs ?? 0 }),
      })) ?? []
    expect(await house.book({ legs: further, by: byAgent }, system())).toMatchObject({ state: 2 })
  })
})
