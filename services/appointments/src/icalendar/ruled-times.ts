import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import type { Span } from '../domain/slots.js'
import type { BusyEntry } from './busy-entry.js'
import type { RuleEffort } from './rule-effort.js'

const byTheDay = /(?:^|;)FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)/i

/** UNTIL as a local time, which belongs to floating times, as the moment that it is in a zone. */
const withMoment = (rule: string, zone: string): string =>
  rule.replace(
    /(UNTIL=)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?!Z)/i,
    (_, name, year, month, day, hour, minute, second) => {
      const local = Temporal.PlainDateTime.from(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
      return name + local.toZonedDateTime(zone).toInstant().toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')
    },
  )

/**
 * When a rule says that a meeting begins, over a window; the beginning alone where it has none. Days are counted where no clock
 * changes, and begin in their zone. Throws a RangeError for a rule of hours or less, and where it takes more than is left of the effort.
 */
export const ruledTimes = (
  { start: { at, isDay }, rule }: BusyEntry,
  window: Span,
  effort: RuleEffort,
): readonly Temporal.ZonedDateTime[] => {
  if (rule === undefined) return [at]
  if (!byTheDay.test(rule)) throw new RangeError('not by the day')
  const zone = at.timeZoneId
  const dtstart = isDay ? at.toPlainDate().toZonedDateTime('UTC') : at
  const days = isDay ? 1 : 0
  const on = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
  const [from, to] = [on(window.startsAtMs).subtract({ days }), on(window.endsAtMs).add({ days })]
  const rruleString = withMoment(rule, zone)
  const found = effort.spend((most) =>
    new RRuleTemporal({
      ...{ rruleString, dtstart, temporal: Temporal },
      ...{ maxIterations: most, maxCandidateEvaluations: most },
    }).between(from, to, true),
  )
  return isDay ? found.map((each) => each.toPlainDate().toZonedDateTime(zone)) : found
}
