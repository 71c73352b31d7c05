import { daysBetween, localDay, spanOfDays } from './local-time.js'

/** How far a range reaches at most, and how far ahead it ends, in days. */
export const mostWaitingDays = 366

/** Local days, YYYY-MM-DD, both included. */
export interface DayRange {
  readonly fromDay: string
  readonly toDay: string
}

/** Why nobody can wait for these days at places in these zones; undefined where they can. */
export const rangeRefusal = (
  { fromDay, toDay }: DayRange,
  zones: readonly string[],
  nowMs: number,
): 'RANGE_INVERTED' | 'RANGE_TOO_LONG' | 'TIME_PASSED' | undefined => {
  if (toDay < fromDay) return 'RANGE_INVERTED'
  if (daysBetween(fromDay, toDay) + 1 > mostWaitingDays) return 'RANGE_TOO_LONG'
  const todays = zones.map((zone) => localDay(zone, nowMs))
  if (todays.every((today) => toDay < today)) return 'TIME_PASSED'
  return todays.every((today) => daysBetween(today, toDay) > mostWaitingDays) ? 'RANGE_TOO_LONG' : undefined
}

/** The first and the last moment at which a slot of these local days may begin, in whichever of the zones. */
export const rangeMoments = (
  { fromDay, toDay }: DayRange,
  zones: readonly string[],
): { readonly fromMs: number; readonly untilMs: number } => {
  const spans = zones.map((zone) => spanOfDays(zone, fromDay, toDay))
  return {
    fromMs: Math.min(...spans.map(({ startsAtMs }) => startsAtMs)),
    untilMs: Math.max(...spans.map(({ endsAtMs }) => endsAtMs)) - 1,
  }
}
