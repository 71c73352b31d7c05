import { randomUUID } from 'node:crypto'
import {
  type Waiting,
  WaitingListServiceDefinition,
  WaitingState,
} from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { CallbackServiceDefinition, WalkInServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, asPerson, Desk, helper } from './_appointments.js'
import { sharedFederation } from './_federation.js'
import { refusalOf, refused } from './_refusals.js'
import { Resident } from './_resident.js'

let resident: Resident
let neighbour: Resident
let desk: Desk
beforeAll(async () => {
  const places = await sharedFederation()
  resident = await Resident.settle(places)
  neighbour = await Resident.settle(places)
  desk = await Desk.open(places)
})
afterAll(() => {
  resident.leave()
  neighbour.leave()
  desk.close()
})

const ofPerson = (somebody: Resident) => asPerson(somebody.places, somebody.person)
const dayAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('a waiting list', () => {
  const list = () => desk.system.service('appointments', WaitingListServiceDefinition)
  const waiting = (change: Partial<Waiting>): Waiting => ({
    ...{ waitingId: '', subject: resident.subject, serviceTypeId: 'staff-only', placeIds: [], channel: 0 as const },
    ...{ fromDay: dayAhead(1), toDay: dayAhead(20), booksByItself: false, offerMinutes: 0, language: 'fr' },
    ...{ contact: { way: 'none', address: '' }, state: 0 as const, sinceMs: 0, appointmentId: '', offeredUntilMs: 0 },
    ...change,
  })
  const join = async (change: Partial<Waiting>, call?: object) =>
    list().joinWaitingList(
      { waiting: waiting(change), by: call ? undefined : agent },
      (call ?? (await desk.system.call('appointments:book'))) as never,
    )

  it('is not joined for what nobody is seen for, for days that are none, or for somebody else', async () => {
    const rpc = 'unefois.appointments.v1.WaitingListService/JoinWaitingList'
    expect(await refusalOf(rpc, () => join({ serviceTypeId: 'castle' }))).toBe('SERVICE_TYPE_UNKNOWN')
    expect(await refusalOf(rpc, () => join({ serviceTypeId: 'no-housing' }))).toBe('URGENT_SEEN_TODAY')
    expect(await refusalOf(rpc, () => join({ placeIds: ['castle'] }))).toBe('PLACE_UNKNOWN')
    expect(await refusalOf(rpc, () => join({ fromDay: dayAhead(9), toDay: dayAhead(8) }))).toBe('RANGE_INVERTED')
    expect(await refusalOf(rpc, () => join({ toDay: dayAhead(4000) }))).toBe('RANGE_TOO_LONG')
    expect(await refusalOf(rpc, () => join({ fromDay: '2020-01-01', toDay: '2020-01-02' }))).toBe('TIME_PASSED')
    const theirs = await ofPerson(neighbour)
    expect(await refusalOf(rpc, () => join({ serviceTypeId: 'talk' }, theirs))).toBe('CALLER_NOT_ALLOWED')
  })

  it('is read, answered and left by who waits, and by nobody else', async () => {
    const read = async (subject: string) =>
      list().listWaiting({ subject, serviceTypeId: '', pageSize: 0, pageToken: '' }, await ofPerson(neighbour))
    expect(
      await refusalOf('unefois.appointments.v1.WaitingListService/ListWaiting', () => read(resident.subject)),
    ).toBe('CALLER_NOT_ALLOWED')
    const { waiting: joined } = await join({ fromDay: dayAhead(3), toDay: dayAhead(3) })
    const waitingId = joined?.waitingId ?? ''
    const answer = async (id: string, call: object) =>
      list().answerOffer({ waitingId: id, isTaken: true }, call as never)
    const rpc = 'unefois.appointments.v1.WaitingListService/AnswerOffer'
    expect(await refusalOf(rpc, async () => answer(waitingId, await ofPerson(neighbour)))).toBe('WAITING_UNKNOWN')
    const leave = async (id: string, call: object) => list().leaveWaitingList({ waitingId: id }, call as never)
    expect(
      await refusalOf('unefois.appointments.v1.WaitingListService/LeaveWaitingList', async () =>
        leave(waitingId, await ofPerson(neighbour)),
      ),
    ).toBe('WAITING_UNKNOWN')
    expect(
      await refusalOf('unefois.appointments.v1.WaitingListService/LeaveWaitingList', async () =>
        leave(randomUUID(), await ofPerson(resident)),
      ),
    ).toBe('WAITING_UNKNOWN')
    const leaving = 'unefois.appointments.v1.WaitingListService/LeaveWaitingList'
    const book = await desk.system.call('appointments:book')
    const unsigned = await refused(leaving, () => leave(waitingId, book))
    expect([unsigned?.reason, unsigned?.facts.field]).toEqual(['APPOINTMENT_INVALID', 'by'])
    await leave(waitingId, await ofPerson(resident))
    expect(await refusalOf(rpc, async () => answer(waitingId, await ofPerson(resident)))).toBe('WAITING_ENDED')
  })

  it('is answered and left by a helper only with a mandate in force', async () => {
    const { waiting: joined } = await join({ serviceTypeId: 'helped' }, await ofPerson(resident))
    const waitingId = joined?.waitingId ?? ''
    const book = await desk.system.call('appointments:book')
    const ended = { reference: 'm1', fromDay: '2020-01-01', toDay: '2020-12-31' }
    const inForce = { ...ended, toDay: dayAhead(30) }
    const answering = 'unefois.appointments.v1.WaitingListService/AnswerOffer'
    const leaving = 'unefois.appointments.v1.WaitingListService/LeaveWaitingList'
    for (const [mandate, reason] of [
      [undefined, 'MANDATE_MISSING'],
      [ended, 'MANDATE_ENDED'],
    ] as const) {
      const said = { waitingId, by: helper, mandate }
      for (const isTaken of [true, false])
        expect(await refusalOf(answering, () => list().answerOffer({ ...said, isTaken }, book))).toBe(reason)
      expect(await refusalOf(leaving, () => list().leaveWaitingList(said, book))).toBe(reason)
    }
    await list().leaveWaitingList({ waitingId, by: helper, mandate: inForce }, book)
    const { waiting: all } = await list().listWaiting(
      { subject: resident.subject, serviceTypeId: 'helped', pageSize: 0, pageToken: '' },
      await desk.system.call('appointments:read'),
    )
    expect(all).toMatchObject([{ waitingId, state: WaitingState.WAITING_STATE_LEFT }])
  })
})

describe('who comes without an appointment', () => {
  const walkIns = () => desk.system.service('appointments', WalkInServiceDefinition)
  const run = () => desk.system.call('walk-ins:run')
  const take = async (change: object) =>
    walkIns().takeTicket(
      { placeId: 'house', serviceTypeId: 'no-housing', subject: '', by: agent, ...change },
      await run(),
    )

  it('gets a number only where somebody is seen for it', async () => {
    const rpc = 'unefois.appointments.v1.WalkInService/TakeTicket'
    expect(await refusalOf(rpc, () => take({ placeId: 'castle' }))).toBe('PLACE_UNKNOWN')
    expect(await refusalOf(rpc, () => take({ serviceTypeId: 'castle' }))).toBe('SERVICE_TYPE_UNKNOWN')
    expect((await refused(rpc, () => take({ subject: resident.subject, by: undefined })))?.facts.field).toBe('by')
  })

  it('is called by a practitioner whom the calendar has, and closed once', async () => {
    const callNext = async (practitionerId: string, by?: Hand) =>
      walkIns().callNextTicket({ practitionerId, by }, await run())
    expect(await refusalOf('unefois.appointments.v1.WalkInService/CallNextTicket', () => callNext('castle'))).toBe(
      'PRACTITIONER_UNKNOWN',
    )
    const byHelper = () => callNext('paule', helper)
    expect(await refusalOf('unefois.appointments.v1.WalkInService/CallNextTicket', byHelper)).toBe(
      'APPOINTMENT_INVALID',
    )
    const end = async (ticketId: string, isSeen: boolean) => walkIns().closeTicket({ ticketId, isSeen }, await run())
    expect(await refusalOf('unefois.appointments.v1.WalkInService/CloseTicket', () => end(randomUUID(), true))).toBe(
      'TICKET_UNKNOWN',
    )
    const { ticket } = await take({})
    const ticketId = ticket?.ticketId ?? ''
    await end(ticketId, false)
    expect(await refusalOf('unefois.appointments.v1.WalkInService/CloseTicket', () => end(ticketId, true))).toBe(
      'TICKET_ENDED',
    )
  })

  it('is listed of a place that there is, page by page', async () => {
    const rpc = 'unefois.appointments.v1.WalkInService/ListTickets'
    const all = async (placeId: string, pageToken: string) =>
      walkIns().listTickets({ placeId, withClosed: false, pageSize: 0, pageToken }, await run())
    expect(await refusalOf(rpc, () => all('castle', ''))).toBe('PLACE_UNKNOWN')
    expect(await refusalOf(rpc, () => all('house', 'nonsense'))).toBe('PAGE_TOKEN_MISMATCH')
  })
})

describe('a callback', () => {
  const callbacks = () => desk.system.service('appointments', CallbackServiceDefinition)
  const request = async (change: object) =>
    callbacks().requestCallback(
      {
        ...{
          subject: resident.subject,
          serviceTypeId: 'talk',
          placeId: '',
          telephone: '+33123456789',
          about: 'Cantine',
        },
        ...{ language: 'fr', by: agent },
        ...change,
      },
      await desk.system.call('appointments:book'),
    )

  it('is not promised to a number that is none, for what nobody does, or three times over', async () => {
    const rpc = 'unefois.appointments.v1.CallbackService/RequestCallback'
    const wrong = await refused(rpc, () => request({ telephone: '01 23 45' }))
    expect([wrong?.reason, wrong?.facts.field]).toEqual(['APPOINTMENT_INVALID', 'telephone'])
    expect(await refusalOf(rpc, () => request({ serviceTypeId: 'castle' }))).toBe('SERVICE_TYPE_UNKNOWN')
    expect(await refusalOf(rpc, () => request({ placeId: 'castle' }))).toBe('PLACE_UNKNOWN')
  })

  it('is listed to its person, and recorded once it stands no more', async () => {
    const { callback } = await request({})
    const list = async (subject: string) =>
      callbacks().listCallbacks(
        { subject, practitionerId: '', callbackId: '', pageSize: 0, pageToken: '' },
        await ofPerson(neighbour),
      )
    expect(await refusalOf('unefois.appointments.v1.CallbackService/ListCallbacks', () => list(resident.subject))).toBe(
      'CALLER_NOT_ALLOWED',
    )
    const rpc = 'unefois.appointments.v1.CallbackService/RecordCall'
    const record = async (callbackId: string, by?: Hand) =>
      callbacks().recordCall({ callbackId, isReached: true, by }, await desk.system.call('appointments:attend'))
    expect(await refusalOf(rpc, () => record(randomUUID()))).toBe('CALLBACK_UNKNOWN')
    expect(await refusalOf(rpc, () => record(callback?.callbackId ?? '', helper))).toBe('APPOINTMENT_INVALID')
    await record(callback?.callbackId ?? '', agent)
    expect(await refusalOf(rpc, () => record(callback?.callbackId ?? ''))).toBe('CALLBACK_ENDED')
  })
})
