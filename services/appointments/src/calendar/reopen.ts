import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import { type Calendar, type KnownSchedule, offeredBy, resourceNosOf } from '../domain/calendar.js'
import { closureSpan } from '../domain/closure-span.js'
import { isFull, type TakenTimes } from '../domain/free-slots.js'
import { dayAfter, localDay } from '../domain/local-time.js'
import { openingsOf } from '../domain/openings.js'
import type { Days } from '../domain/recurrence.js'
import { horizonOf, type Span } from '../domain/slots.js'
import { lockSchedules, noteEdition, noteOpened } from '../store/opened-schedules.js'
import type { OpeningOf } from '../store/openings.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'calendars' | 'openings'>

const dayMs = 86_400_000
const mostDays = 366
// So few that whoever waits for this process does not notice.
const atOnce = 20
/** By which edition of the time zone database moments are computed here, as "2025b". */
export const zoneEdition = process.versions.tz ?? ''

/** The last local day whose openings are wanted: as far as anybody may book by themselves, and a day for who looks at midnight. */
export const lastDayOf = ({ schedule, place }: KnownSchedule, { serviceTypes }: Calendar, nowMs: number): string => {
  const horizons = schedule.serviceTypeIds.flatMap((id) => serviceTypes.get(id) ?? []).map(horizonOf)
  return dayAfter(localDay(place.zone, nowMs), Math.min(Math.max(0, ...horizons) + 1, mostDays))
}

/** When nobody is seen although their schedules say so, after a moment: closures of places and resources, and busy times. */
export const closedTimes = async (
  { calendars }: Needs,
  tx: Transaction,
  { places }: Calendar,
  schedules: readonly KnownSchedule[],
  afterMs: number,
): Promise<(known: KnownSchedule) => readonly Span[]> => {
  const resources = schedules.flatMap(({ practitioner, room }) => [practitioner, room].flatMap((each) => each ?? []))
  const zones = new Map(resources.map(({ resource }) => [resource.resourceId, places.get(resource.placeId)?.zone]))
  const placeIds = [...new Set(schedules.map(({ place }) => place.placeId))]
  const closures = (await calendars.closuresOf(placeIds, [...zones.keys()], afterMs, tx)).map((kept) => {
    const { of } = kept.closure
    const zone = of?.$case === 'placeId' ? places.get(of.value)?.zone : zones.get(of?.value ?? '')
    // By the clocks as they are known now, which may have changed since it was published.
    return { of, span: (zone !== undefined && closureSpan(kept.closure, zone)) || kept }
  })
  const busy = await calendars.busyTimes([...new Set(resources.map(({ no }) => no))], afterMs, tx)
  return (known) => {
    const nos = resourceNosOf(known)
    const ids = [known.practitioner, known.room].map((each) => each?.resource.resourceId)
    const isOfThis = ({ of }: (typeof closures)[number]): boolean =>
      of?.$case === 'placeId' ? of.value === known.place.placeId : ids.includes(of?.value)
    return [
      ...closures.filter(isOfThis).map(({ span }) => span),
      ...busy.filter(({ resourceNo }) => nos.includes(resourceNo)),
    ]
  }
}

const nothing: TakenTimes = new Map()

/**
 * The openings that a schedule has by what was published, whose hours begin on these local days; none where it is retired. What closures and
 * busy times leave too little of for anything is full from the beginning, so that no search looks at it.
 */
export const openedOn = (
  known: KnownSchedule,
  calendar: Calendar,
  days: Days,
  closed: readonly Span[],
): readonly OpeningOf[] => {
  const { no, schedule, place } = known
  if (schedule.isRetired) return []
  const types = offeredBy(known, calendar)
  return openingsOf(schedule, place.zone, days, closed).map((opening) => ({
    ...opening,
    scheduleNo: no,
    isFull: isFull(known, types, opening, nothing),
  }))
}

/**
 * Computes the openings of schedules anew, from now on. The transaction holds the calendar's lock, and has written what they come from.
 */
export const reopen = async (
  needs: Needs,
  tx: Transaction,
  calendar: Calendar,
  schedules: readonly KnownSchedule[],
): Promise<void> => {
  if (schedules.length === 0) return
  const { runtime, openings } = needs
  const nowMs = Math.floor(runtime.clock.nowMs())
  const fromMs = nowMs - dayMs
  const nos = schedules.map(({ no }) => no)
  // What is computed for the next days by somebody else is committed by then, and seen.
  await lockSchedules(tx, nos)
  const closed = await closedTimes(needs, tx, calendar, schedules, fromMs)
  for (let at = 0; at < schedules.length; at += atOnce) {
    const some = schedules.slice(at, at + atOnce)
    const opened = some.flatMap((known) => {
      // Hours of the day before yesterday may have ended less than a day ago.
      const days = { from: dayAfter(localDay(known.place.zone, nowMs), -2), to: lastDayOf(known, calendar, nowMs) }
      return openedOn(known, calendar, days, closed(known)).filter(({ endsAtMs }) => endsAtMs > fromMs)
    })
    await openings.replace(
      tx,
      some.map(({ no }) => no),
      fromMs,
      opened,
    )
  }
  const on = localDay('UTC', nowMs)
  await noteOpened(
    tx,
    schedules.map((known) => ({
      scheduleNo: known.no,
      openedUntil: known.schedule.isRetired ? undefined : lastDayOf(known, calendar, nowMs),
      on,
    })),
  )
  await noteEdition(tx, nos, zoneEdition)
}
