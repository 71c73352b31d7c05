import type { Closure } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type CalendarRefusal, firstFault } from './calendar-refusal.js'
import { idWords, isId, isText, textWords } from './calendar-words.js'
import { type LocalTimeFault, statedMoment } from './local-time.js'
import { meets, type Span } from './slots.js'

/** A closure with the moments that its local times mean. */
export interface ClosureAt extends Span {
  readonly closure: Closure
}

const dayMs = 86_400_000
const mostDays = 366

/** What is wrong in a closure by itself, its times apart. */
export const closureRefusal = ({ closureId, of, title }: Closure, at: string): CalendarRefusal | undefined =>
  firstFault(at, [
    ['closureId', isId(closureId), idWords],
    ['of', of !== undefined, 'names a place or a resource'],
    ['title', isText(title), textWords],
  ])

const refusalOfTime = (fault: LocalTimeFault, field: string): CalendarRefusal => {
  if (fault === 'skipped') return { reason: 'LOCAL_TIME_SKIPPED', facts: { field } }
  if (fault === 'twice') return { reason: 'LOCAL_TIME_TWICE', facts: { field } }
  const what =
    fault === 'malformed'
      ? 'is a local time from 2000 to 2199, YYYY-MM-DDTHH:MM, with its offset where it exists twice'
      : 'has an offset that the clocks of the place have then'
  return { reason: 'CALENDAR_INVALID', facts: { field, what } }
}

/** When a closure is, by the clocks of its zone. */
export const closureAt = (closure: Closure, zone: string, at: string): ClosureAt | CalendarRefusal => {
  const startsAtMs = statedMoment(zone, closure.from)
  if (typeof startsAtMs !== 'number') return refusalOfTime(startsAtMs, `${at}.from`)
  const endsAtMs = statedMoment(zone, closure.to)
  if (typeof endsAtMs !== 'number') return refusalOfTime(endsAtMs, `${at}.to`)
  if (endsAtMs <= startsAtMs) return { reason: 'RANGE_INVERTED', facts: { field: `${at}.to` } }
  if (endsAtMs - startsAtMs > mostDays * dayMs)
    return { reason: 'RANGE_TOO_LONG', facts: { field: `${at}.to`, most: String(mostDays) } }
  return { closure, startsAtMs, endsAtMs }
}

const isOfSame = ({ closure: { of: a } }: ClosureAt, { closure: { of: b } }: ClosureAt): boolean =>
  a?.$case === b?.$case && a?.value === b?.value

/** CLOSURE_OVERLAPS naming the other one; of `others` those are left out that are put anew. What is retired meets nothing. */
export const overlapRefusal = (
  put: readonly ClosureAt[],
  others: readonly ClosureAt[],
): CalendarRefusal | undefined => {
  const anew = new Set(put.map(({ closure }) => closure.closureId))
  const standing = others.filter(({ closure }) => !anew.has(closure.closureId))
  for (const [index, one] of put.entries()) {
    if (one.closure.isRetired) continue
    const other = [...standing, ...put.slice(0, index)].find(
      (each) => !each.closure.isRetired && isOfSame(one, each) && meets(one, each),
    )
    if (other)
      return {
        reason: 'CLOSURE_OVERLAPS',
        facts: { field: `closures.${index}`, closureId: other.closure.closureId },
      }
  }
  return undefined
}
