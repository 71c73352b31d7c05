import type { Call } from '@unefois/chassis/rpc'
import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, person, someone, startMs, system } from '../agency.fixture.js'
import { bookingOf, openDesk, slotAt } from '../desk.fixture.js'

let desk: Awaited<ReturnType<typeof openDesk>>
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(async () => {
  await desk.empty()
  desk.setNow(startMs)
})
afterAll(() => desk.close())

const days = ['2026-11-25T09:00', '2026-11-24T09:00', '2026-11-26T09:00']
/** Several dates that an agent books at once, for somebody without an account unless one is named. */
const series = (subject = '', at: readonly string[] = days) =>
  desk.book(bookingOf({ subject, slots: at.map((local) => slotAt(local)), by: byAgent }))
const shown = (value: string) => ({ of: { $case: 'appointment' as const, value } })
const get = (secret: string, appointmentId = '', call: Call = atGateway()) =>
  desk.get({ appointmentId, secret: shown(secret) }, call)
const idsOf = (all: readonly { readonly appointmentId: string }[]) => all.map(({ appointmentId }) => appointmentId)

describe('GetAppointment by a secret', () => {
  it('refuses another secret, one that a system or a person shows, and an appointment of another booking', async () => {
    const mine = await series()
    const other = await series('', ['2026-11-24T10:00', '2026-11-25T10:00'])
    const unknown = { reason: 'APPOINTMENT_UNKNOWN' }
    await expect(get('x'.repeat(43))).rejects.toMatchObject(unknown)
    await expect(get(mine.secret, '', person(someone()))).rejects.toMatchObject(unknown)
    await expect(get(mine.secret, '', system())).rejects.toMatchObject(unknown)
    for (const { appointmentId } of other.appointments)
      await expect(get(mine.secret, appointmentId)).rejects.toMatchObject(unknown)
  })

  it('answers its first, and the series in the order of beginnings, from whichever date it is asked', async () => {
    const { appointments, secret } = await series()
    const [second, first, third] = idsOf(appointments)
    await series('', ['2026-11-24T10:00', '2026-11-25T10:00'])
    const answer = await get(secret)
    expect(answer.appointment?.appointmentId).toBe(first)
    expect(idsOf(answer.series)).toEqual([first, second, third])
    for (const id of idsOf(appointments)) {
      const of = await get(secret, id)
      expect(of.appointment?.appointmentId).toBe(id)
      expect(of.series).toEqual(answer.series)
    }
  })

  it('says of each date where it stands, also after one was moved and the rest was cancelled', async () => {
    const { appointments, secret } = await series()
    const [second = '', first = ''] = idsOf(appointments)
    const slot = slotAt('2026-11-27T11:00')
    await desk.move({ appointmentId: second, slot, secret: shown(secret) }, atGateway())
    expect((await get(secret)).series.at(-1)).toMatchObject({ appointmentId: second, startsAtMs: slot.startsAtMs })
    await desk.cancel({ appointmentId: first, secret: shown(secret) }, atGateway())
    const { APPOINTMENT_STATE_BOOKED: booked, APPOINTMENT_STATE_CANCELLED: cancelled } = AppointmentState
    const states = async () => (await get(secret)).series.map(({ state }) => state)
    expect(await states()).toEqual([cancelled, booked, booked])
    await desk.cancel({ appointmentId: second, secret: shown(secret), wholeSeries: true }, atGateway())
    expect(await states()).toEqual([cancelled, cancelled, cancelled])
  })

  it('answers no series of one alone, nor to who lists their own', async () => {
    const alone = await desk.bookOne({ slots: [slotAt('2026-11-24T09:00')], by: byAgent })
    expect((await get(alone.secret)).series).toEqual([])
    const subject = someone()
    const { appointments } = await series(subject, days.slice(0, 1).concat('2026-11-26T10:00'))
    for (const call of [person(subject), system()]) {
      const { appointment, series: others } = await desk.get({ appointmentId: idsOf(appointments)[0] ?? '' }, call)
      expect([appointment?.seriesId, others]).toEqual([appointments[0]?.seriesId, []])
    }
  })
})
