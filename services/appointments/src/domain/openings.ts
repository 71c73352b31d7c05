import type { Hours } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { dayAfter, momentOf } from './local-time.js'
import { type DayRule, type Days, hoursByDay } from './recurrence.js'
import { type Opening, type Span, united } from './slots.js'

const byStart = (a: Span, b: Span): number => a.startsAtMs - b.startsAtMs || a.endsAtMs - b.endsAtMs

/** Hours of one local day as moments; those that overlap are one, and those that a change of the clocks leaves nothing of are gone. */
const spansOfDay = (zone: string, day: string, hours: readonly Hours[]): Span[] => {
  const spans = hours
    .map(({ from, to }) => ({
      startsAtMs: momentOf(zone, day, from),
      endsAtMs: momentOf(zone, to > from ? day : dayAfter(day, 1), to),
    }))
    .filter(({ startsAtMs, endsAtMs }) => startsAtMs < endsAtMs)
    .sort(byStart)
  const united: Span[] = []
  for (const span of spans) {
    const last = united.at(-1)
    if (last && span.startsAtMs < last.endsAtMs)
      united[united.length - 1] = { ...last, endsAtMs: Math.max(last.endsAtMs, span.endsAtMs) }
    else united.push(span)
  }
  return united
}

/**
 * When a schedule takes meetings by its rule and exceptions, in the order of time. Hours that reach into the next day end before those of that
 * day do not begin: the later opening is cut, and keeps the grid that it has by itself.
 */
const ruledOpenings = (rule: DayRule, zone: string, days: Days): Opening[] => {
  // What reaches over midnight from the day before cuts the first day, whichever day one begins to look from.
  const looked = { from: dayAfter(days.from, -1), to: days.to }
  const openings: Opening[] = []
  let reachedMs = Number.NEGATIVE_INFINITY
  for (const [day, hours] of hoursByDay(rule, looked)) {
    const spans = spansOfDay(zone, day, hours)
    for (const { startsAtMs, endsAtMs } of spans) {
      const opening = { startsAtMs: Math.max(startsAtMs, reachedMs), endsAtMs, gridAtMs: startsAtMs }
      if (day >= days.from && opening.startsAtMs < endsAtMs) openings.push(opening)
    }
    reachedMs = Math.max(reachedMs, spans.at(-1)?.endsAtMs ?? reachedMs)
  }
  return openings
}

/** Where the first of some spans, apart and in the order of time, is that ends after a moment. */
const firstAfter = (spans: readonly Span[], ms: number): number => {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.endsAtMs ?? ms) > ms) high = middle
    else low = middle + 1
  }
  return low
}

/** What times leave of openings; the grid of each stays. Both in any order. */
export const cutBy = (openings: readonly Opening[], closed: readonly Span[]): Opening[] => {
  // A busy calendar has thousands of times, of which an opening meets few.
  const times = united(closed)
  return openings.flatMap((opening) => {
    const left: Opening[] = []
    let fromMs = opening.startsAtMs
    const around = times.slice(firstAfter(times, fromMs), firstAfter(times, opening.endsAtMs) + 1)
    for (const { startsAtMs, endsAtMs } of around) {
      if (startsAtMs >= opening.endsAtMs) break
      if (startsAtMs > fromMs) left.push({ ...opening, startsAtMs: fromMs, endsAtMs: startsAtMs })
      fromMs = endsAtMs
    }
    if (fromMs < opening.endsAtMs) left.push({ ...opening, startsAtMs: fromMs })
    return left
  })
}

/** The openings of a schedule whose hours begin on local days of a zone: what closures and busy times leave of rule and exceptions. */
export const openingsOf = (rule: DayRule, zone: string, days: Days, closed: readonly Span[]): Opening[] =>
  cutBy(ruledOpenings(rule, zone, days), closed)
