import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, serviceType, someone, startMs, system } from '../agency.fixture.js'
import { bookingOf, type Desk, openDesk, slotAt } from '../desk.fixture.js'
import { tellWhatIsDue } from '../hub/chores.js'
import { hubToken, openHub, type StandInHub } from '../hub/hub.fixture.js'
import { Hub } from '../hub/hub.js'
import { bookAppointment } from '../rpc/book-appointment.js'
import { protectionConsumers } from './on-subject-protected.js'

const [one, two] = ['ABCDE12345', 'FGHIJ67890']
const [nine, ten, eleven] = ['2026-11-24T09:00', '2026-11-24T10:00', '2026-11-24T11:00']
const untilMs = startMs + 400 * 86_400_000
/** For so long nobody else tells what a process has taken. */
const takenMs = 60_000

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
  await desk.empty()
  await desk.postgres.query('TRUNCATE hub_notice')
})
afterAll(async () => {
  await desk.close()
  await standIn.close()
})

const heard = (subjects: string[]) => {
  const change: IdentityChange['change'] = {
    $case: 'subjectProtected',
    value: { subjects, together: [], untilMs },
  }
  const data = IdentityChange.encode({ change }).finish()
  return desk.inTransaction(async (tx) =>
    protectionConsumers(desk.agency)['identity.subject-protected.v1']?.apply(
      { data, occurredAtMs: startMs } as never,
      tx,
    ),
  )
}
const request = (subject: string, preApplications: string[], at: string) =>
  bookingOf({ subject, slots: [slotAt(at, { units: preApplications.length })], preApplications, by: byAgent })
const book = async (subject: string, preApplications: string[], at = nine) =>
  (await desk.bookOne(request(subject, preApplications, at), system())).appointment
const notices = async () =>
  (
    await desk.postgres.query<{ pre_application: string; method: string; local_start: string }>(
      'SELECT pre_application, method, local_start FROM hub_notice ORDER BY notice_no',
    )
  ).rows.map((row) => `${row.method} ${row.pre_application} ${row.local_start}`)
const isAnybodyLocked = async () =>
  (
    await desk.postgres.query(
      `SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
  ).rowCount !== 0
const known = () => standIn.known().map((each) => `${each.application_id} ${each.appointment_date}`)

describe('when somebody becomes protected, the national hub', () => {
  it('is not told what it had not heard, and hears nothing of it', async () => {
    const ada = someone()
    await book(ada, [one, two])
    await heard([ada])
    expect(await notices()).toEqual([])
    await tellWhatIsDue(desk)
    expect(standIn.calls).toEqual([])
  })

  it('is told to forget what it has heard, for each number', async () => {
    const ada = someone()
    await book(ada, [one, two])
    await tellWhatIsDue(desk)
    await heard([ada])
    expect((await notices()).sort()).toEqual([`DELETE ${one} ${nine}`, `DELETE ${two} ${nine}`])
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
  })

  it('is told nothing twice where the event comes again', async () => {
    const ada = someone()
    await book(ada, [one])
    await tellWhatIsDue(desk)
    await heard([ada])
    await heard([ada])
    expect(await notices()).toEqual([`DELETE ${one} ${nine}`])
    await tellWhatIsDue(desk)
    await heard([ada, someone()])
    expect(await notices()).toEqual([])
  })

  it('forgets what is kept under another name of theirs', async () => {
    const [ada, augusta] = [someone(), someone()]
    await book(ada, [one])
    await book(augusta, [two], ten)
    await tellWhatIsDue(desk)
    await desk.inTransaction((tx) => desk.agency.subjects.merge(tx, [augusta], ada, Deadline.after(5000, systemClock)))
    await heard([augusta])
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
  })

  it('keeps what it knows of others, and of nobody', async () => {
    await book(someone(), [one])
    await book('', [two], ten)
    await tellWhatIsDue(desk)
    await book('', [one], eleven)
    await heard([someone(), ''])
    expect(await notices()).toEqual([`POST ${one} ${eleven}`])
    expect(known()).toEqual([`${one} ${nine}`, `${two} ${ten}`])
  })

  it('is told to forget what somebody may just be telling it, when they have ended', async () => {
    const ada = someone()
    await book(ada, [one])
    const [taken] = await desk.hubNotices.take(startMs, startMs + takenMs, 8)
    await heard([ada])
    await tellWhatIsDue(desk)
    expect(standIn.calls).toEqual([])
    // Who has taken it comes to its end.
    if (!taken) throw new Error('nothing was taken')
    await desk.agency.hub?.tell(taken)
    await desk.hubNotices.heard(taken.no)
    desk.setNow(startMs + takenMs)
    await tellWhatIsDue(desk)
    expect([known(), await notices()]).toEqual([[], []])
  })

  it('is told only to forget what was moved before it heard of it, and nothing new of what was cancelled', async () => {
    const ada = someone()
    const moved = await book(ada, [one])
    const cancelled = await book(ada, [two], ten)
    await tellWhatIsDue(desk)
    const byHand = { by: byAgent, because: 'Closed.' }
    await desk.move({ appointmentId: moved.appointmentId, slot: slotAt(eleven), by: byAgent })
    await desk.cancel({ appointmentId: cancelled.appointmentId, ...byHand })
    const unheard = await book(ada, [two], ten)
    await desk.cancel({ appointmentId: unheard.appointmentId, ...byHand })
    await heard([ada])
    expect((await notices()).every((each) => each.startsWith('DELETE'))).toBe(true)
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
    expect(standIn.calls.filter((call) => call.startsWith('POST'))).toHaveLength(2)
  })

  it('hears again of what changes after the end, and forgets that too when there is another protection', async () => {
    const ada = someone()
    const { appointmentId } = await book(ada, [one])
    await heard([ada])
    await desk.inTransaction((tx) => desk.protectedSubjects.end(tx, [ada], startMs))
    await desk.move({ appointmentId, slot: slotAt(ten), by: byAgent })
    await tellWhatIsDue(desk)
    expect(known()).toEqual([`${one} ${ten}`])
    await heard([ada])
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
  })

  it('is told nothing by who was just booking for them', async () => {
    const ada = someone()
    let event: Promise<unknown> | undefined
    await desk.inTransaction(async (tx) => {
      await bookAppointment(desk.agency).effect(request(ada, [one], nine), system(), tx)
      let isOver = false
      event = heard([ada]).finally(() => {
        isOver = true
      })
      // The booking ends only when the event has got as far as it can before that.
      while (!isOver && !(await isAnybodyLocked()));
    })
    await event
    await tellWhatIsDue(desk)
    expect(known()).toEqual([])
  })
})
