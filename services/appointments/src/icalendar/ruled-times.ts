import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import type { Span } from '../domain/slots.js'
import type { BusyEntry } from './busy-entry.js'
import type { RuleEffort } from './rule-effort.js'
import type { Steps } from './steps.js'

type Times = readonly Temporal.ZonedDateTime[]

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

/** A rule with its beginning, and between which moments it is looked at, both included. */
interface Looked {
  readonly rruleString: string
  readonly dtstart: Temporal.ZonedDateTime
  readonly from: Temporal.ZonedDateTime
  readonly to: Temporal.ZonedDateTime
}

const expanded =
  ({ rruleString, dtstart, from, to }: Looked) =>
  (most: number): Times =>
    new RRuleTemporal({
      ...{ rruleString, dtstart, temporal: Temporal },
      ...{ maxIterations: most, maxCandidateEvaluations: most },
    }).between(from, to, true)

/** What a rule is given whole: most come once a week or less. One that counts is looked at from its beginning, years ago. */
const ofWhole = { counted: [64, 400], uncounted: [64] }
const counts = /;COUNT=(\d+)(?=;|$)/i
const pieceDays = 28
/** What a rule is given for each piece: it comes once a day, or some times a day. */
const ofPiece = [32, 160]

/**
 * Four weeks after four weeks. What a rule counts is counted here from its beginning, because each piece is looked at without what came
 * before it. Throws a RangeError where a piece takes more than a person's calendar has in it, or than is left of the effort.
 */
function* inPieces({ rruleString, dtstart, from, to }: Looked, effort: RuleEffort): Steps<Times> {
  const [named, count] = counts.exec(`;${rruleString}`) ?? []
  const uncounted = named === undefined ? rruleString : `;${rruleString}`.replace(named, '').slice(1)
  const found: Temporal.ZonedDateTime[] = []
  let left = count === undefined ? Number.POSITIVE_INFINITY : Number(count)
  let begin = count === undefined ? from : dtstart
  let tried = 0
  while (left > 0 && begin.epochMilliseconds <= to.epochMilliseconds) {
    const most = ofPiece[tried]
    if (most === undefined) throw new RangeError('too much')
    const end = begin.add({ days: pieceDays })
    const piece = { rruleString: uncounted, dtstart, from: begin, to: end.subtract({ nanoseconds: 1 }) }
    const some = effort.spend(most, expanded(piece))
    yield
    if (some) {
      found.push(...some.slice(0, left))
      left -= some.length
      begin = end
    } else tried += 1
  }
  const [fromMs, toMs] = [from.epochMilliseconds, to.epochMilliseconds]
  return found.filter(({ epochMilliseconds: ms }) => ms >= fromMs && ms <= toMs)
}

/**
 * When a rule says that a meeting begins, over a window; the beginning alone where it has none. Days are counted where no clock
 * changes, and begin in their zone. Throws a RangeError for a rule of hours or less, and where it takes more than is left of the effort.
 */
export function* ruledTimes({ start: { at, isDay }, rule }: BusyEntry, window: Span, effort: RuleEffort): Steps<Times> {
  if (rule === undefined) return [at]
  if (!byTheDay.test(rule)) throw new RangeError('not by the day')
  const zone = at.timeZoneId
  const dtstart = isDay ? at.toPlainDate().toZonedDateTime('UTC') : at
  const days = isDay ? 1 : 0
  const on = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
  const [from, to] = [on(window.startsAtMs).subtract({ days }), on(window.endsAtMs).add({ days })]
  const looked = { rruleString: withMoment(rule, zone), dtstart, from, to }
  const allowances = counts.test(`;${rule}`) ? ofWhole.counted : ofWhole.uncounted
  const found = (yield* effort.spendOnWhole(allowances, expanded(looked))) ?? (yield* inPieces(looked, effort))
  return isDay ? found.map((each) => each.toPlainDate().toZonedDateTime(zone)) : found
}
