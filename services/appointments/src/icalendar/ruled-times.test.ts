import fc from 'fast-check'
import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import type { BusyEntry } from './busy-entry.js'
import { RuleEffort } from './rule-effort.js'
import { ruledTimes } from './ruled-times.js'
import { finished } from './steps.fixture.js'

const entry = (rule: string, local: string, zone: string): BusyEntry => {
  const at = Temporal.PlainDateTime.from(local).toZonedDateTime(zone)
  return {
    ...{ uid: '1', isBusy: true, start: { at, isDay: false }, endOf: (from) => from, rule },
    ...{ also: [], except: [], standsFor: undefined, isFromThereOn: false },
  }
}
const from = Temporal.Instant.from('2026-11-23T00:00:00Z')
const window = { startsAtMs: from.epochMilliseconds, endsAtMs: from.add({ hours: 24 * 367 }).epochMilliseconds }
/** What is left of this effort takes any rule, but none whole. */
class InPieces extends RuleEffort {
  override *spendOnWhole(): Generator<void, undefined> {}
}
const moments = (found: readonly Temporal.ZonedDateTime[]): number[] => found.map((each) => each.epochMilliseconds)
const inPieces = (meeting: BusyEntry) => moments(finished(ruledTimes(meeting, window, new InPieces())))
const whole = ({ rule = '', start: { at } }: BusyEntry) => {
  const [first, last] = [window.startsAtMs, window.endsAtMs].map((ms) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(at.timeZoneId),
  )
  if (!first || !last) return []
  return moments(new RRuleTemporal({ rruleString: rule, dtstart: at, temporal: Temporal }).between(first, last, true))
}

describe('a rule that takes more than one step', () => {
  it.each([
    ['more times a day than somebody meets', `FREQ=DAILY;BYHOUR=${[...Array(24).keys()]}`],
    ['a count that began with the calendar', 'FREQ=DAILY;COUNT=999999', '0001-01-01T09:00'],
  ])('is refused where it says %s', (_, rule, local = '2026-11-24T09:00') => {
    const steps = ruledTimes(entry(rule, local, 'Europe/Paris'), window, new RuleEffort())
    expect(() => finished(steps)).toThrow(RangeError)
  })

  it('counts what lies before the window, years of it', () => {
    const meeting = entry('FREQ=WEEKLY;COUNT=1250;BYDAY=MO,TU,WE,TH,FR', '2022-03-01T09:00', 'Europe/Paris')
    const found = moments(finished(ruledTimes(meeting, window, new RuleEffort())))
    expect(found).toEqual(whole(meeting))
    expect(found.length).toBeGreaterThan(10)
  })

  const number = (least: number, most: number) => fc.integer({ min: least, max: most })
  const byDay = fc
    .subarray(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], { minLength: 1 })
    .map((days) => `;BYDAY=${days}`)
  const part = {
    DAILY: fc.oneof(byDay, fc.constantFrom('', ';BYHOUR=2,3,14', ';BYMONTH=3,10')),
    WEEKLY: fc.oneof(byDay, fc.constantFrom('', ';BYDAY=SU,MO;WKST=SU')),
    MONTHLY: fc.constantFrom('', ';BYDAY=1MO,-1FR', ';BYMONTHDAY=29,31,-1', ';BYDAY=MO,TU,WE;BYSETPOS=2,-1'),
    YEARLY: fc.constantFrom('', ';BYMONTH=2;BYMONTHDAY=29', ';BYWEEKNO=1,53;BYDAY=MO', ';BYYEARDAY=1,-1,100'),
  }
  const rule = fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY').chain((freq) =>
    fc
      .tuple(
        part[freq as keyof typeof part],
        number(1, 4),
        fc.oneof(
          fc.constant(''),
          number(1, 400).map((count) => `;COUNT=${count}`),
          number(1, 28).map((day) => `;UNTIL=202703${String(day).padStart(2, '0')}T080000Z`),
        ),
      )
      .map(([by, interval, end]) => `FREQ=${freq};INTERVAL=${interval}${end}${by}`),
  )
  const local = fc
    .tuple(number(-700, 300), number(0, 23))
    .map(([days, hours]) => Temporal.PlainDateTime.from('2026-11-24T00:30').add({ days }).add({ hours }).toString())

  it('says in pieces what it says whole, whatever it counts and whenever clocks change', () => {
    const zones = fc.constantFrom('Europe/Paris', 'Indian/Reunion', 'America/Miquelon', 'Australia/Lord_Howe')
    fc.assert(
      fc.property(rule, local, zones, (text, at, zone) => {
        const meeting = entry(text, at, zone)
        expect(inPieces(meeting)).toEqual(whole(meeting))
      }),
      { numRuns: 100 },
    )
  })
})
