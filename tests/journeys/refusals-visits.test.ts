import { randomUUID } from 'node:crypto'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import {
  type BookVisitRequest,
  type SearchVisitsRequest,
  VisitEnded,
  VisitServiceDefinition,
  VisitState,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, asPerson, chosen, Desk, sharedPlace } from './_appointments.js'
import { sharedFederation } from './_federation.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { fund, Resident, town } from './_resident.js'

let resident: Resident
let neighbour: Resident
let desk: Desk
let atFund: Desk
/** The town's appointments service, taken over. */
let hostile: HostileMember
let own: readonly Slot[]
let theirs: readonly Slot[]
beforeAll(async () => {
  const places = await sharedFederation()
  resident = await Resident.settle(places)
  neighbour = await Resident.settle(places)
  desk = await Desk.open(places)
  atFund = await Desk.open(places, fund)
  hostile = await HostileMember.connect(places, town, 'appointments')
  own = await desk.free('talk', 5)
  theirs = await atFund.free('family-file', 5)
})
afterAll(async () => {
  resident.leave()
  neighbour.leave()
  desk.close()
  atFund.close()
  await hostile.close()
})

const visits = () => desk.system.service('appointments', VisitServiceDefinition)
const ofPerson = (somebody: Resident) => asPerson(somebody.places, somebody.person)
const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)
const fromFund = () => hostile.of(fund, VisitServiceDefinition)

/** A meeting with the town, then one with the fund. */
const legs = (at: number) => [
  { member: town, slot: chosen(own[at] as Slot) },
  { member: fund, slot: chosen(theirs[at + 1] as Slot) },
]
const visit = (change: Partial<BookVisitRequest>): BookVisitRequest => ({
  ...{ visitId: randomUUID(), subject: resident.subject, legs: legs(0), language: 'fr', by: agent },
  ...{ contact: { way: 'none', address: '' } },
  ...change,
})

describe('what is offered for visits', () => {
  it('is told of places that the agency shares only, and without what is open to nobody', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/ListVisitOffers'
    const list = async (place: string) =>
      visits().listVisitOffers({ sharedPlace: place }, await desk.system.call('slots:read'))
    expect(await refusalOf(rpc, () => list('castle'))).toBe('PLACE_UNKNOWN')
    const { offers, withoutMembers } = await list(sharedPlace)
    expect(withoutMembers).toEqual([])
    expect(offers).toContainEqual(expect.objectContaining({ member: fund, serviceTypeId: 'family-file' }))
    expect(offers.map(({ serviceTypeId }) => serviceTypeId)).not.toContain('fund-alone')
  })

  it('is asked of another member by the places meant, and of none without', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/OfferVisitServices'
    const ask = (sharedPlaces: string[]) => fromFund().offerVisitServices({ sharedPlaces })
    expect(await refusalOf(rpc, () => ask([]))).toBe('REQUEST_INVALID')
    expect((await ask(['castle'])).offers).toEqual([])
  })
})

describe('a search of visits', () => {
  it('is refused for too few agencies, for days that are none, and for what the agency does not do', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/SearchVisits'
    const wishes = [
      { member: town, serviceTypeId: 'talk' },
      { member: fund, serviceTypeId: 'family-file' },
    ]
    const search = async (change: Partial<SearchVisitsRequest>) =>
      visits().searchVisits(
        {
          ...{ sharedPlace, wishes, fromDay: day(4), toDay: day(5), longestWaitMinutes: 0, isAccompanied: false },
          ...{ accessibility: [], language: '', most: 0, ...change },
        },
        await desk.system.call('slots:read'),
      )
    expect(await refusalOf(rpc, () => search({ wishes: wishes.slice(0, 1) }))).not.toBe('nothing')
    expect(await refusalOf(rpc, () => search({ fromDay: day(5), toDay: day(4) }))).toBe('RANGE_INVERTED')
    expect(await refusalOf(rpc, () => search({ toDay: day(400) }))).toBe('RANGE_TOO_LONG')
    expect(await refusalOf(rpc, () => search({ sharedPlace: 'castle' }))).toBe('PLACE_UNKNOWN')
    expect(await refusalOf(rpc, () => search({ language: 'no language' }))).toBe('REQUEST_INVALID')
    expect(await search({ language: 'fsl' })).toEqual({ visits: [], withoutMembers: [] })
  })
})

describe('a visit', () => {
  const rpc = 'unefois.appointments.v1.VisitService/BookVisit'
  const book = async (change: Partial<BookVisitRequest>, call?: object) =>
    visits().bookVisit(visit(change), (call ?? (await desk.system.call('appointments:book'))) as never)

  it('is refused where the meetings make none, are not at the counter, or are for somebody else', async () => {
    expect(await refusalOf(rpc, () => book({ legs: legs(0).slice(0, 1) }))).not.toBe('nothing')
    const together = [legs(0)[0], { member: fund, slot: chosen(theirs[0] as Slot) }] as BookVisitRequest['legs']
    expect(await refusalOf(rpc, () => book({ legs: together }))).toBe('VISIT_INVALID')
    const [mine, at] = legs(0)
    const called = { ...at, slot: { ...at?.slot, channel: MeetingChannel.MEETING_CHANNEL_TELEPHONE } }
    expect(await refusalOf(rpc, () => book({ legs: [mine, called] as BookVisitRequest['legs'] }))).toBe('VISIT_INVALID')
    const call = await ofPerson(neighbour)
    expect(await refusalOf(rpc, () => book({ by: undefined }, call))).toBe('CALLER_NOT_ALLOWED')
  })

  it('books nothing anywhere where one agency says no', async () => {
    const taken = legs(6)
    await atFund.book(taken[1]?.slot as never)
    const { visit: refused } = await book({ legs: taken })
    expect(refused).toMatchObject({
      state: VisitState.VISIT_STATE_RELEASED,
      refusedBy: fund,
      refusedBecause: 'SLOT_TAKEN',
    })
    // The town's own slot is there again.
    expect(await desk.book(taken[0]?.slot as never)).not.toBe('')
  })

  it('is read and cancelled by its person only', async () => {
    const { visit: booked } = await book({ legs: legs(10) })
    expect(booked?.state).toBe(VisitState.VISIT_STATE_BOOKED)
    const visitId = booked?.visitId ?? ''
    const read = async () => visits().getVisit({ visitId }, await ofPerson(neighbour))
    expect(await refusalOf('unefois.appointments.v1.VisitService/GetVisit', read)).toBe('VISIT_UNKNOWN')
    const cancel = async () => visits().cancelVisit({ visitId, because: '' }, await ofPerson(neighbour))
    expect(await refusalOf('unefois.appointments.v1.VisitService/CancelVisit', cancel)).toBe('VISIT_UNKNOWN')
  })
})

describe('another member', () => {
  const pledge = (change: object) =>
    fromFund().pledgeSlot({
      ...{ visitId: randomUUID(), leg: 1, slot: chosen(theirs[20] as Slot), code: 'ABCD2345', language: 'fr' },
      ...{ sharedPlace, ...change },
    })

  it('is offered only what is open to its visits', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/OfferVisitSlots'
    const ask = (serviceTypeId: string) =>
      fromFund().offerVisitSlots({
        ...{ sharedPlace, serviceTypeId, fromDay: day(4), toDay: day(5), isAccompanied: false },
        ...{ accessibility: [], language: '' },
      })
    expect(await refusalOf(rpc, () => ask('fund-alone'))).toBe('VISIT_NOT_TAKEN')
    // Whether there is such a thing is nobody else's business.
    expect(await refusalOf(rpc, () => ask('castle'))).toBe('VISIT_NOT_TAKEN')
    expect((await ask('family-file')).slots.length).toBeGreaterThan(0)
  })

  it('is pledged only that, at the counter, and no slot that somebody has', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/PledgeSlot'
    const alone = chosen((await atFund.free('fund-alone', 5))[0] as Slot)
    expect(await refusalOf(rpc, () => pledge({ slot: alone }))).toBe('VISIT_NOT_TAKEN')
    const called = { ...chosen(theirs[21] as Slot), channel: MeetingChannel.MEETING_CHANNEL_TELEPHONE }
    expect(await refusalOf(rpc, () => pledge({ slot: called }))).toBe('VISIT_INVALID')
    const taken = chosen(theirs[22] as Slot)
    await atFund.book(taken)
    expect(await refusalOf(rpc, () => pledge({ slot: taken }))).toBe('SLOT_TAKEN')
  })

  it('keeps twenty slots at most for visits that it does not decide', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/PledgeSlot'
    const later = await atFund.free('family-file', 9)
    const wanted = later.slice(0, 22).map((slot) => ({ visitId: randomUUID(), slot: chosen(slot) }))
    const answers: string[] = []
    for (const each of wanted) answers.push(await refusalOf(rpc, () => pledge(each)))
    expect(answers.at(-1)).toBe('VISIT_NOT_TAKEN')
    expect(answers.filter((each) => each === 'nothing').length).toBeLessThanOrEqual(20)

    // Told that they are released, as another visit is to be had here.
    const [first, ...following] = wanted.map(({ visitId }) => ({
      ...{ eventId: randomUUID(), type: 'appointments.visit-ended.v1', occurredAtMs: Date.now() },
      data: Buffer.from(VisitEnded.encode({ visitId, leg: 1, state: VisitState.VISIT_STATE_RELEASED }).finish()),
    }))
    if (!first) throw new Error('nothing was pledged')
    const topic = `released-${randomUUID()}`
    await hostile
      .of(fund, DeliveryServiceDefinition, 'appointments')
      .deliver({ ...first, topic, position: 1, following })
    expect(await refusalOf(rpc, () => pledge({ visitId: randomUUID(), slot: wanted[0]?.slot }))).toBe('nothing')
  })

  it('hears that a visit which nobody knows was released, and what is no id is none', async () => {
    const rpc = 'unefois.appointments.v1.VisitService/GetVisitOutcome'
    const outcome = (visitId: string) => fromFund().getVisitOutcome({ visitId })
    expect(await refusalOf(rpc, () => outcome('no id'))).toBe('REQUEST_INVALID')
    expect((await outcome(randomUUID())).state).toBe(VisitState.VISIT_STATE_RELEASED)
  })
})
