import { AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import type { BookAppointmentRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { Accessibility, MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, byHelper, person, someone, startMs, system } from '../agency.fixture.js'
import { bookingOf, type Desk, holdOf, openDesk, paris, slotAt } from '../desk.fixture.js'
import { townCalendar } from '../town.fixture.js'
import { bookAppointment } from './book-appointment.js'

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
const nine = '2026-11-23T09:00'
const slots = [slotAt(nine)]
const passport = [slotAt(nine, { serviceTypeId: 'passport', units: 2 })]
const [one, two] = ['ABCDE12345', 'ZZZZZ00000']
const noHold = '00000000-0000-4000-8000-000000000000'
const mandate = { reference: 'M-1', fromDay: '2026-11-01', toDay: '2026-11-23' }
const kept = async () => (await desk.postgres.query('SELECT state FROM appointment ORDER BY starts_at_ms')).rows

describe('BookAppointment refuses', () => {
  it.each<[string, Partial<BookAppointmentRequest>, string, string?]>([
    ['another person', { slots, subject: someone() }, 'CALLER_NOT_ALLOWED'],
    ['nothing', {}, 'APPOINTMENT_INVALID', 'slots'],
    ['holds and slots', { slots, holdIds: [noHold] }, 'APPOINTMENT_INVALID', 'holdIds'],
    ['the same slot twice', { slots: [...slots, ...slots] }, 'APPOINTMENT_INVALID', 'slots'],
    ['the same hold twice', { holdIds: [noHold, noHold] }, 'APPOINTMENT_INVALID', 'holdIds'],
    [
      'more than twelve',
      { slots: Array.from({ length: 13 }, (_, at) => slotAt(nine, { startsAtMs: paris(nine) + at })) },
      'APPOINTMENT_INVALID',
      'slots',
    ],
    ['no contact', { slots, contact: undefined }, 'APPOINTMENT_INVALID', 'contact'],
    [
      'a contact that is none',
      { slots, contact: { way: 'sms', address: '06' } },
      'APPOINTMENT_INVALID',
      'contact.address',
    ],
    [
      'a call to nobody knows where',
      { slots: [slotAt(nine, { channel: MeetingChannel.MEETING_CHANNEL_TELEPHONE })] },
      'APPOINTMENT_INVALID',
      'contact.reachedAt',
    ],
    [
      'pre-applications for what needs none',
      { slots, preApplications: [one] },
      'APPOINTMENT_INVALID',
      'preApplications',
    ],
    [
      'what is no pre-application',
      { slots: passport, preApplications: [one, 'no'] },
      'PRE_APPLICATION_INVALID',
      'preApplications.1',
    ],
    ['too few of them', { slots: passport, preApplications: [one] }, 'PRE_APPLICATION_INVALID', 'preApplications'],
    ['none of them', { slots: passport }, 'PRE_APPLICATION_INVALID', 'preApplications'],
    [
      'several appointments with one',
      { slots: [...passport, ...slots], preApplications: [one, two] },
      'APPOINTMENT_INVALID',
      'slots',
    ],
    ['a hold that is none', { holdIds: [noHold] }, 'HOLD_UNKNOWN'],
    ['a slot that is none', { slots: [slotAt('2026-11-23T09:10')] }, 'SLOT_UNKNOWN'],
    ['what only agents book', { slots: [slotAt(nine, { serviceTypeId: 'staff' })] }, 'BOOKING_NOT_ALLOWED'],
  ])('%s', async (_, change, reason, field) => {
    const refused = desk.book(bookingOf({ subject: ada, ...change }), person(ada))
    await expect(refused).rejects.toMatchObject({ reason, ...(field && { facts: { field } }) })
    expect(await kept()).toEqual([])
    expect(await desk.told()).toEqual([])
  })

  it('all of a series when one of it is taken', async () => {
    await desk.bookOne({ subject: someone(), slots: [slotAt('2026-11-24T09:00')], by: byAgent })
    const series = [nine, '2026-11-24T09:00', '2026-11-25T09:00'].map((at) => slotAt(at))
    const refused = desk.book(bookingOf({ subject: ada, slots: series }), person(ada))
    await expect(refused).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
    expect(await kept()).toHaveLength(1)
  })

  it('a hold that is over, also once it was swept away, and another one’s', async () => {
    const { holdId, untilMs } = await desk.hold(holdOf({ subject: ada }), person(ada))
    const booking = bookingOf({ subject: ada, holdIds: [holdId] })
    const bob = someone()
    await expect(desk.book({ ...booking, subject: bob }, person(bob))).rejects.toMatchObject({ reason: 'HOLD_UNKNOWN' })
    await expect(desk.book({ ...booking, subject: bob, by: byAgent })).rejects.toMatchObject({ reason: 'HOLD_UNKNOWN' })
    desk.setNow(untilMs)
    await expect(desk.book(booking, person(ada))).rejects.toMatchObject({ reason: 'HOLD_EXPIRED' })
    await desk.hold(holdOf({ subject: bob }), person(bob))
    await expect(desk.book(booking, person(ada))).rejects.toMatchObject({ reason: 'HOLD_EXPIRED' })
  })

  it('a second appointment of a person for one motive, however it is asked for', async () => {
    const { holdId } = await desk.hold(holdOf({ subject: ada, slot: slotAt('2026-11-24T09:00') }), person(ada))
    const byDesk = await desk.hold(holdOf({ subject: ada, slot: slotAt('2026-11-25T09:00'), by: byAgent }))
    await desk.book(bookingOf({ subject: ada, holdIds: [holdId] }), person(ada))
    for (const more of [{ slots }, { holdIds: [byDesk.holdId] }])
      await expect(desk.book(bookingOf({ subject: ada, ...more }), person(ada))).rejects.toMatchObject({
        reason: 'APPOINTMENT_LIMIT_REACHED',
      })
  })

  it('more at once for one motive than a person may have, which no agent is told', async () => {
    const days = [nine, '2026-11-24T09:00', '2026-11-25T09:00', '2026-11-26T09:00']
    const above = days.map((at) => slotAt(at))
    const passports = days.slice(0, 2).map((at) => slotAt(at, { serviceTypeId: 'counter', scheduleId: 'counters' }))
    for (const slots of [above, passports])
      await expect(desk.book(bookingOf({ subject: ada, slots }), person(ada))).rejects.toMatchObject({
        reason: 'APPOINTMENT_LIMIT_REACHED',
      })
    expect(await kept()).toEqual([])
    const { appointments } = await desk.book(bookingOf({ subject: ada, slots: above, by: byAgent }))
    expect(appointments).toHaveLength(4)
  })

  it('a helper whose mandate is over since the slot was held', async () => {
    const advice = slotAt('2026-11-25T09:00', { serviceTypeId: 'advice' })
    const { holdId } = await desk.hold(holdOf({ subject: ada, slot: advice, by: byHelper, mandate }))
    desk.setNow(Date.parse('2026-11-23T23:00:00Z'))
    const late = await desk.hold(holdOf({ subject: ada, slot: slotAt('2026-11-26T09:00'), by: byHelper }))
    const booking = { subject: ada, by: byHelper, mandate }
    await expect(desk.book(bookingOf({ ...booking, holdIds: [holdId] }))).rejects.toMatchObject({
      reason: 'HOLD_EXPIRED',
    })
    await expect(desk.book(bookingOf({ ...booking, holdIds: [late.holdId] }))).rejects.toMatchObject({
      reason: 'MANDATE_ENDED',
    })
  })
})

describe('BookAppointment', () => {
  it('books a free slot, tells the agency’s systems of it, and keeps what was said in the file alone', async () => {
    const needs = { isAccompanied: true, accessibility: [Accessibility.ACCESSIBILITY_WHEELCHAIR], language: 'fsl' }
    const contact = { way: 'email', address: 'ada@example.org' }
    const { appointment, secret } = await desk.bookOne(
      { subject: ada, slots, needs, contact, note: 'ring twice' },
      person(ada),
    )
    expect(appointment).toMatchObject({
      subject: ada,
      state: 2,
      revision: 0,
      localStart: '2026-11-23T09:00+01:00',
      ...{ needs, contact, note: 'ring twice', practitionerShown: 'ada Agent, Officer' },
      bookedBy: { who: { $case: 'person' } },
    })
    expect(secret).toBe('')
    expect(await desk.told()).toEqual([
      {
        receiver: 'documents',
        topic: 'appointments',
        eventType: 'appointments.appointment-event.v1',
        type: AppointmentEventType.APPOINTMENT_EVENT_TYPE_BOOKED,
        reference: appointment.appointmentId,
        atMs: startMs,
      },
    ])
    const { rows } = await desk.postgres.query<{ content: Buffer }>('SELECT content FROM appointment')
    expect(rows[0]?.content.includes('ring twice')).toBe(false)
    expect(await desk.get({ appointmentId: appointment.appointmentId }, person(ada))).toEqual({
      appointment,
      series: [],
    })
  })

  it('keeps where the person is called, of what is booked at once and of what is held, and nothing for a counter', async () => {
    const contact = { way: 'email', address: 'ada@example.org', reachedAt: '+33612345678' }
    const called = (local: string) => slotAt(local, { channel: MeetingChannel.MEETING_CHANNEL_TELEPHONE })
    const atOnce = await desk.bookOne({ slots: [called('2026-11-24T09:00')], by: byAgent, contact })
    expect(atOnce.appointment.contact).toEqual(contact)
    const { holdId } = await desk.hold(holdOf({ subject: ada, slot: called('2026-11-24T09:30') }), person(ada))
    const none = { way: 'none', address: '' }
    const refused = desk.book(bookingOf({ subject: ada, holdIds: [holdId], contact: none }), person(ada))
    await expect(refused).rejects.toMatchObject({ facts: { field: 'contact.reachedAt' } })
    const held = await desk.bookOne({ subject: ada, holdIds: [holdId], contact }, person(ada))
    expect(held.appointment.contact).toEqual(contact)
    const counter = await desk.bookOne({ slots: [slotAt('2026-11-24T10:00')], by: byAgent, contact })
    expect(counter.appointment.contact?.reachedAt).toBeUndefined()
  })

  it('books what is held, with what was said then and now', async () => {
    const kept = slotAt('2026-11-23T10:00', { serviceTypeId: 'kept', units: 2 })
    const { holdId } = await desk.hold(holdOf({ subject: ada, slot: kept, isAccompanied: true }), person(ada))
    const { appointment } = await desk.bookOne(
      { subject: ada, holdIds: [holdId.toUpperCase()], note: 'x' },
      person(ada),
    )
    expect(appointment).toMatchObject({ appointmentId: holdId, state: 2, units: 2, note: 'x', heldUntilMs: 0 })
    expect(appointment.needs).toMatchObject({ isAccompanied: true })
    desk.setNow(paris('2026-11-23T08:00'))
    expect(await desk.agency.claims.overdue(paris('2026-11-23T08:00'), 10)).toEqual([])
  })

  it('books a person’s hold for them through an agent', async () => {
    const { holdId } = await desk.hold(holdOf({ subject: ada }), person(ada))
    const { appointment } = await desk.bookOne({ subject: ada, holdIds: [holdId], by: byAgent })
    expect(appointment.bookedBy).toEqual(byAgent)
    // By their own hand they have none.
    await desk.bookOne({ subject: ada, slots: [slotAt('2026-11-24T09:00')] }, person(ada))
  })

  it('books a series as one, which counts once', async () => {
    const series = [nine, '2026-11-24T09:00', '2026-11-25T09:00'].map((at) => slotAt(at))
    const { appointments } = await desk.book(bookingOf({ subject: ada, slots: series }), person(ada))
    expect(new Set(appointments.map(({ seriesId }) => seriesId)).size).toBe(1)
    expect(appointments[0]?.seriesId).not.toBe('')
    expect(appointments.map(({ startsAtMs }) => startsAtMs)).toEqual(series.map(({ startsAtMs }) => startsAtMs))
    expect(await desk.told()).toHaveLength(3)
  })

  it('lets a slot that the person held elsewhere for the motive go', async () => {
    await desk.hold(holdOf({ subject: ada }), person(ada))
    await desk.bookOne({ subject: ada, slots: [slotAt('2026-11-24T09:00')] }, person(ada))
    expect(await desk.claimed()).toHaveLength(1)
  })

  it('gives three seats of a group, also one after the other in one session, and no fourth', async () => {
    const workshop = [slotAt(nine, { serviceTypeId: 'workshop', scheduleId: 'gus-workshops' })]
    const people = [someone(), someone(), someone(), someone()]
    const outcomes = await Promise.allSettled(
      people.map((subject) => desk.book(bookingOf({ subject, slots: workshop }), person(subject))),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { reason: 'SLOT_TAKEN' } })
  })

  it('gives each of two counters once', async () => {
    const counter = [slotAt(nine, { serviceTypeId: 'counter', scheduleId: 'counters' })]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => desk.book(bookingOf({ slots: counter, by: byAgent }))),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  })

  it('does not limit agents, helpers, nor whoever has no pseudonym here', async () => {
    const at = (hour: string) => [slotAt(`2026-11-24T${hour}`)]
    await desk.bookOne({ subject: ada, slots: at('09:00') }, person(ada))
    await desk.bookOne({ subject: ada, slots: at('09:30'), by: byAgent })
    await desk.bookOne({ subject: ada, slots: at('10:00'), by: byHelper })
    const first = await desk.bookOne({ slots: at('10:30'), by: byAgent })
    const second = await desk.bookOne({ slots: at('11:00'), by: byAgent })
    expect(first.secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(second.secret).not.toBe(first.secret)
  })

  it('has an agent book for somebody who has no pre-application yet', async () => {
    const { appointment } = await desk.bookOne({ subject: ada, slots: passport, by: byAgent })
    expect(appointment).toMatchObject({ units: 2, preApplications: [] })
  })

  it('lets a person book again once the first is over', async () => {
    await desk.bookOne({ subject: ada, slots }, person(ada))
    desk.setNow(paris('2026-11-23T09:30'))
    await desk.bookOne({ subject: ada, slots: [slotAt('2026-11-24T09:00')] }, person(ada))
  })
})

describe('of one person at the same time', () => {
  it('one booking for a motive is made, whatever else is asked for', async () => {
    const hours = ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30']
    const outcomes = await Promise.allSettled(
      hours.map((hour) => desk.book(bookingOf({ subject: ada, slots: [slotAt(`2026-11-24T${hour}`)] }), person(ada))),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason.reason).toBe('APPOINTMENT_LIMIT_REACHED')
    expect(await desk.claimed()).toHaveLength(1)
  })

  it('a hold is booked once, however often', async () => {
    const { holdId } = await desk.hold(holdOf({ subject: ada, slot: slotAt('2026-11-24T09:00') }), person(ada))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, n) =>
        desk.book(bookingOf({ subject: ada, holdIds: [n % 2 ? holdId : holdId.toUpperCase()] }), person(ada)),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await desk.told()).filter(({ reference }) => reference === holdId)).toHaveLength(1)
    expect(await desk.claimed()).toHaveLength(1)
  })

  it('one hold for a motive stands', async () => {
    const hours = ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30']
    await Promise.all(
      hours.map((hour) => desk.hold(holdOf({ subject: ada, slot: slotAt(`2026-11-24T${hour}`) }), person(ada))),
    )
    expect(await desk.claimed()).toHaveLength(1)
  })
})

describe('with the national hub', () => {
  const calls: unknown[] = []
  const told: unknown[] = []
  const bookAt = (says?: MeshError) => {
    const needs = {
      ...desk.agency,
      hubCheck: async (_: unknown, ...asked: unknown[]) => {
        calls.push(asked)
        if (says) throw says
      },
      tellHub: async (_: unknown, change: unknown) => {
        told.push(change)
      },
    }
    return (change: Partial<BookAppointmentRequest>, call = person(ada)) =>
      desk.inTransaction((tx) => bookAppointment(needs).effect(bookingOf(change), call, tx))
  }
  const booking = { subject: ada, slots: passport, preApplications: [one, two] }
  beforeEach(() => {
    calls.length = 0
    told.length = 0
  })

  it('books nothing of which the hub says no, and asks nobody for an agent', async () => {
    const no = new MeshError('PRE_APPLICATION_NOT_VALIDATED')
    await expect(bookAt(no)(booking)).rejects.toBe(no)
    expect(await kept()).toEqual([])
    await bookAt(no)({ ...booking, by: byAgent }, system())
    expect(calls).toHaveLength(1)
  })

  it('asks it whether another appointment is meant, and tells it what was booked', async () => {
    await bookAt()({ ...booking, isSecondConfirmed: true })
    expect(calls).toEqual([[[one, two], { isSecondConfirmed: true }]])
    expect(told).toMatchObject([{ after: { preApplications: [one, two], localStart: '2026-11-23T09:00+01:00' } }])
  })

  it('books with a pre-application alone, for whom it says is validated', async () => {
    const secret = { of: { $case: 'preApplication' as const, value: one } }
    const alone = { slots: [slotAt(nine, { serviceTypeId: 'passport' })], secret }
    await expect(bookAt()({ ...alone, preApplications: [two] }, atGateway())).rejects.toMatchObject({
      reason: 'PRE_APPLICATION_INVALID',
    })
    await expect(bookAt()({ ...alone, slots, preApplications: [one] }, atGateway())).rejects.toMatchObject({
      reason: 'BOOKING_NOT_ALLOWED',
    })
    const { appointments, secret: own } = await bookAt()({ ...alone, preApplications: [one] }, atGateway())
    expect(appointments).toMatchObject([{ subject: '', preApplications: [one] }])
    const shown = { of: { $case: 'appointment' as const, value: own } }
    expect(await desk.get({ appointmentId: '', secret: shown }, atGateway())).toEqual({
      appointment: appointments[0],
      series: [],
    })
  })
})
