import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { zoneAndDay } from '../clock-changes.fixture.js'
import { dayAfter, localDay, localStart } from './local-time.js'
import { cutBy, openingsOf } from './openings.js'
import type { DayRule } from './recurrence.js'
import { meets, type Opening, type Span } from './slots.js'

const hourMs = 3_600_000
const rule = (change: Partial<DayRule>): DayRule => ({
  ...{ firstDay: '2020-01-01', lastDay: '', rrule: 'FREQ=DAILY', hours: [], exceptions: [] },
  ...change,
})
const shown = (zone: string, openings: readonly Opening[]): string[][] =>
  openings.map(({ startsAtMs, endsAtMs }) => [localStart(zone, startsAtMs), localStart(zone, endsAtMs)])
const hours = (...times: string[]) =>
  times.map((time) => {
    const [from = '', to = ''] = time.split('-')
    return { from, to }
  })

describe('hours on the days on which the clocks change', () => {
  const spring = { from: '2027-03-28', to: '2027-03-28' }
  const autumn = { from: '2026-10-25', to: '2026-10-25' }
  const paris = 'Europe/Paris'

  it.each([
    ['09:00-12:00', spring, [['2027-03-28T09:00+02:00', '2027-03-28T12:00+02:00']]],
    ['01:00-04:00', spring, [['2027-03-28T01:00+01:00', '2027-03-28T04:00+02:00']]],
    // The beginning is skipped, and moves on by the gap.
    ['02:30-05:00', spring, [['2027-03-28T03:30+02:00', '2027-03-28T05:00+02:00']]],
    // All of it is skipped, and moves on by the gap.
    ['02:00-03:00', spring, []],
    ['02:10-02:50', spring, [['2027-03-28T03:10+02:00', '2027-03-28T03:50+02:00']]],
    ['02:30-02:45,03:00-04:00', spring, [['2027-03-28T03:00+02:00', '2027-03-28T04:00+02:00']]],
    // What comes twice is the first, so that the hour in between is open too.
    ['01:00-04:00', autumn, [['2026-10-25T01:00+02:00', '2026-10-25T04:00+01:00']]],
    ['02:30-03:30', autumn, [['2026-10-25T02:30+02:00', '2026-10-25T03:30+01:00']]],
    ['09:00-12:00', autumn, [['2026-10-25T09:00+01:00', '2026-10-25T12:00+01:00']]],
  ])('%s', (said, days, expected) => {
    expect(shown(paris, openingsOf(rule({ hours: hours(...said.split(',')) }), paris, days, []))).toEqual(expected)
  })

  it('at midnight, on the Azores: from when the day begins, and once for the hour that comes twice', () => {
    const said = rule({ hours: hours('00:00-02:00') })
    const on = (day: string) =>
      shown('Atlantic/Azores', openingsOf(said, 'Atlantic/Azores', { from: day, to: day }, []))
    expect(on('2027-03-28')).toEqual([['2027-03-28T01:00+00:00', '2027-03-28T02:00+00:00']])
    expect(on('2026-10-25')).toEqual([['2026-10-25T00:00+00:00', '2026-10-25T02:00-01:00']])
  })

  it('half an hour, on Lord Howe', () => {
    const zone = 'Australia/Lord_Howe'
    const openings = openingsOf(
      rule({ hours: hours('01:00-03:00') }),
      zone,
      { from: '2026-10-04', to: '2026-10-04' },
      [],
    )
    expect(shown(zone, openings)).toEqual([['2026-10-04T01:00+10:30', '2026-10-04T03:00+11:00']])
    expect(openings.map(({ startsAtMs, endsAtMs }) => endsAtMs - startsAtMs)).toEqual([1.5 * hourMs])
  })
})

describe('hours over midnight', () => {
  it('end on the next day, and cut what begins there before they end, which keeps its grid', () => {
    const nights = rule({ hours: hours('20:00-03:00', '02:00-05:00'), firstDay: '2026-11-23', lastDay: '2026-11-24' })
    const openings = openingsOf(nights, 'Indian/Reunion', { from: '2026-11-23', to: '2026-11-24' }, [])
    expect(shown('Indian/Reunion', openings)).toEqual([
      ['2026-11-23T02:00+04:00', '2026-11-23T05:00+04:00'],
      ['2026-11-23T20:00+04:00', '2026-11-24T03:00+04:00'],
      ['2026-11-24T03:00+04:00', '2026-11-24T05:00+04:00'],
      ['2026-11-24T20:00+04:00', '2026-11-25T03:00+04:00'],
    ])
    expect(localStart('Indian/Reunion', openings[2]?.gridAtMs ?? 0)).toBe('2026-11-24T02:00+04:00')
  })

  it('are a whole day where they end as they begin', () => {
    const always = rule({ hours: hours('00:00-00:00') })
    const openings = openingsOf(always, 'Europe/Paris', { from: '2027-03-27', to: '2027-03-28' }, [])
    expect(openings.map(({ startsAtMs, endsAtMs }) => (endsAtMs - startsAtMs) / hourMs)).toEqual([24, 23])
  })
})

describe('a closure', () => {
  it('cuts an opening, whose grid stays', () => {
    const opening = { startsAtMs: 0, endsAtMs: 100, gridAtMs: 0 }
    const left = cutBy(
      [opening],
      [
        { startsAtMs: 40, endsAtMs: 50 },
        { startsAtMs: -5, endsAtMs: 10 },
        { startsAtMs: 45, endsAtMs: 60 },
        { startsAtMs: 100, endsAtMs: 200 },
      ],
    )
    expect(left).toEqual([
      { startsAtMs: 10, endsAtMs: 40, gridAtMs: 0 },
      { startsAtMs: 60, endsAtMs: 100, gridAtMs: 0 },
    ])
    expect(cutBy([opening], [{ startsAtMs: -1, endsAtMs: 101 }])).toEqual([])
  })
})

const two = (n: number) => String(n).padStart(2, '0')
/** Clocks change between 0:00 and 4:00. */
const time = fc
  .oneof(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 16 }))
  .map((quarter) => `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`)
const anyHours = fc.array(fc.record({ from: time, to: time }), { maxLength: 4 })
const anyRule = fc.constantFrom(
  ...['FREQ=DAILY', 'FREQ=DAILY;INTERVAL=2', 'FREQ=WEEKLY;BYDAY=SA,SU,MO', 'FREQ=MONTHLY;BYMONTHDAY=-1,1,31', ''],
)
/** From some days before or after such a day on. */
const anyBeginning = fc
  .tuple(zoneAndDay, fc.integer({ min: -4, max: 1 }))
  .map(([{ zone, day }, later]) => ({ zone, from: dayAfter(day, later) }))
const anySchedule = fc.record({
  beginning: anyBeginning,
  length: fc.integer({ min: 0, max: 6 }),
  rrule: anyRule,
  hours: anyHours,
  exceptions: fc.array(fc.record({ later: fc.integer({ min: -1, max: 7 }), hours: anyHours }), { maxLength: 4 }),
  closed: fc.array(fc.tuple(fc.integer({ min: -24, max: 150 }), fc.integer({ min: 1, max: 30 })), { maxLength: 4 }),
})
type Any = typeof anySchedule extends fc.Arbitrary<infer T> ? T : never

const given = ({ beginning: { zone, from }, length, rrule, hours: ofRule, exceptions, closed }: Any) => {
  const midnightMs = Temporal.ZonedDateTime.from(`${from}T00:00[${zone}]`).epochMilliseconds
  const closures: Span[] = closed.map(([later, lasts]) => ({
    startsAtMs: midnightMs + later * hourMs,
    endsAtMs: midnightMs + (later + lasts) * hourMs,
  }))
  const one = rule({
    rrule,
    hours: ofRule,
    firstDay: dayAfter(from, -40),
    exceptions: exceptions.map(({ later, hours: ofDay }) => ({ day: dayAfter(from, later), hours: ofDay })),
  })
  return { zone, one, closures, days: { from, to: dayAfter(from, length) } }
}

describe('openings of any schedule', () => {
  it('are in order, apart, of some length, within no closure, and on a grid that does not begin after them', () => {
    fc.assert(
      fc.property(anySchedule, (any) => {
        const { zone, one, closures, days } = given(any)
        const openings = openingsOf(one, zone, days, closures)
        for (const [index, opening] of openings.entries()) {
          expect(opening.startsAtMs).toBeLessThan(opening.endsAtMs)
          expect(opening.gridAtMs).toBeLessThanOrEqual(opening.startsAtMs)
          expect(opening.startsAtMs).toBeGreaterThanOrEqual(openings[index - 1]?.endsAtMs ?? 0)
          expect(closures.filter((closure) => meets(closure, opening))).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('cover exactly the minutes that some hours of rule or exception cover, and no closure', () => {
    fc.assert(
      fc.property(anySchedule, fc.nat(), (any, seed) => {
        const { zone, one, closures, days } = given(any)
        // From one day before, for what reaches over midnight.
        const openings = openingsOf(one, zone, { ...days, from: dayAfter(days.from, -1) }, closures)
        const startMs = Temporal.ZonedDateTime.from(`${days.from}T00:00[${zone}]`).epochMilliseconds
        const endMs = Temporal.ZonedDateTime.from(`${days.to}T00:00[${zone}]`).add({ days: 1 }).epochMilliseconds
        const nights = localNights(zone, days)
        for (let sample = 0; sample < 90; sample++) {
          const minute = seed + sample * 7919
          const night = nights[Math.floor(sample / 3) % nights.length] ?? startMs
          const ms =
            sample % 3 === 0 ? night + (minute % 300) * 60_000 : startMs + ((minute * 60_000) % (endMs - startMs))
          const isOpen = openings.some(({ startsAtMs, endsAtMs }) => startsAtMs <= ms && ms < endsAtMs)
          const isClosed = closures.some(({ startsAtMs, endsAtMs }) => startsAtMs <= ms && ms < endsAtMs)
          expect(isOpen).toBe(!isClosed && isOpenByHand(one, zone, ms))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('do not depend on the day from which one looks', () => {
    fc.assert(
      fc.property(anySchedule, fc.integer({ min: 1, max: 3 }), (any, later) => {
        const { zone, one, closures, days } = given(any)
        const from = dayAfter(days.from, later)
        fc.pre(from <= days.to)
        const all = openingsOf(one, zone, days, closures)
        const before = openingsOf(one, zone, { ...days, to: dayAfter(from, -1) }, closures)
        expect([...before, ...openingsOf(one, zone, { ...days, from }, closures)]).toEqual(all)
      }),
      { numRuns: 200 },
    )
  })

  it('show the wall clock that was said, on both sides of a change', () => {
    fc.assert(
      fc.property(anyBeginning, fc.integer({ min: 6, max: 11 }), ({ zone, from }, hour) => {
        const said = rule({ hours: hours(`${two(hour)}:15-${two(hour + 8)}:45`) })
        for (const { startsAtMs, endsAtMs } of openingsOf(said, zone, { from, to: dayAfter(from, 6) }, [])) {
          expect(localStart(zone, startsAtMs).slice(11, 16)).toBe(`${two(hour)}:15`)
          expect(localStart(zone, endsAtMs).slice(11, 16)).toBe(`${two(hour + 8)}:45`)
        }
      }),
    )
  })
})

/** When each of the days begins: within five hours from then the clocks change, if they do. */
const localNights = (zone: string, { from, to }: { readonly from: string; readonly to: string }): number[] => {
  const nights: number[] = []
  for (let day = from; day <= to; day = dayAfter(day, 1))
    nights.push(Temporal.ZonedDateTime.from(`${day}T00:00[${zone}]`).epochMilliseconds)
  return nights
}

/** The same question asked from the other side: of one moment, by Temporal alone, and of the two days that could hold it. */
const isOpenByHand = (one: DayRule, zone: string, ms: number): boolean => {
  const today = localDay(zone, ms)
  return [dayAfter(today, -1), today].some((day) => {
    const exception = one.exceptions.filter((each) => each.day === day).at(-1)
    return (exception ? exception.hours : isRuled(one, day) ? one.hours : []).some(({ from, to }) => {
      const begin = Temporal.ZonedDateTime.from(`${day}T${from}[${zone}]`).epochMilliseconds
      const end = Temporal.ZonedDateTime.from(`${to > from ? day : dayAfter(day, 1)}T${to}[${zone}]`).epochMilliseconds
      return begin <= ms && ms < end
    })
  })
}

const isRuled = ({ rrule, firstDay }: DayRule, day: string): boolean => {
  const [first, date] = [Temporal.PlainDate.from(firstDay), Temporal.PlainDate.from(day)]
  const days = first.until(date, { largestUnit: 'days' }).days
  if (days < 0) return false
  if (rrule === 'FREQ=DAILY') return true
  if (rrule === 'FREQ=DAILY;INTERVAL=2') return days % 2 === 0
  if (rrule === 'FREQ=WEEKLY;BYDAY=SA,SU,MO') return [6, 7, 1].includes(date.dayOfWeek)
  if (rrule === '') return days === 0
  return date.day === 1 || date.day === 31 || date.day === date.daysInMonth
}
