import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { byAgent, person, someone, startMs } from '../agency.fixture.js'
import { type Desk, openDesk, slotAt } from '../desk.fixture.js'
import { protectionConsumers } from '../events/on-subject-protected.js'
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

const merge = (one: string, into: string) =>
  desk.inTransaction((tx) => desk.agency.subjects.merge(tx, [one], into, Deadline.after(5000, systemClock)))

it('two who are one have both their appointments, though they would not have got the second', async () => {
  const [ada, augusta] = [someone(), someone()]
  await desk.bookOne({ subject: ada, slots: [slotAt('2026-11-23T09:00')] }, person(ada))
  await desk.bookOne({ subject: augusta, slots: [slotAt('2026-11-23T09:30')] }, person(augusta))
  await merge(augusta, ada)
  for (const subject of [ada, augusta]) {
    const { appointments } = await desk.list({ subject }, person(subject))
    expect(appointments).toMatchObject([{ subject: ada }, { subject: ada }])
    await desk.get({ appointmentId: appointments[0]?.appointmentId ?? '' }, person(subject))
    const third = { subject, slots: [slotAt('2026-11-24T09:00')] }
    await expect(desk.bookOne(third, person(subject))).rejects.toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED' })
  }
})

it('whoever is named by a former pseudonym books, holds and moves under the one that stands', async () => {
  const [ada, augusta] = [someone(), someone()]
  await merge(augusta, ada)
  const { holdId } = await desk.hold(
    { subject: augusta, slot: slotAt('2026-11-23T09:00'), isAccompanied: false },
    person(augusta),
  )
  const { appointment } = await desk.bookOne({ subject: ada, holdIds: [holdId] }, person(ada))
  expect(appointment.subject).toBe(ada)
  const moved = await desk.move({ appointmentId: holdId, slot: slotAt('2026-11-24T09:00') }, person(augusta))
  expect(moved.appointment).toMatchObject({ subject: ada, revision: 1 })
})

it('a link that was given to one of them books for the one', async () => {
  const [ada, augusta] = [someone(), someone()]
  const link = { serviceTypeId: 'id-card', placeIds: [], isAccompanied: false, by: byAgent }
  const { secret } = await desk.invite({ ...link, subject: augusta, expiresAtMs: startMs + 7 * 86_400_000 })
  await merge(augusta, ada)
  const { rows } = await desk.postgres.query('SELECT subject FROM booking_link')
  expect(rows).toEqual([{ subject: ada }])
  expect(secret).not.toBe('')
})

it('the identity service says who is protected, under all their pseudonyms, and until when; nobody else does', async () => {
  const [ada, augusta] = [someone(), someone()]
  const consumers = protectionConsumers(desk.agency)
  const hear = (kind: 'subject-protected' | 'subject-protection-ended', change: IdentityChange['change']) =>
    desk.inTransaction(async (tx) => {
      const data = IdentityChange.encode({ change }).finish()
      await consumers[`identity.${kind}.v1`]?.apply({ data, occurredAtMs: startMs } as never, tx)
    })
  const among = async () => [...(await desk.agency.protectedSubjects.among([ada, augusta], startMs))]
  const untilMs = startMs + 1000
  const of = { subjects: [ada, augusta], together: [], untilMs }
  await hear('subject-protected', { $case: 'subjectProtected', value: of })
  expect((await among()).sort()).toEqual([ada, augusta].sort())
  expect(await desk.agency.protectedSubjects.among([ada], untilMs)).toEqual(new Set())
  const ended = { $case: 'subjectProtectionEnded' as const, value: { subjects: [ada, augusta] } }
  await expect(hear('subject-protected', ended)).rejects.toMatchObject({ reason: 'REQUEST_MALFORMED' })
  await hear('subject-protection-ended', ended)
  expect(await among()).toEqual([])
  for (const { isSender } of Object.values(consumers)) {
    expect(isSender({ kind: 'neighbour', service: 'identity' })).toBe(true)
    expect(isSender({ kind: 'neighbour', service: 'documents' })).toBe(false)
  }
})
