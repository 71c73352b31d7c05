import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { CalendarRefusal } from './calendar-refusal.js'
import { dayAfter, daysBetween, localDay, spanOfDays } from './local-time.js'
import type { Days } from './recurrence.js'
import { horizonOf, type Span } from './slots.js'

/** How many local days one search looks through. */
export const mostDays = 92

/** Why days are no search; an empty one is not said. */
export const daysRefusal = ({ from, to }: Days, today: string): CalendarRefusal | undefined => {
  if (to !== '' && from !== '' && to < from) return { reason: 'RANGE_INVERTED', facts: { field: 'toDay' } }
  if (to !== '' && to < today) return { reason: 'TIME_PASSED', facts: { field: 'toDay' } }
  const first = from > today ? from : today
  if (to !== '' && daysBetween(from === '' ? first : from, to) >= mostDays)
    return { reason: 'RANGE_TOO_LONG', facts: { field: 'toDay', most: String(mostDays) } }
  return undefined
}

/** The local days of a place that are looked through; those that are not said are today and the horizon of the service type. */
export const searchedDays = (asked: Days, type: Pick<ServiceType, 'horizonDays'>, today: string): Days => {
  const from = asked.from > today ? asked.from : today
  if (asked.to !== '') return { from, to: asked.to }
  const [horizon, furthest] = [dayAfter(today, horizonOf(type)), dayAfter(from, mostDays - 1)]
  const last = horizon < furthest ? horizon : furthest
  return { from, to: last > from ? last : from }
}

/** When a slot begins that a search may answer: the first such moment, and the first one that is too late. */
export const searchedSpan = (
  zone: string,
  days: Days,
  nowMs: number,
  bookable: Pick<ServiceType, 'noticeMinutes' | 'horizonDays'> | undefined,
): Span => {
  const whole = spanOfDays(zone, days.from, days.to)
  // What begins at this very moment has passed for who would book it.
  const startsAtMs = Math.max(whole.startsAtMs, nowMs + Math.max(1, (bookable?.noticeMinutes ?? 0) * 60_000))
  if (!bookable) return { ...whole, startsAtMs }
  const horizon = spanOfDays(zone, localDay(zone, nowMs), dayAfter(localDay(zone, nowMs), horizonOf(bookable)))
  return { startsAtMs, endsAtMs: Math.min(whole.endsAtMs, horizon.endsAtMs) }
}
