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

/** What an agent's link gives to somebody whom the agency knows. */
const invited = async (subject: string, at = '2026-11-24T09:00') => {
  const link = { serviceTypeId: 'id-card', placeIds: [], isAccompanied: false, expiresAtMs: startMs + 7 * 86_400_000 }
  const { secret } = await desk.invite({ ...link, subject, by: byAgent })
  const by = { of: { $case: 'link' as const, value: secret } }
  return desk.bookOne({ slots: [slotAt(at)], note: 'After my shift at the port.', secret: by }, atGateway())
}
const protect = (subject: string) =>
  desk.inTransaction((tx) => desk.agency.protectedSubjects.protect(tx, [subject], startMs + 86_400_000))

describe('whoever has only the secret of a protected person’s appointment', () => {
  const where = { placeId: '', place: undefined, practitionerId: '', practitionerShown: '', scheduleId: '' }

  it('does not learn where it is, nor from words that can tell anything, nor of its series', async () => {
    const ada = someone()
    const { secret } = await invited(ada)
    await protect(ada)
    const { appointment } = await get(secret)
    expect(appointment).toMatchObject({ ...where, startsAtMs: slotAt('2026-11-24T09:00').startsAtMs })
    expect(appointment).toMatchObject({ note: '', contact: undefined, bookedBy: undefined, preparation: undefined })
    await desk.postgres.query('UPDATE appointment SET series_id = appointment_id')
    expect((await get(secret)).series).toMatchObject([where])
  })

  it('does not move it, and so neither learns by that where it is nor chooses where it will be', async () => {
    const ada = someone()
    const { secret } = await invited(ada)
    await protect(ada)
    const low = { reason: 'ASSURANCE_TOO_LOW', facts: { required_acr: 'eidas2' } }
    for (const at of ['2026-11-24T09:00', '2026-11-25T09:00']) {
      const moved = desk.move({ slot: slotAt(at), secret: shown(secret) }, atGateway())
      await expect(moved).rejects.toMatchObject(low)
    }
    const other = desk.move({ slot: slotAt('2026-11-25T09:00'), secret: shown('x'.repeat(43)) }, atGateway())
    await expect(other).rejects.toMatchObject({ reason: 'APPOINTMENT_UNKNOWN' })
  })

  it('still cancels it, and hears only that', async () => {
    const ada = someone()
    const { secret } = await invited(ada)
    await protect(ada)
    const { appointments } = await desk.cancel({ secret: shown(secret) }, atGateway())
    expect(appointments).toMatchObject([{ ...where, state: AppointmentState.APPOINTMENT_STATE_CANCELLED }])
  })

  it('sees and moves it again when the protection has ended, and what is nobody’s is never withheld', async () => {
    const ada = someone()
    const { secret } = await invited(ada)
    const nobody = await desk.bookOne({ slots: [slotAt('2026-11-24T10:00')], by: byAgent })
    await protect(ada)
    await protect('')
    expect((await get(nobody.secret)).appointment).toMatchObject({ placeId: 'hall' })
    await desk.inTransaction((tx) => desk.agency.protectedSubjects.end(tx, [ada], startMs))
    expect((await get(secret)).appointment).toMatchObject({ placeId: 'hall', note: 'After my shift at the port.' })
    await desk.move({ slot: slotAt('2026-11-25T09:00'), secret: shown(secret) }, atGateway())
  })
})

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
