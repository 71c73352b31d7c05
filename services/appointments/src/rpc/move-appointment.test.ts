import { AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import type { MoveAppointmentRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  atGateway,
  byAgent,
  byHelper,
  person,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import type { Freed } from '../booking/freed.js'
import { type Desk, openDesk, paris, slotAt } from '../desk.fixture.js'
import { townCalendar, townTypes } from '../town.fixture.js'

const freed: Freed[] = []
let desk: Desk
beforeAll(async () => {
  const shifted = weekdays({
    scheduleId: 'shifted',
    serviceTypeIds: ['id-card'],
    hours: [{ from: '09:15', to: '12:15' }],
  })
  const { schedules = [], ...town } = townCalendar
  const afterFreed = async (_: unknown, each: Freed) => {
    freed.push(each)
    return []
  }
  const serviceTypes = [...townTypes, serviceType({ serviceTypeId: 'later' })]
  desk = await openDesk({ ...town, serviceTypes, schedules: [...schedules, shifted] }, { afterFreed })
})
beforeEach(async () => {
  desk.setNow(startMs)
  freed.length = 0
  await desk.empty()
})
afterAll(() => desk.close())

const ada = someone()
const noon = slotAt('2026-11-24T11:30')
const booked = async (local = '2026-11-24T09:00', serviceTypeId = 'id-card', said = {}) => {
  const slots = [slotAt(local, { serviceTypeId })]
  const { appointment } = await desk.bookOne({ subject: ada, slots, ...said }, person(ada))
  return appointment.appointmentId
}

describe('MoveAppointment refuses', () => {
  it.each<[string, Partial<MoveAppointmentRequest>, string, string?]>([
    [
      'another service type',
      { slot: slotAt('2026-11-24T11:30', { serviceTypeId: 'limited' }) },
      'APPOINTMENT_INVALID',
      'slot.serviceTypeId',
    ],
    ['another length', { slot: { ...noon, units: 2 } }, 'APPOINTMENT_INVALID', 'slot.units'],
    ['no change', { slot: slotAt('2026-11-24T09:00') }, 'APPOINTMENT_INVALID', 'slot'],
    ['a slot that is none', { slot: slotAt('2026-11-24T11:40') }, 'SLOT_UNKNOWN'],
    ['a slot that has passed', { slot: slotAt('2026-11-23T06:00') }, 'TIME_PASSED'],
    ['a channel that is none there', { slot: { ...noon, channel: 4 } }, 'APPOINTMENT_INVALID', 'slot.channel'],
    ['a call to nobody knows where', { slot: { ...noon, channel: 2 } }, 'APPOINTMENT_INVALID', 'slot.channel'],
    ['a hand', { slot: noon, by: byAgent }, 'APPOINTMENT_INVALID', 'by'],
    [
      'a mandate',
      { slot: noon, mandate: { reference: 'M', fromDay: '', toDay: '' } },
      'APPOINTMENT_INVALID',
      'mandate',
    ],
  ])('%s', async (_, change, reason, field) => {
    const appointmentId = await booked()
    const refused = desk.move({ appointmentId, ...change }, person(ada))
    await expect(refused).rejects.toMatchObject({ reason, ...(field && { facts: { field } }) })
    expect(await desk.get({ appointmentId })).toMatchObject({
      appointment: { revision: 0, localStart: '2026-11-24T09:00+01:00' },
    })
  })

  it('another one’s, and one that is none', async () => {
    const appointmentId = await booked()
    const bob = someone()
    for (const call of [person(bob), atGateway()])
      await expect(desk.move({ appointmentId, slot: noon }, call)).rejects.toMatchObject({
        reason: 'APPOINTMENT_UNKNOWN',
      })
  })

  it('to what somebody else has, and leaves everything as it was', async () => {
    const appointmentId = await booked()
    await desk.bookOne({ slots: [noon], by: byAgent })
    const before = await desk.claimed()
    await expect(desk.move({ appointmentId, slot: noon }, person(ada))).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
    expect(await desk.claimed()).toEqual(before)
  })

  it('a person what a person may not book, and so shortly before; an agent does it', async () => {
    const appointmentId = await booked('2026-11-24T09:00', 'limited')
    const far = slotAt('2026-11-27T09:00', { serviceTypeId: 'limited' })
    await expect(desk.move({ appointmentId, slot: far }, person(ada))).rejects.toMatchObject({
      reason: 'SLOT_NOT_OPEN',
    })
    desk.setNow(paris('2026-11-24T07:00'))
    const near = slotAt('2026-11-24T11:30', { serviceTypeId: 'limited' })
    await expect(desk.move({ appointmentId, slot: near }, person(ada))).rejects.toMatchObject({
      reason: 'CHANGE_TOO_LATE',
    })
    await expect(desk.move({ appointmentId, slot: near, by: byHelper }, system())).rejects.toMatchObject({
      reason: 'CHANGE_TOO_LATE',
    })
    await desk.move({ appointmentId, slot: far, by: byAgent }, system())
  })

  it('one that was cancelled, one that is held, and one to which the person has come', async () => {
    const appointmentId = await booked()
    await desk.cancel({ appointmentId }, person(ada))
    await expect(desk.move({ appointmentId, slot: noon }, person(ada))).rejects.toMatchObject({
      reason: 'APPOINTMENT_ENDED',
    })
    const bob = someone()
    const { holdId } = await desk.hold(
      { subject: bob, slot: slotAt('2026-11-24T09:00'), isAccompanied: false },
      person(bob),
    )
    await expect(desk.move({ appointmentId: holdId, slot: noon }, person(bob))).rejects.toMatchObject({
      reason: 'APPOINTMENT_ENDED',
    })
    const arrived = (await desk.bookOne({ slots: [slotAt('2026-11-23T09:00')], by: byAgent })).appointment.appointmentId
    await desk.attend({ appointmentId: arrived, state: 3, by: byAgent })
    await expect(desk.move({ appointmentId: arrived, slot: noon, by: byAgent })).rejects.toMatchObject({
      reason: 'APPOINTMENT_ENDED',
    })
  })

  it('a kept slot to whoever did not say that they are accompanied', async () => {
    desk.setNow(paris('2026-11-23T07:30'))
    const appointmentId = await booked('2026-11-23T09:00', 'kept')
    const kept = slotAt('2026-11-23T11:00', { serviceTypeId: 'kept' })
    await expect(desk.move({ appointmentId, slot: kept }, person(ada))).rejects.toMatchObject({
      reason: 'SLOT_RESERVED',
    })
  })
})

describe('MoveAppointment', () => {
  it('puts it to the new slot, frees the former one and tells of it, one revision on', async () => {
    const appointmentId = await booked('2026-11-24T09:00', 'limited')
    const slot = slotAt('2026-11-25T09:30', { serviceTypeId: 'limited' })
    const { appointment } = await desk.move({ appointmentId, slot }, person(ada))
    expect(appointment).toMatchObject({ revision: 1, state: 2, localStart: '2026-11-25T09:30+01:00' })
    expect(await desk.claimed()).toMatchObject([{ holder_id: appointmentId }])
    expect(freed).toMatchObject([
      { span: { startsAtMs: paris('2026-11-24T09:00'), endsAtMs: paris('2026-11-24T09:30') } },
    ])
    expect((await desk.told()).map(({ type }) => type)).toEqual([
      AppointmentEventType.APPOINTMENT_EVENT_TYPE_BOOKED,
      AppointmentEventType.APPOINTMENT_EVENT_TYPE_MOVED,
    ])
    const { rows } = await desk.postgres.query('SELECT remind_at_ms, delete_after_ms FROM appointment')
    expect(rows).toEqual([{ remind_at_ms: paris('2026-11-24T09:30'), delete_after_ms: paris('2026-11-30T10:00') }])
  })

  it('to a slot that lies upon its own', async () => {
    const appointmentId = await booked()
    const onto = { ...slotAt('2026-11-24T09:15'), scheduleId: 'shifted' }
    await desk.move({ appointmentId, slot: onto }, person(ada))
    await desk.move({ appointmentId, slot: slotAt('2026-11-24T09:00') }, person(ada))
    const { appointment } = await desk.move({ appointmentId, slot: onto }, person(ada))
    expect(appointment?.revision).toBe(3)
    expect(await desk.claimed()).toHaveLength(1)
    await desk.bookOne({ slots: [slotAt('2026-11-24T10:00')], by: byAgent })
  })

  it('to another channel at the same time', async () => {
    const appointmentId = await booked('2026-11-24T09:00', 'id-card', {
      contact: { way: 'sms', address: '+33612345678' },
    })
    const before = await desk.claimed()
    const { appointment } = await desk.move(
      { appointmentId, slot: slotAt('2026-11-24T09:00', { channel: 2 }) },
      person(ada),
    )
    expect(appointment).toMatchObject({ channel: 2, revision: 1, contact: { reachedAt: '+33612345678' } })
    expect(await desk.claimed()).toEqual(before)
    expect(freed).toEqual([])
  })

  it('by the secret of somebody without an account', async () => {
    const { appointment, secret } = await desk.bookOne({ slots: [slotAt('2026-11-24T09:00')], by: byAgent })
    const shown = { of: { $case: 'appointment' as const, value: secret } }
    const moved = await desk.move({ secret: shown, slot: noon }, atGateway())
    expect(moved.appointment).toMatchObject({ appointmentId: appointment.appointmentId, startsAtMs: noon.startsAtMs })
  })

  it('within a group and out of it, seat by seat', async () => {
    const group = (at: string) => slotAt(at, { serviceTypeId: 'workshop', scheduleId: 'gus-workshops' })
    const ids: string[] = []
    for (let at = 0; at < 3; at += 1)
      ids.push((await desk.bookOne({ slots: [group('2026-11-24T09:00')], by: byAgent })).appointment.appointmentId)
    await desk.move({ appointmentId: ids[0] ?? '', slot: group('2026-11-24T10:00'), by: byAgent })
    await desk.move({ appointmentId: ids[1] ?? '', slot: group('2026-11-24T10:00'), by: byAgent })
    await desk.bookOne({ slots: [group('2026-11-24T09:00')], by: byAgent })
    expect(await desk.claimed()).toHaveLength(4)
  })

  it('never ends with two who exchange their slots in a circle, nor with a slot that two have', async () => {
    const at = ['2026-11-24T09:00', '2026-11-24T09:30']
    const ids: string[] = []
    for (const local of at)
      ids.push((await desk.bookOne({ slots: [slotAt(local)], by: byAgent })).appointment.appointmentId)
    const outcomes = await Promise.allSettled(
      ids.map((appointmentId, index) => desk.move({ appointmentId, slot: slotAt(at[1 - index] ?? ''), by: byAgent })),
    )
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'SLOT_TAKEN' } })
    expect(await desk.claimed()).toHaveLength(2)
  })
})
