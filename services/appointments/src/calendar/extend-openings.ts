import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import { dayAfter, localDay } from '../domain/local-time.js'
import { noteOpened, outdatedSchedules, takeDueSchedules } from '../store/opened-schedules.js'
import type { ServingNeeds } from '../waiting/needs.js'
import { serveOpened } from '../waiting/serve-opened.js'
import { closedTimes, lastDayOf, openedOn, reopen, zoneEdition } from './reopen.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'calendars' | 'book' | 'openings'>
type RenewingNeeds = Needs & ServingNeeds

const atOnce = 50
const dayMs = 86_400_000

/** Adds the days that have come within the horizon of some schedules, and forgets what is over. Answers how many it looked at. */
const extendSome = async (needs: Needs, tx: Transaction): Promise<number> => {
  const { runtime, book, openings } = needs
  const nowMs = Math.floor(runtime.clock.nowMs())
  const today = localDay('UTC', nowMs)
  const due = await takeDueSchedules(tx, today, atOnce)
  if (due.length === 0) return 0
  const calendar = await book.current(tx)
  const known = due.flatMap(({ scheduleNo, openedUntil }) => {
    const schedule = calendar.schedulesByNo.get(scheduleNo)
    return schedule && openedUntil !== undefined ? [{ known: schedule, openedUntil }] : []
  })
  const closed = await closedTimes(
    needs,
    tx,
    calendar,
    known.map((each) => each.known),
    nowMs,
  )
  const opened = known.map(({ known: schedule, openedUntil }) => {
    const until = lastDayOf(schedule, calendar, nowMs)
    const days = { from: dayAfter(openedUntil, 1), to: until }
    const isFurther = days.from <= days.to
    return {
      openings: isFurther ? openedOn(schedule, calendar, days, closed(schedule)) : [],
      scheduleNo: schedule.no,
      openedUntil: isFurther ? until : openedUntil,
    }
  })
  await openings.add(
    tx,
    opened.flatMap((each) => each.openings),
  )
  await openings.forgetEnded(
    tx,
    due.map(({ scheduleNo }) => scheduleNo),
    nowMs - dayMs,
  )
  // By which edition the days before were computed is another chore's concern.
  await noteOpened(
    tx,
    opened.map(({ scheduleNo, openedUntil }) => ({ scheduleNo, openedUntil, on: today })),
  )
  return due.length
}

/** Opens, each day, the days that come within the horizon of each schedule; replicas share the work. */
export const extendOpenings = async (needs: Needs): Promise<void> => {
  while ((await needs.runtime.postgres.transaction((tx) => extendSome(needs, tx))) === atOnce);
}

/** Some schedules whose moments an older edition of the time zone database gave. Answers how many. */
const renewSome = async (needs: RenewingNeeds, tx: Transaction): Promise<number> => {
  await needs.calendars.lock(tx)
  const outdated = await outdatedSchedules(tx, zoneEdition, atOnce)
  const calendar = await needs.book.current(tx)
  const known = outdated.flatMap((no) => calendar.schedulesByNo.get(no) ?? [])
  await reopen(needs, tx, calendar, known)
  const events = await serveOpened(needs, tx, calendar, known)
  if (events.length > 0) await needs.runtime.outbox.add(tx, events)
  return outdated.length
}

/** Computes openings anew where the clocks of some zone may have changed since. */
export const renewOpenings = async (needs: RenewingNeeds): Promise<void> => {
  let renewed: number
  do {
    renewed = await needs.runtime.postgres.transaction((tx) => renewSome(needs, tx))
    if (renewed > 0) needs.runtime.outbox.wake()
  } while (renewed === atOnce)
}
