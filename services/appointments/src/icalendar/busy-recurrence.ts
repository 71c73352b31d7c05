import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import type { Span } from '../domain/slots.js'
import type { BusyEntry, When } from './busy-entry.js'

/** A rule that needs more is none that somebody's calendar has. */
const limits = { maxIterations: 4000, maxCandidateEvaluations: 5000 }

/** UNTIL as a local time, which belongs to floating times, as the moment that it is in a zone. */
const withMoment = (rule: string, zone: string): string =>
  rule.replace(
    /(UNTIL=)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?!Z)/i,
    (_, name, year, month, day, hour, minute, second) => {
      const local = Temporal.PlainDateTime.from(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
      return name + local.toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')
    },
  )

/** When the rule says that it begins. Days are counted where no clock changes, and begin in their zone. */
const ruled = ({ start, rule }: BusyEntry, from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime) => {
  if (rule === undefined) return [start.at]
  const { at, isDay } = start
  const dtstart = isDay ? at.toPlainDate().toZonedDateTime('UTC') : at
  const days = isDay ? 1 : 0
  const found = new RRuleTemporal({
    rruleString: withMoment(rule, at.timeZoneId),
    dtstart,
    ...limits,
    temporal: Temporal,
  }).between(from.subtract({ days }), to.add({ days }), true)
  return isDay ? found.map((each) => each.toPlainDate().toZonedDateTime(at.timeZoneId)) : found
}

const isAt = (at: Temporal.ZonedDateTime, { at: other, isDay }: When): boolean =>
  isDay
    ? at.withTimeZone(other.timeZoneId).toPlainDate().equals(other.toPlainDate())
    : at.epochMilliseconds === other.epochMilliseconds

const spanFrom = ({ endOf }: BusyEntry, at: Temporal.ZonedDateTime): Span => ({
  startsAtMs: at.epochMilliseconds,
  endsAtMs: endOf(at).epochMilliseconds,
})

/** The date of a meeting as the entry that stands for it and for all that follow puts it: as much earlier or later by the wall clock. */
const shifted = (at: Temporal.ZonedDateTime, { start, standsFor }: BusyEntry): Temporal.ZonedDateTime => {
  const original = (standsFor ?? start).at.withTimeZone(start.at.timeZoneId).toPlainDateTime()
  const by = original.until(start.at.toPlainDateTime())
  return at.withTimeZone(start.at.timeZoneId).toPlainDateTime().add(by).toZonedDateTime(start.at.timeZoneId)
}

/**
 * When one meeting keeps its owner busy, over a window and somewhat around it: its rule, the dates beside it, without those that
 * are left out, and each date for which another entry stands as that one says (RFC 5545, 3.8.5 and 3.8.4.4).
 */
export const busySpansOf = (entry: BusyEntry, others: readonly BusyEntry[], window: Span): Span[] => {
  const zone = entry.start.at.timeZoneId
  const at = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
  const lastsMs = Math.max(0, spanFrom(entry, entry.start.at).endsAtMs - entry.start.at.epochMilliseconds)
  const begins = [
    ...ruled(entry, at(window.startsAtMs - lastsMs), at(window.endsAtMs)),
    ...entry.also.map((each) => each.at),
  ]
  const single = others.filter(({ isFromThereOn }) => !isFromThereOn)
  const lasting = others.filter(({ isFromThereOn }) => isFromThereOn)
  return begins.flatMap((begin) => {
    if (entry.except.some((when) => isAt(begin, when))) return []
    if (single.some(({ standsFor }) => standsFor && isAt(begin, standsFor))) return []
    const last = lasting.findLast(
      ({ standsFor }) => standsFor && standsFor.at.epochMilliseconds <= begin.epochMilliseconds,
    )
    if (last) return last.isBusy ? [spanFrom(last, shifted(begin, last))] : []
    return entry.isBusy ? [spanFrom(entry, begin)] : []
  })
}
