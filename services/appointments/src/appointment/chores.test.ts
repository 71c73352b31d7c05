import { AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, person, someone, startMs } from '../agency.fixture.js'
import type { Freed } from '../booking/freed.js'
import { type Desk, holdOf, openDesk, paris, slotAt } from '../desk.fixture.js'
import { townCalendar } from '../town.fixture.js'
import { endHolds, forgetEnded, remindDue } from './chores.js'
import { appointmentEvent } from './events.js'

const freed: Freed[] = []
let desk: Desk
beforeAll(async () => {
  const afterFreed = async (_: unknown, each: Freed) => {
    freed.push(each)
    return [appointmentEvent('offered', '00000000-0000-4000-8000-000000000000', startMs)]
  }
  desk = await openDesk(townCalendar, { afterFreed })
})
beforeEach(async () => {
  desk.setNow(startMs)
  freed.length = 0
  await desk.empty()
})
afterAll(() => desk.close())

const dayMs = 86_400_000
const ada = someone()
const limited = slotAt('2026-11-25T09:00', { serviceTypeId: 'limited' })
const reminders = async () =>
  (await desk.told()).filter(({ type }) => type === AppointmentEventType.APPOINTMENT_EVENT_TYPE_REMINDER_DUE)

describe('holds that are over', () => {
  it('are ended, and what they kept goes to who waits; others stay', async () => {
    const { untilMs } = await desk.hold(holdOf({ subject: ada }), person(ada))
    const standing = await desk.bookOne({ slots: [slotAt('2026-11-23T09:30')], by: byAgent })
    await endHolds(desk.agency)
    expect(await desk.claimed()).toHaveLength(2)
    desk.setNow(untilMs)
    await Promise.all([endHolds(desk.agency), endHolds(desk.agency), endHolds(desk.agency)])
    expect(await desk.claimed()).toMatchObject([{ holder_id: standing.appointment.appointmentId }])
    expect(freed).toMatchObject([{ span: { startsAtMs: paris('2026-11-23T09:00') } }])
    expect((await desk.told()).at(-1)?.type).toBe(AppointmentEventType.APPOINTMENT_EVENT_TYPE_OFFERED)
  })

  it('are forgotten a day later, with their keys', async () => {
    const { untilMs } = await desk.hold(holdOf({ subject: ada }), person(ada))
    desk.setNow(untilMs)
    await endHolds(desk.agency)
    await forgetEnded(desk.agency)
    const kept = () =>
      desk.postgres.query('SELECT FROM appointment JOIN appointments_keys.file_key ON file_id = appointment_id')
    expect((await kept()).rowCount).toBe(1)
    desk.setNow(untilMs + dayMs)
    await forgetEnded(desk.agency)
    expect((await desk.postgres.query('SELECT FROM appointments_keys.file_key')).rowCount).toBe(0)
    expect((await desk.postgres.query('SELECT FROM appointment')).rowCount).toBe(0)
  })
})

describe('reminders', () => {
  it('are due at each time once, also when nobody looked for a while, and never of what has begun', async () => {
    const { appointment } = await desk.bookOne({ subject: ada, slots: [limited] }, person(ada))
    await remindDue(desk.agency)
    expect(await reminders()).toEqual([])
    desk.setNow(paris('2026-11-24T09:00'))
    await Promise.all([remindDue(desk.agency), remindDue(desk.agency)])
    await remindDue(desk.agency)
    expect(await reminders()).toMatchObject([{ reference: appointment.appointmentId }])
    desk.setNow(paris('2026-11-25T08:00'))
    await remindDue(desk.agency)
    expect(await reminders()).toHaveLength(2)
    desk.setNow(paris('2026-11-25T09:00'))
    await remindDue(desk.agency)
    expect(await reminders()).toHaveLength(2)
  })

  it('are not due of what was cancelled, nor of what was booked later than that', async () => {
    desk.setNow(paris('2026-11-24T10:00'))
    const { appointment } = await desk.bookOne({ subject: ada, slots: [limited] }, person(ada))
    await remindDue(desk.agency)
    expect(await reminders()).toEqual([])
    await desk.cancel({ appointmentId: appointment.appointmentId }, person(ada))
    desk.setNow(paris('2026-11-25T07:30'))
    await remindDue(desk.agency)
    expect(await reminders()).toEqual([])
  })
})

describe('what is deleted', () => {
  it('is an appointment once its retention is over, with its claims and its key, and nothing else', async () => {
    await desk.bookOne({ subject: ada, slots: [limited] }, person(ada))
    const { appointment } = await desk.bookOne({ subject: ada, slots: [slotAt('2026-11-23T09:00')] }, person(ada))
    desk.setNow(paris('2026-11-25T09:30') + 5 * dayMs - 1)
    await forgetEnded(desk.agency)
    expect(await desk.claimed()).toHaveLength(2)
    desk.setNow(paris('2026-11-25T09:30') + 5 * dayMs)
    await forgetEnded(desk.agency)
    expect(await desk.claimed()).toMatchObject([{ holder_id: appointment.appointmentId }])
    expect((await desk.postgres.query('SELECT FROM appointments_keys.file_key')).rowCount).toBe(1)
  })

  it('is a link that is over, and a protection', async () => {
    const link = { serviceTypeId: 'id-card', placeIds: [], subject: '', isAccompanied: false, by: byAgent }
    await desk.invite({ ...link, expiresAtMs: startMs + dayMs })
    await desk.inTransaction((tx) => desk.agency.protectedSubjects.protect(tx, [ada], startMs + dayMs))
    await forgetEnded(desk.agency)
    expect((await desk.postgres.query('SELECT FROM booking_link, protected_subject')).rowCount).toBe(1)
    desk.setNow(startMs + dayMs)
    await forgetEnded(desk.agency)
    expect((await desk.postgres.query('SELECT FROM booking_link')).rowCount).toBe(0)
    expect((await desk.postgres.query('SELECT FROM protected_subject')).rowCount).toBe(0)
  })
})
