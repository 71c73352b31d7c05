import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, byHelper, person, someone, startMs } from '../agency.fixture.js'
import { type Desk, openDesk, paris, slotAt } from '../desk.fixture.js'
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
const guard = { agentId: 'g1', firstName: 'Nour', lastName: 'Petit', capacity: 'Guard', isUnnamed: true }
const unnamed: Hand = { who: { $case: 'agent', value: guard } }
const arrived = AppointmentState.APPOINTMENT_STATE_ARRIVED
const fulfilled = AppointmentState.APPOINTMENT_STATE_FULFILLED
const noShow = AppointmentState.APPOINTMENT_STATE_NO_SHOW
const booked = async (local = '2026-11-23T09:00') =>
  (await desk.bookOne({ subject: ada, slots: [slotAt(local)] }, person(ada))).appointment.appointmentId

describe('RecordAttendance refuses', () => {
  it('what is said by nobody, by a helper, or is no attendance', async () => {
    const appointmentId = await booked()
    for (const by of [undefined, byHelper])
      await expect(desk.attend({ appointmentId, state: arrived, by })).rejects.toMatchObject({
        reason: 'APPOINTMENT_INVALID',
        facts: { field: 'by' },
      })
    const state = AppointmentState.APPOINTMENT_STATE_CANCELLED
    expect(() => desk.attend({ appointmentId, state, by: byAgent })).toThrow()
  })

  it('one that is none, or was cancelled', async () => {
    const appointmentId = '00000000-0000-4000-8000-000000000000'
    await expect(desk.attend({ appointmentId, state: arrived, by: byAgent })).rejects.toMatchObject({
      reason: 'APPOINTMENT_UNKNOWN',
    })
    const cancelled = await booked()
    await desk.cancel({ appointmentId: cancelled }, person(ada))
    await expect(desk.attend({ appointmentId: cancelled, state: fulfilled, by: byAgent })).rejects.toMatchObject({
      reason: 'APPOINTMENT_ENDED',
    })
  })

  it('what cannot be known yet', async () => {
    const tomorrow = await booked('2026-11-24T09:00')
    const early = { reason: 'APPOINTMENT_INVALID', facts: { field: 'state' } }
    for (const state of [arrived, fulfilled, noShow])
      await expect(desk.attend({ appointmentId: tomorrow, state, by: byAgent })).rejects.toMatchObject(early)
    desk.setNow(paris('2026-11-24T08:59'))
    await expect(desk.attend({ appointmentId: tomorrow, state: noShow, by: byAgent })).rejects.toMatchObject(early)
    await desk.attend({ appointmentId: tomorrow, state: arrived, by: byAgent })
  })
})

describe('RecordAttendance', () => {
  it('keeps which agent said last whether somebody came, whose name the person sees where they may know it', async () => {
    const appointmentId = await booked()
    desk.setNow(paris('2026-11-23T09:10'))
    const { appointment } = await desk.attend({ appointmentId, state: noShow, by: unnamed })
    expect(appointment?.attendedBy).toEqual(unnamed)
    const shown = await desk.get({ appointmentId }, person(ada))
    expect(shown.appointment?.attendedBy).toMatchObject({
      who: { value: { agentId: '', firstName: '', capacity: 'Guard' } },
    })
    await desk.attend({ appointmentId, state: fulfilled, by: byAgent })
    expect((await desk.get({ appointmentId }, person(ada))).appointment?.attendedBy).toEqual(byAgent)
    const { rows } = await desk.postgres.query<{ content: Buffer }>('SELECT content FROM appointment')
    expect(rows.some(({ content }) => content.includes('Guard'))).toBe(false)
  })

  it('keeps the slot of who has come, and frees what is left once they were seen', async () => {
    const appointmentId = await booked()
    await desk.attend({ appointmentId, state: arrived, by: byAgent })
    expect(await desk.claimed()).toHaveLength(1)
    const { appointment } = await desk.attend({ appointmentId, state: fulfilled, by: byAgent })
    expect(appointment).toMatchObject({ state: fulfilled, revision: 2 })
    expect(await desk.claimed()).toEqual([])
  })

  it('of who did not come changes nothing else: they book as before, and are seen when they come late', async () => {
    const appointmentId = await booked()
    desk.setNow(paris('2026-11-23T09:10'))
    await desk.attend({ appointmentId, state: noShow, by: byAgent })
    await booked('2026-11-24T09:00')
    const { appointment } = await desk.attend({ appointmentId, state: fulfilled, by: byAgent })
    expect(appointment?.state).toBe(fulfilled)
  })
})
