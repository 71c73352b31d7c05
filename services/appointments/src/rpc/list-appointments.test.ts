import type { Appointment, ListAppointmentsRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, byHelper, person, someone, startMs, system } from '../agency.fixture.js'
import { type Desk, holdOf, openDesk, paris, slotAt } from '../desk.fixture.js'
import { townCalendar } from '../town.fixture.js'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk(townCalendar)
})
beforeEach(async () => {
  desk.setNow(startMs)
  await desk.empty()
})
afterAll(() => desk.close())

const ada = someone()
const strong = (subject: string) => {
  const call = person(subject)
  return { ...call, caller: { ...call.caller, acr: 'eidas2' } as typeof call.caller }
}
const protector = () => ({
  ...system(),
  caller: { kind: 'system' as const, clientId: 'desk', scopes: ['people:protect'] },
})
const annex = (local: string) => slotAt(local, { scheduleId: 'ursula-mornings' })
const booked = async (subject: string, slot = slotAt('2026-11-23T09:00')) =>
  (await desk.bookOne({ subject, slots: [slot], by: byAgent })).appointment
const ids = (appointments: readonly Appointment[]) => appointments.map(({ appointmentId }) => appointmentId)

describe('GetAppointment refuses', () => {
  it('another one’s, one that is none, one of another secret, and a hold that is over', async () => {
    const unknown = { reason: 'APPOINTMENT_UNKNOWN' }
    const { appointmentId } = await booked(ada)
    const { secret } = await desk.bookOne({ slots: [slotAt('2026-11-23T09:30')], by: byAgent })
    const shown = { of: { $case: 'appointment' as const, value: secret } }
    await expect(desk.get({ appointmentId }, person(someone()))).rejects.toMatchObject(unknown)
    await expect(desk.get({ appointmentId }, atGateway())).rejects.toMatchObject(unknown)
    await expect(desk.get({ appointmentId, secret: shown }, atGateway())).rejects.toMatchObject(unknown)
    await expect(desk.get({ appointmentId: '' }, atGateway())).rejects.toMatchObject(unknown)
    await expect(desk.get({ appointmentId: '00000000-0000-4000-8000-000000000000' })).rejects.toMatchObject(unknown)
    const bob = someone()
    const held = await desk.hold(holdOf({ subject: bob, slot: slotAt('2026-11-23T10:00') }), person(bob))
    desk.setNow(held.untilMs)
    await expect(desk.get({ appointmentId: held.holdId })).rejects.toMatchObject(unknown)
  })

  it('somebody without an account what a person with the empty name could have', async () => {
    const { appointment } = await desk.bookOne({ slots: [slotAt('2026-11-23T09:00')], by: byAgent })
    await expect(desk.get({ appointmentId: appointment.appointmentId }, person(''))).rejects.toMatchObject({
      reason: 'APPOINTMENT_UNKNOWN',
    })
  })
})

describe('GetAppointment', () => {
  it('tells who has it the address of a confidential place, and an unnamed agent’s capacity alone', async () => {
    const appointment = await booked(ada, annex('2026-11-23T09:00'))
    expect(appointment).toMatchObject({ practitionerId: 'ursula', practitionerShown: 'Officer' })
    const own = await desk.get({ appointmentId: appointment.appointmentId }, person(ada))
    expect(own.appointment).toMatchObject({
      practitionerId: '',
      practitionerShown: 'Officer',
      place: { address: 'secret', isConfidential: true },
    })
  })
})

describe('ListAppointments refuses', () => {
  it.each<[string, Partial<ListAppointmentsRequest>, string]>([
    ['a place that is none', { placeId: 'none' }, 'PLACE_UNKNOWN'],
    ['a practitioner who is none', { practitionerId: 'none' }, 'PRACTITIONER_UNKNOWN'],
    ['an inverted range', { fromMs: 2, toMs: 1 }, 'RANGE_INVERTED'],
    ['a token that is none', { pageToken: 'x' }, 'PAGE_TOKEN_MISMATCH'],
    [
      'a token of other filters',
      { pageToken: '1.00000000-0000-4000-8000-000000000000', placeId: 'hall' },
      'PAGE_TOKEN_MISMATCH',
    ],
  ])('%s', async (_, change, reason) => {
    await expect(desk.list(change)).rejects.toMatchObject({ reason })
  })

  it('a person who names another, or nobody', async () => {
    for (const subject of ['', someone()])
      await expect(desk.list({ subject }, person(ada))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })
})

describe('ListAppointments', () => {
  it('answers a person’s own, and by place, agent, state and time what a system asks for', async () => {
    const bob = someone()
    const first = await booked(ada)
    const second = await booked(bob, annex('2026-11-24T09:00'))
    const third = await booked(bob, slotAt('2026-11-25T09:00'))
    await desk.cancel({ appointmentId: third.appointmentId, by: byAgent, because: 'ill' })
    await desk.hold(holdOf({ subject: ada, slot: slotAt('2026-11-26T09:00') }), person(ada))
    const listed = async (change: Partial<ListAppointmentsRequest>, call = system()) =>
      ids((await desk.list(change, call)).appointments)
    expect(await listed({})).toEqual(ids([first, second, third]))
    expect(await listed({ subject: ada }, person(ada))).toEqual(ids([first]))
    expect(await listed({ subject: bob })).toEqual(ids([second, third]))
    expect(await listed({ placeId: 'annex' })).toEqual(ids([second]))
    expect(await listed({ practitionerId: 'ada' })).toEqual(ids([first, third]))
    expect(await listed({ state: 5 })).toEqual(ids([third]))
    expect(await listed({ state: 1 })).toHaveLength(1)
    expect(await listed({ fromMs: paris('2026-11-24T09:00'), toMs: paris('2026-11-25T09:00') })).toEqual(ids([second]))
  })

  it('goes through everything once by pages, however small they are and whatever is asked for', async () => {
    const days = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26']
    for (const day of days)
      for (const hour of ['09:00', '09:30', '10:00'])
        await Promise.all([booked(ada, slotAt(`${day}T${hour}`)), booked(ada, annex(`${day}T${hour}`))])
    const all = ids((await desk.list({ pageSize: 100 })).appointments)
    expect(all).toHaveLength(24)
    for (const appointmentId of all.filter((_, at) => at % 3 === 0))
      await desk.cancel({ appointmentId, by: byAgent, because: 'x' })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 25 }), fc.constantFrom(0, 2, 5), async (pageSize, state) => {
        const seen: Appointment[] = []
        for (let pageToken = '', at = 0; at < 30; at += 1) {
          const page = await desk.list({ pageSize, state, pageToken })
          seen.push(...page.appointments)
          pageToken = page.nextPageToken
          if (pageToken === '') break
        }
        const wanted = all.filter((_, at) => state === 0 || (at % 3 === 0) === (state === 5))
        expect(ids(seen)).toEqual(wanted)
      }),
      { numRuns: 25 },
    )
  })
})

describe('of a protected person', () => {
  const protect = (subject: string) =>
    desk.inTransaction((tx) => desk.agency.protectedSubjects.protect(tx, [subject], startMs + 86_400_000))

  it('nothing is shown to a weak login, nor changed by it', async () => {
    const { appointmentId } = await booked(ada)
    await protect(ada)
    const low = { reason: 'ASSURANCE_TOO_LOW', facts: { required_acr: 'eidas2' } }
    await expect(desk.get({ appointmentId }, person(ada))).rejects.toMatchObject(low)
    await expect(desk.list({ subject: ada }, person(ada))).rejects.toMatchObject(low)
    await expect(desk.cancel({ appointmentId }, person(ada))).rejects.toMatchObject(low)
    await expect(desk.move({ appointmentId, slot: slotAt('2026-11-24T09:00') }, person(ada))).rejects.toMatchObject(low)
    expect((await desk.get({ appointmentId }, strong(ada))).appointment?.placeId).toBe('hall')
    // Of another one they do not hear what is asked of them.
    const other = await booked(someone(), slotAt('2026-11-24T09:00'))
    await expect(desk.get({ appointmentId: other.appointmentId }, person(ada))).rejects.toMatchObject({
      reason: 'APPOINTMENT_UNKNOWN',
    })
  })

  it('a system without the scope does not learn where, not even by asking who is there', async () => {
    const { appointmentId } = await booked(ada)
    const other = await booked(someone(), slotAt('2026-11-23T09:30'))
    await protect(ada)
    const where = { placeId: '', place: undefined, practitionerId: '', practitionerShown: '', scheduleId: '' }
    expect((await desk.get({ appointmentId })).appointment).toMatchObject({ subject: ada, ...where })
    expect((await desk.list({ subject: ada })).appointments).toMatchObject([where])
    expect(ids((await desk.list({ placeId: 'hall' })).appointments)).toEqual([other.appointmentId])
    expect(ids((await desk.list({ practitionerId: 'ada' })).appointments)).toEqual([other.appointmentId])
    const cancelled = await desk.cancel({ appointmentId, by: byAgent, because: 'x' })
    expect(cancelled.appointments).toMatchObject([where])
  })

  it('a page does not tell who was left out of it, nor that anybody was', async () => {
    await booked(ada)
    await protect(ada)
    for (const asked of [{ placeId: 'hall' }, { practitionerId: 'ada' }])
      expect(await desk.list({ ...asked, pageSize: 1 })).toEqual({ appointments: [], nextPageToken: '' })
    const others = [
      await booked(someone(), slotAt('2026-11-23T09:30')),
      await booked(someone(), slotAt('2026-11-23T10:00')),
    ]
    const first = await desk.list({ placeId: 'hall', pageSize: 1 })
    const second = await desk.list({ placeId: 'hall', pageSize: 1, pageToken: first.nextPageToken })
    expect(ids([...first.appointments, ...second.appointments])).toEqual(ids(others))
  })

  it('a system without the scope reads no words of theirs, and through whom they come', async () => {
    const asked = { subject: ada, slots: [slotAt('2026-11-23T09:00')], note: 'I am at my sister’s.' }
    const mandate = { reference: 'lac-1', fromDay: '2026-01-01', toDay: '2026-12-31' }
    const { appointment } = await desk.bookOne({ ...asked, by: byHelper, mandate })
    await protect(ada)
    const untold = { note: '', bookedBy: undefined, mandate: undefined, cancelledBecause: '', cancelledBy: undefined }
    const { appointmentId } = appointment
    expect((await desk.get({ appointmentId })).appointment).toMatchObject({ subject: ada, ...untold })
    const because = { because: 'She moved to the lake.', by: byAgent }
    expect((await desk.cancel({ appointmentId, ...because })).appointments).toMatchObject([untold])
  })

  it('a system without the scope neither moves theirs, nor learns by trying where it is', async () => {
    const { appointmentId } = await booked(ada)
    await protect(ada)
    for (const slot of [slotAt('2026-11-23T09:00'), slotAt('2026-11-24T09:00'), annex('2026-11-24T09:00')])
      await expect(desk.move({ appointmentId, slot, by: byAgent })).rejects.toMatchObject({
        reason: 'CALLER_NOT_ALLOWED',
      })
    await desk.move({ appointmentId, slot: slotAt('2026-11-24T09:00'), by: byAgent }, protector())
  })

  it('a system without the scope books what was held for them, and does not learn where', async () => {
    const slot = slotAt('2026-11-23T09:00')
    const held = await desk.hold(holdOf({ subject: ada, slot, by: byAgent }))
    await protect(ada)
    const { appointment } = await desk.bookOne({ subject: ada, holdIds: [held.holdId], slots: [], by: byAgent })
    expect(appointment).toMatchObject({
      subject: ada,
      placeId: '',
      place: undefined,
      practitionerId: '',
      scheduleId: '',
    })
  })

  it('a system with the scope sees everything, and so does everybody once it has ended', async () => {
    const { appointmentId } = await booked(ada)
    await protect(ada)
    expect((await desk.get({ appointmentId }, protector())).appointment?.placeId).toBe('hall')
    expect((await desk.list({ placeId: 'hall' }, protector())).appointments).toHaveLength(1)
    await desk.inTransaction((tx) => desk.agency.protectedSubjects.end(tx, [ada], startMs))
    expect((await desk.get({ appointmentId })).appointment?.placeId).toBe('hall')
    await desk.get({ appointmentId }, person(ada))
  })
})
