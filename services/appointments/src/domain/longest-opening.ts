import type { Hours } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Calendar } from './calendar.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
// Clocks that are put back make hours longer.
const slackMs = 3 * hourMs

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

const spanOfHours = (hours: readonly Hours[]): number => {
  const begins = hours.map(({ from }) => minutesOf(from))
  const ends = hours.map(({ from, to }) => minutesOf(to) + (to > from ? 0 : 1440))
  return hours.length === 0 ? 0 : (Math.max(...ends) - Math.min(...begins)) * 60_000
}

/** Of hours that stand apart the longest is shorter, but those that overlap are one opening. */
const longestOf = (hours: readonly Hours[]): number => {
  const alone = Math.max(0, ...hours.map((each) => spanOfHours([each])))
  const sorted = [...hours].sort((a, b) => (a.from < b.from ? -1 : 1))
  const areApart = sorted.every(({ to }, index) => {
    const next = sorted[index + 1]
    return !next || (to > (sorted[index]?.from ?? '') && to <= next.from)
  })
  return areApart ? alone : spanOfHours(hours)
}

const known = new WeakMap<Calendar, number>()

/** No opening of a calendar is longer, milliseconds. */
export const longestOpeningMs = (calendar: Calendar): number => {
  const there = known.get(calendar)
  if (there !== undefined) return there
  let longest = 0
  for (const { schedule } of calendar.schedules.values())
    for (const hours of [schedule.hours, ...schedule.exceptions.map((each) => each.hours)])
      longest = Math.max(longest, longestOf(hours))
  const made = Math.min(longest + slackMs, 2 * dayMs + slackMs)
  known.set(calendar, made)
  return made
}
