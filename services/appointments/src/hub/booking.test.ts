import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, person, serviceType, someone, startMs, system } from '../agency.fixture.js'
import { type Desk, openDesk, slotAt } from '../desk.fixture.js'
import { findByPreApplications } from '../rpc/find-by-pre-applications.js'
import { tellWhatIsDue } from './chores.js'
import { hubToken, openHub, type StandInHub } from './hub.fixture.js'
import { Hub } from './hub.js'

const [one, two] = ['ABCDE12345', 'FGHIJ67890']
const [nine, ten] = ['2026-11-24T09:00', '2026-11-24T10:00']

let standIn: StandInHub
let desk: Desk
beforeAll(async () => {
  standIn = await openHub()
  const hub = new Hub({ url: standIn.url, token: hubToken, timeoutMs: 5000 })
  desk = await openDesk({ serviceTypes: [serviceType({ hubReasons: ['CNI'] })] }, { hub })
})
beforeEach(async () => {
  standIn.forget()
  desk.setNow(startMs)
  await desk.postgres.query('TRUNCATE appointment, claim, hub_notice, outbox CASCADE')
})
afterAll(async () => {
  await desk.close()
  await standIn.close()
})

const book = (numbers: string[], { isSecondConfirmed = false, at = nine } = {}) => {
  const subject = someone()
  const slots = [slotAt(at, { units: numbers.length })]
  return desk.bookOne({ subject, slots, preApplications: numbers, isSecondConfirmed }, person(subject))
}
const bookByAgent = (numbers: string[]) =>
  desk.bookOne({ subject: someone(), slots: [slotAt(nine)], preApplications: numbers, by: byAgent }, system())
const known = () => standIn.known().map((each) => [each.application_id, each.appointment_date, each.management_url])

describe('an appointment with a pre-application of the national hub', () => {
  it('is not booked by a person where the hub says no, or nothing, and takes no slot', async () => {
    standIn.says(one, 'consumed')
    await expect(book([one])).rejects.toMatchObject({ reason: 'PRE_APPLICATION_NOT_VALIDATED' })
    standIn.says(one, 'validated')
    standIn.goesWrong('refused')
    await expect(book([one])).rejects.toMatchObject({ reason: 'HUB_UNREACHABLE' })
    expect(await desk.claimed()).toEqual([])
    expect(await desk.told()).toEqual([])
    await book([one])
  })

  it('tells the hub nothing of where a protected person will be', async () => {
    const subject = someone()
    await desk.postgres.transaction((tx) =>
      desk.agency.protectedSubjects.protect(tx, [subject], startMs + 400 * 86_400_000),
    )
    const slots = [slotAt(nine)]
    await desk.bookOne({ subject, slots, preApplications: [one], by: byAgent }, system())
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
    const find = findByPreApplications(desk.agency).handle({ preApplications: [one] }, atGateway())
    expect(await find).toEqual({ booked: [] })
  })

  it('does not tell whoever knows the number that a protected person comes here', async () => {
    standIn.says(one, 'validated')
    const { appointment } = await book([one])
    await desk.inTransaction((tx) =>
      desk.agency.protectedSubjects.protect(tx, [appointment.subject], startMs + 400 * 86_400_000),
    )
    await book([one], { at: ten })
  })

  it('warns of another one, here or elsewhere, until the person confirms', async () => {
    standIn.says(one, 'validated')
    const { appointment } = await book([one])
    await expect(book([one], { at: ten })).rejects.toMatchObject({
      reason: 'PRE_APPLICATION_ALREADY_BOOKED',
      facts: { managementUrl: `https://hall.example/appointments/${appointment.appointmentId}` },
    })
    await book([one], { at: ten, isSecondConfirmed: true })
    await tellWhatIsDue(desk)
    expect(known()).toHaveLength(2)
  })

  it('is booked by an agent without the hub, which is told of it once it is there', async () => {
    standIn.goesWrong('refused')
    const { appointment } = await bookByAgent([one])
    expect(standIn.calls).toEqual([])
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
    desk.setNow(startMs + 1000)
    await tellWhatIsDue(desk)
    const url = `https://hall.example/appointments/${appointment.appointmentId}`
    expect(known()).toEqual([[one, nine, url]])
  })

  it('is told to the hub where it is moved and cancelled, for each number', async () => {
    standIn.says(one, 'validated')
    standIn.says(two, 'validated')
    const { appointment } = await book([one, two])
    const { appointmentId } = appointment
    const url = `https://hall.example/appointments/${appointmentId}`
    await tellWhatIsDue(desk)
    expect(new Set(known().map(String))).toEqual(new Set([`${one},${nine},${url}`, `${two},${nine},${url}`]))
    await desk.move({ appointmentId, slot: slotAt(ten, { units: 2 }), by: byAgent })
    await tellWhatIsDue(desk)
    expect(new Set(known().map(String))).toEqual(new Set([`${one},${ten},${url}`, `${two},${ten},${url}`]))
    await desk.cancel({ appointmentId, because: 'Closed.', by: byAgent })
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
  })
})
