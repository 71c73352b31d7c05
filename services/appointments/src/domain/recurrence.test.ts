import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { dayAfter } from './local-time.js'
import { type DayRule, hoursByDay, rruleFault } from './recurrence.js'

const hours = [{ from: '09:00', to: '12:00' }]
const rule = (rrule: string, change: Partial<DayRule> = {}): DayRule => ({
  ...{ firstDay: '2026-01-05', lastDay: '', rrule, hours, exceptions: [] },
  ...change,
})
const daysOf = (one: DayRule, from: string, to: string): string[] => [...hoursByDay(one, { from, to }).keys()]

describe('a rule that says no days', () => {
  it.each([
    ['nothing of RFC 5545', 'every Monday'],
    ['no FREQ', 'BYDAY=MO'],
    ['a FREQ that is none', 'FREQ=SOMETIMES'],
    ['hours', 'FREQ=HOURLY'],
    ['BYHOUR', 'FREQ=DAILY;BYHOUR=9'],
    ['BYMINUTE', 'FREQ=DAILY;BYMINUTE=30'],
    ['COUNT', 'FREQ=DAILY;COUNT=3'],
    ['UNTIL', 'FREQ=DAILY;UNTIL=20270101'],
    ['DTSTART', 'DTSTART=20260101;FREQ=DAILY'],
    ['a second property', 'FREQ=WEEKLY\nEXDATE:20260101'],
    ['another calendar (RFC 7529)', 'RSCALE=HEBREW;FREQ=YEARLY'],
    ['a part twice', 'FREQ=DAILY;FREQ=WEEKLY'],
    ['an empty part', 'FREQ=WEEKLY;;BYDAY=MO'],
    ['a part without a value', 'FREQ=WEEKLY;BYDAY='],
    ['a day that is none', 'FREQ=WEEKLY;BYDAY=XX'],
    ['a numbered day of a week', 'FREQ=WEEKLY;BYDAY=1MO'],
    ['the day 0 of a month', 'FREQ=MONTHLY;BYMONTHDAY=0'],
    ['the day 32 of a month', 'FREQ=MONTHLY;BYMONTHDAY=32'],
    ['a month 13', 'FREQ=YEARLY;BYMONTH=13'],
    ['a week 54', 'FREQ=YEARLY;BYWEEKNO=54'],
    ['no interval', 'FREQ=DAILY;INTERVAL=0'],
    ['an interval of ages', 'FREQ=DAILY;INTERVAL=367'],
    ['BYSETPOS of nothing', 'FREQ=MONTHLY;BYSETPOS=1'],
    ['a name of an object', 'FREQ=DAILY;constructor=1'],
    ['a long text', `FREQ=MONTHLY;BYMONTHDAY=${Array(200).fill('1').join(',')}`],
  ])('is refused for %s', (_, rrule) => {
    expect(rruleFault(rrule, '2026-01-05')).toMatch(/[a-z]/)
  })

  it('is none that ends the search for its next day: it has no days', () => {
    for (const never of ['FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31', 'FREQ=YEARLY;BYYEARDAY=1;BYMONTH=12'])
      expect(daysOf(rule(never), '2026-01-05', '2027-01-05')).toEqual([])
  })
})

describe('a rule of days', () => {
  it.each([
    ['FREQ=DAILY', '2026-02-27', '2026-03-01', ['2026-02-27', '2026-02-28', '2026-03-01']],
    ['FREQ=DAILY', '2028-02-28', '2028-03-01', ['2028-02-28', '2028-02-29', '2028-03-01']],
    ['FREQ=WEEKLY;BYDAY=MO,TH', '2026-11-20', '2026-11-30', ['2026-11-23', '2026-11-26', '2026-11-30']],
    ['FREQ=WEEKLY;INTERVAL=2', '2026-01-01', '2026-02-10', ['2026-01-05', '2026-01-19', '2026-02-02']],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '2028-01-15', '2028-04-15', ['2028-01-31', '2028-02-29', '2028-03-31']],
    ['FREQ=MONTHLY;BYMONTHDAY=31', '2026-03-01', '2026-06-30', ['2026-03-31', '2026-05-31']],
    ['FREQ=MONTHLY;BYDAY=-1FR', '2026-11-01', '2026-12-31', ['2026-11-27', '2026-12-25']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2026-01-01', '2032-12-31', ['2028-02-29', '2032-02-29']],
    ['', '2026-01-01', '2026-12-31', ['2026-01-05']],
  ])('%s has, from %s to %s, %j', (rrule, from, to, days) => {
    expect(daysOf(rule(rrule), from, to)).toEqual(days)
  })

  it('begins and ends with its schedule', () => {
    const one = rule('FREQ=DAILY', { firstDay: '2026-03-02', lastDay: '2026-03-04' })
    expect(daysOf(one, '2026-02-01', '2026-04-01')).toEqual(['2026-03-02', '2026-03-03', '2026-03-04'])
    expect(daysOf(one, '2026-04-01', '2026-05-01')).toEqual([])
    expect(daysOf(rule('', { firstDay: '2026-03-02', lastDay: '2026-03-04' }), '2026-03-03', '2026-04-01')).toEqual([])
  })

  const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
  const dates = (from: string, to: string): Temporal.PlainDate[] => {
    const all: Temporal.PlainDate[] = []
    for (let at = Temporal.PlainDate.from(from); at.toString() <= to; at = at.add({ days: 1 })) all.push(at)
    return all
  }
  const start = fc.integer({ min: 0, max: 9000 }).map((days) => dayAfter('2004-01-01', days))

  it('is, for any weekly rule, what counting weeks by hand gives, however long ago it began', () => {
    const byDay = fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 })
    fc.assert(
      fc.property(
        start,
        byDay,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 3000 }),
        (first, by, every, later) => {
          const from = dayAfter(first, later)
          const to = dayAfter(from, 100)
          const firstDate = Temporal.PlainDate.from(first)
          const firstWeek = firstDate.subtract({ days: firstDate.dayOfWeek - 1 })
          const expected = dates(from, to).filter((at) => {
            const weeks = Math.floor(firstWeek.until(at, { largestUnit: 'days' }).days / 7)
            return weeks % every === 0 && by.includes(weekdays[at.dayOfWeek - 1] ?? '')
          })
          const found = daysOf(rule(`FREQ=WEEKLY;INTERVAL=${every};BYDAY=${by.join()}`, { firstDay: first }), from, to)
          expect(found).toEqual(expected.map(String))
        },
      ),
    )
  })

  it('is, for any days of months, what the calendar says, leap days and month ends too', () => {
    const monthDay = fc.integer({ min: -31, max: 31 }).filter((each) => each !== 0)
    fc.assert(
      fc.property(
        start,
        fc.uniqueArray(monthDay, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 14 }),
        (first, by, every) => {
          const from = dayAfter(first, 700)
          const to = dayAfter(from, 400)
          const { year, month } = Temporal.PlainDate.from(first)
          const expected = dates(from, to).filter(
            (at) =>
              ((at.year - year) * 12 + at.month - month) % every === 0 &&
              by.some((each) => (each > 0 ? at.day === each : at.day === at.daysInMonth + 1 + each)),
          )
          const one = rule(`FREQ=MONTHLY;INTERVAL=${every};BYMONTHDAY=${by.join()}`, { firstDay: first })
          expect(daysOf(one, from, to)).toEqual(expected.map(String))
        },
      ),
    )
  })

  it('is the same whether one looks at many days at once or at each alone', () => {
    const some = fc.constantFrom(
      ...['FREQ=DAILY;INTERVAL=5', 'FREQ=MONTHLY;BYDAY=2TU,-1SU', 'FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO,SU'],
      ...['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 'FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,WE', ''],
    )
    fc.assert(
      fc.property(some, start, fc.integer({ min: 0, max: 800 }), (rrule, first, later) => {
        const one = rule(rrule, { firstDay: first })
        const from = dayAfter(first, later)
        const to = dayAfter(from, 40)
        const alone = dates(from, to).flatMap((at) => daysOf(one, String(at), String(at)))
        expect(alone).toEqual(daysOf(one, from, to))
      }),
      { numRuns: 40 },
    )
  })
})

describe('an exception', () => {
  it('takes the place of the hours of its day, also where the rule has none, and closes it with none', () => {
    const one = rule('FREQ=WEEKLY;BYDAY=MO', {
      exceptions: [
        { day: '2026-11-23', hours: [] },
        { day: '2026-11-24', hours: [{ from: '14:00', to: '15:00' }] },
      ],
    })
    expect([...hoursByDay(one, { from: '2026-11-20', to: '2026-11-30' })]).toEqual([
      ['2026-11-24', [{ from: '14:00', to: '15:00' }]],
      ['2026-11-30', hours],
    ])
  })

  it('counts by the last that is said of a day, whatever was said before', () => {
    const said = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 8, max: 16 }), fc.boolean()), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(said, (all) => {
        const exceptions = all.map(([later, hour, isOpen]) => ({
          day: dayAfter('2026-11-23', later),
          hours: isOpen ? [{ from: `${String(hour).padStart(2, '0')}:00`, to: '17:00' }] : [],
        }))
        const found = hoursByDay(rule('FREQ=DAILY', { exceptions }), { from: '2026-11-23', to: '2026-11-27' })
        for (let later = 0; later < 5; later++) {
          const day = dayAfter('2026-11-23', later)
          const last = exceptions.filter((each) => each.day === day).at(-1)
          const expected = last ? last.hours : hours
          expect(found.get(day) ?? []).toEqual(expected)
        }
      }),
    )
  })
})
