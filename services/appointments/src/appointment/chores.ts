import { afterReleased } from '../booking/freed.js'
import type { AppointmentsContext } from '../context.js'
import { reminderAfter } from '../domain/appointment.js'
import { appointmentEvent } from './events.js'

type Needs = Pick<
  AppointmentsContext,
  | 'runtime'
  | 'book'
  | 'openings'
  | 'appointments'
  | 'claims'
  | 'bookingLinks'
  | 'protectedSubjects'
  | 'waiting'
  | 'afterFreed'
>

const sweepMs = 1000
const remindMs = 5000
const forgetMs = 60_000
const atOnce = 100

/** Ends holds that are over; answers how many there were to look at. What somebody else is dealing with is left to them. */
const endSome = async (needs: Needs): Promise<number> => {
  const { runtime, appointments, claims } = needs
  const nowMs = runtime.clock.nowMs()
  const overdue = await claims.overdue(nowMs, atOnce)
  if (overdue.length === 0) return 0
  return runtime.postgres.transaction(async (tx) => {
    const locked = await appointments.lockFree(tx, overdue)
    const over = locked.filter(({ state, heldUntilMs }) => state === 'held' && (heldUntilMs ?? nowMs + 1) <= nowMs)
    const ids = over.map(({ appointmentId }) => appointmentId)
    await appointments.lapse(tx, ids)
    const released = await claims.release(tx, ids)
    const events = await afterReleased(tx, needs, over, released)
    if (events.length > 0) await runtime.outbox.add(tx, events)
    return over.length
  })
}

/** Ends holds that are over, and gives what they kept to whoever waits; replicas may do so at the same time. */
export const endHolds = async (needs: Needs): Promise<void> => {
  while ((await endSome(needs)) > 0) needs.runtime.outbox.wake()
}

/** Tells of some reminders that are due, and when the next ones are; answers how many. */
const remindSome = ({ runtime, book, appointments }: Needs): Promise<number> =>
  runtime.postgres.transaction(async (tx) => {
    const nowMs = Math.floor(runtime.clock.nowMs())
    const due = await appointments.lockDueReminders(tx, nowMs, atOnce)
    if (due.length === 0) return 0
    const { serviceTypes } = await book.current(tx)
    const nextOf = (each: (typeof due)[number]): number | undefined => {
      const type = serviceTypes.get(each.serviceTypeId)
      return type && reminderAfter(each, type, nowMs)
    }
    await appointments.remindAt(tx, new Map(due.map((each) => [each.appointmentId, nextOf(each)])))
    // One that was due while the service was away is of no use once the meeting has begun.
    const useful = due.filter(({ state, startsAtMs }) => state === 'booked' && startsAtMs > nowMs)
    await runtime.outbox.add(
      tx,
      useful.map(({ appointmentId }) => appointmentEvent('reminderDue', appointmentId, nowMs)),
    )
    return due.length
  })

/** Tells of the reminders that are due; replicas may do so at the same time. */
export const remindDue = async (needs: Needs): Promise<void> => {
  while ((await remindSome(needs)) > 0) needs.runtime.outbox.wake()
}

/** Deletes what no retention covers: appointments with their keys, links that are over, ended protections. */
export const forgetEnded = async ({ runtime, appointments, bookingLinks, protectedSubjects }: Needs): Promise<void> => {
  const nowMs = runtime.clock.nowMs()
  while ((await appointments.deleteEnded(nowMs, atOnce)) > 0);
  await bookingLinks.deleteEnded(nowMs)
  await protectedSubjects.deleteEnded(nowMs)
}

/** What the appointments service does again and again. */
export const appointmentChores = (needs: Needs) => [
  { everyMs: sweepMs, run: () => endHolds(needs) },
  { everyMs: remindMs, run: () => remindDue(needs) },
  { everyMs: forgetMs, run: () => forgetEnded(needs) },
]
