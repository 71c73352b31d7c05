import { AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, byHelper, person, someone, startMs, system } from '../agency.fixture.js'
import type { Freed } from '../booking/freed.js'
import { bookingOf, type Desk, holdOf, openDesk, paris, slotAt } from '../desk.fixture.js'
import { townCalendar } from '../town.fixture.js'

const freed: Freed[] = []
let desk: Desk
beforeAll(async () => {
  const afterFreed = async (_: unknown, each: Freed) => {
    freed.push(each)
    return []
  }
  desk = await openDesk(townCalendar, { afterFreed })
})
beforeEach(async () => {
  desk.setNow(startMs)
  freed.length = 0
  await desk.empty()
})
afterAll(() => desk.close())

const ada = someone()
const unnamed = {
  who: {
    $case: 'agent' as const,
    value: { agentId: 'u', firstName: 'U', lastName: 'N', capacity: 'Guard', isUnnamed: true },
  },
}
const bookedAt = async (local: string, serviceTypeId = 'id-card') => {
  const { appointment } = await desk.bookOne({ subject: ada, slots: [slotAt(local, { serviceTypeId })] }, person(ada))
  return appointment.appointmentId
}
const hours = ['2026-11-23T09:00', '2026-11-23T11:30', '2026-11-24T09:00']
const series = async (serviceTypeId = 'id-card') => {
  const slots = hours.map((local) => slotAt(local, { serviceTypeId }))
  const { appointments } = await desk.book(bookingOf({ subject: ada, slots, by: byAgent }), system())
  return appointments.map(({ appointmentId }) => appointmentId)
}

describe('CancelAppointment refuses', () => {
  it('another one’s, and one that is none', async () => {
    const appointmentId = await bookedAt(hours[0] ?? '')
    const secret = { of: { $case: 'appointment' as const, value: 'x' } }
    for (const call of [person(someone()), atGateway()])
      for (const id of [appointmentId, '00000000-0000-4000-8000-000000000000'])
        await expect(desk.cancel({ appointmentId: id, secret }, call)).rejects.toMatchObject({
          reason: 'APPOINTMENT_UNKNOWN',
        })
    await expect(desk.cancel({ secret }, atGateway())).rejects.toMatchObject({ reason: 'APPOINTMENT_UNKNOWN' })
  })

  it('an agent who says nothing of why, a system that names nobody, and a person who names somebody', async () => {
    const appointmentId = await bookedAt(hours[0] ?? '')
    const invalid = (field: string) => ({ reason: 'APPOINTMENT_INVALID', facts: { field } })
    await expect(desk.cancel({ appointmentId, by: byAgent, because: ' ' })).rejects.toMatchObject(invalid('because'))
    await expect(desk.cancel({ appointmentId })).rejects.toMatchObject(invalid('by'))
    await expect(desk.cancel({ appointmentId, by: byHelper }, person(ada))).rejects.toMatchObject(invalid('by'))
  })

  it('a helper without a mandate in force, of one and of a series, and a mandate of anybody else', async () => {
    const mandate = { reference: 'm1', fromDay: '2026-11-01', toDay: '2026-11-22' }
    const slots = hours.slice(0, 2).map((local) => slotAt(local, { serviceTypeId: 'advice' }))
    const { appointments } = await desk.book(bookingOf({ subject: ada, slots, by: byAgent }), system())
    const [appointmentId = ''] = appointments.map((each) => each.appointmentId)
    for (const wholeSeries of [false, true]) {
      const cancel = (change: object) => desk.cancel({ appointmentId, wholeSeries, by: byHelper, ...change }, system())
      await expect(cancel({})).rejects.toMatchObject({ reason: 'MANDATE_MISSING' })
      await expect(cancel({ mandate })).rejects.toMatchObject({ reason: 'MANDATE_ENDED' })
    }
    const inForce = { ...mandate, toDay: '2026-11-23' }
    const byAnAgent = desk.cancel({ appointmentId, by: byAgent, because: 'Closed.', mandate: inForce }, system())
    await expect(byAnAgent).rejects.toMatchObject({ facts: { field: 'mandate' } })
    expect(await desk.claimed()).toHaveLength(2)
    await desk.cancel({ appointmentId, wholeSeries: true, by: byHelper, mandate: inForce }, system())
    expect(await desk.claimed()).toEqual([])
    // Where none is needed, one that is shown is in force all the same.
    const other = await bookedAt(hours[2] ?? '')
    await expect(desk.cancel({ appointmentId: other, by: byHelper, mandate }, system())).rejects.toMatchObject({
      reason: 'MANDATE_ENDED',
    })
  })

  it('what was cancelled, and a hold', async () => {
    const appointmentId = await bookedAt(hours[0] ?? '')
    await desk.cancel({ appointmentId }, person(ada))
    await expect(desk.cancel({ appointmentId }, person(ada))).rejects.toMatchObject({ reason: 'APPOINTMENT_ENDED' })
    await expect(desk.cancel({ appointmentId, wholeSeries: true }, person(ada))).rejects.toMatchObject({
      reason: 'APPOINTMENT_ENDED',
    })
    const { holdId } = await desk.hold(holdOf({ subject: ada }), person(ada))
    await expect(desk.cancel({ appointmentId: holdId }, person(ada))).rejects.toMatchObject({
      reason: 'APPOINTMENT_ENDED',
    })
  })

  it('a person and a helper so shortly before; an agent still does it', async () => {
    const appointmentId = await bookedAt(hours[2] ?? '', 'limited')
    desk.setNow(paris('2026-11-24T07:00'))
    const late = { reason: 'CHANGE_TOO_LATE' }
    await expect(desk.cancel({ appointmentId }, person(ada))).rejects.toMatchObject(late)
    await expect(desk.cancel({ appointmentId, wholeSeries: true }, person(ada))).rejects.toMatchObject(late)
    await expect(desk.cancel({ appointmentId, by: byHelper }, system())).rejects.toMatchObject(late)
    await desk.cancel({ appointmentId, by: byAgent, because: 'ill' }, system())
  })
})

describe('CancelAppointment', () => {
  it('frees the slot at once, says by whom and why, and tells of it', async () => {
    const appointmentId = await bookedAt(hours[0] ?? '')
    const { appointments } = await desk.cancel({ appointmentId, by: unnamed, because: 'ill' })
    expect(appointments).toMatchObject([{ state: 5, revision: 1, cancelledBy: unnamed, cancelledBecause: 'ill' }])
    expect(await desk.claimed()).toEqual([])
    expect(freed).toHaveLength(1)
    expect((await desk.told()).at(-1)).toMatchObject({
      type: AppointmentEventType.APPOINTMENT_EVENT_TYPE_CANCELLED,
      reference: appointmentId,
    })
    const { appointment } = await desk.get({ appointmentId }, person(ada))
    expect(appointment?.cancelledBy).toMatchObject({ who: { value: { firstName: '', capacity: 'Guard' } } })
    await bookedAt(hours[0] ?? '')
  })

  it('ends a series as far as it has not begun, and as far as it is not too late', async () => {
    const ids = await series()
    desk.setNow(paris('2026-11-23T09:00'))
    const { appointments } = await desk.cancel({ appointmentId: ids[0] ?? '', wholeSeries: true }, person(ada))
    expect(appointments.map(({ appointmentId }) => appointmentId).sort()).toEqual(ids.slice(1).sort())
    expect(await desk.claimed()).toMatchObject([{ holder_id: ids[0] }])
  })

  it('leaves of a series what is too late for the person', async () => {
    const ids = await series('limited')
    desk.setNow(paris('2026-11-23T10:00'))
    const { appointments } = await desk.cancel({ appointmentId: ids[1] ?? '', wholeSeries: true }, person(ada))
    expect(appointments.map(({ appointmentId }) => appointmentId)).toEqual([ids[2]])
  })

  it('by the secret of somebody without an account, who has the whole series by it', async () => {
    const slots = hours.map((local) => slotAt(local))
    const { secret, appointments } = await desk.book(bookingOf({ slots, by: byAgent }))
    const shown = { of: { $case: 'appointment' as const, value: secret } }
    const last = appointments[2]?.appointmentId ?? ''
    expect(await desk.get({ appointmentId: last, secret: shown }, atGateway())).toMatchObject({
      appointment: { appointmentId: last },
    })
    const ended = await desk.cancel({ secret: shown, wholeSeries: true }, atGateway())
    expect(ended.appointments).toHaveLength(3)
  })

  it('of one appointment at the same time is made once', async () => {
    const appointmentId = await bookedAt(hours[0] ?? '')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => desk.cancel({ appointmentId }, person(ada))),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(freed).toHaveLength(1)
  })

  it('lets the person book the motive anew', async () => {
    const appointmentId = await bookedAt(hours[0] ?? '')
    await desk.cancel({ appointmentId }, person(ada))
    await bookedAt(hours[1] ?? '')
  })
})
