import type { Span } from '../domain/slots.js'
import type { BusyEntry, When } from './busy-entry.js'
import type { RuleEffort } from './rule-effort.js'
import { ruledTimes } from './ruled-times.js'
import { mapped, type Steps } from './steps.js'

/** Moments, and days of one zone, in which something is looked up however many there are. */
interface Named {
  readonly moments: ReadonlySet<number>
  readonly days: ReadonlySet<string>
  readonly zone: string
}

function* namedBy(whens: readonly When[]): Steps<Named> {
  const days = whens.filter(({ isDay }) => isDay)
  return {
    moments: new Set(whens.flatMap(({ at, isDay }) => (isDay ? [] : [at.epochMilliseconds]))),
    days: new Set(yield* mapped(days, ({ at }) => at.toPlainDate().toString())),
    // Each day is one of the place.
    zone: days[0]?.at.timeZoneId ?? 'UTC',
  }
}

const isNamed = ({ moments, days, zone }: Named, at: When['at']): boolean =>
  moments.has(at.epochMilliseconds) || (days.size > 0 && days.has(at.withTimeZone(zone).toPlainDate().toString()))

const spanFrom = ({ endOf }: BusyEntry, at: When['at']): Span => ({
  startsAtMs: at.epochMilliseconds,
  endsAtMs: endOf(at).epochMilliseconds,
})

/** The date of a meeting as the entry that stands for it and for all that follow puts it: as much earlier or later by the wall clock. */
const shifted = (at: When['at'], { start, standsFor }: BusyEntry): When['at'] => {
  const original = (standsFor ?? start).at.withTimeZone(start.at.timeZoneId).toPlainDateTime()
  const by = original.until(start.at.toPlainDateTime())
  return at.withTimeZone(start.at.timeZoneId).toPlainDateTime().add(by).toZonedDateTime(start.at.timeZoneId)
}

/** What other entries say of dates of one meeting. */
export interface Standing {
  readonly single: Named
  readonly lasting: readonly { readonly each: BusyEntry; readonly fromMs: number }[]
}

/** What these entries say of the meeting that has their UID; those that stand for no date of it say nothing. */
export function* standingOf(others: readonly BusyEntry[]): Steps<Standing> {
  const standing = others.flatMap((each) => (each.standsFor ? [{ each, standsFor: each.standsFor }] : []))
  return {
    single: yield* namedBy(standing.flatMap(({ each, standsFor }) => (each.isFromThereOn ? [] : [standsFor]))),
    lasting: standing
      .filter(({ each }) => each.isFromThereOn)
      .map(({ each, standsFor }) => ({ each, fromMs: standsFor.at.epochMilliseconds })),
  }
}

/**
 * When one meeting keeps its owner busy, over a window and somewhat around it: its rule, the dates beside it, without those that
 * are left out, and each date for which another entry stands as that one says (RFC 5545, 3.8.5 and 3.8.4.4). Throws a RangeError where
 * that takes more than is left of the effort.
 */
export function* busySpansOf(
  entry: BusyEntry,
  { single, lasting }: Standing,
  window: Span,
  effort: RuleEffort,
): Steps<readonly Span[]> {
  const lastsMs = Math.max(0, spanFrom(entry, entry.start.at).endsAtMs - entry.start.at.epochMilliseconds)
  const around = { startsAtMs: window.startsAtMs - lastsMs, endsAtMs: window.endsAtMs }
  const begins = [...(yield* ruledTimes(entry, around, effort)), ...entry.also.map((each) => each.at)]
  const except = yield* namedBy(entry.except)
  const spans = yield* mapped(begins, (begin) => {
    if (isNamed(except, begin) || isNamed(single, begin)) return []
    const beginMs = begin.epochMilliseconds
    const last = lasting.findLast(({ fromMs }) => fromMs <= beginMs)?.each
    if (last) return last.isBusy ? [spanFrom(last, shifted(begin, last))] : []
    return entry.isBusy ? [spanFrom(entry, begin)] : []
  })
  return spans.flat()
}
