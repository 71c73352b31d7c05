import type { Schedule } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { remembered } from './remembered.js'

/** From a local day to another one, both included, YYYY-MM-DD. */
export interface Days {
  readonly from: string
  readonly to: string
}

const weekday = '(MO|TU|WE|TH|FR|SA|SU)'
const numbers = (most: number, sign: 'signed' | 'plain') => (text: string) =>
  text.split(',').every((each) => {
    const digits = (sign === 'signed' ? /^[+-]?(\d{1,3})$/ : /^(\d{1,3})$/).exec(each)?.[1]
    return digits !== undefined && Number(digits) >= 1 && Number(digits) <= most
  })
const matching = (pattern: string) => (text: string) => new RegExp(`^${pattern}$`).test(text)
const mostInterval = 366
const isNumberedDay = `[+-]?([1-9]|[1-4]\\d|5[0-3])?${weekday}`

/** The parts of RFC 5545 3.3.10 that say days, and what may stand in each. */
const parts: ReadonlyMap<string, (text: string) => boolean> = new Map(
  Object.entries({
    FREQ: matching('(DAILY|WEEKLY|MONTHLY|YEARLY)'),
    INTERVAL: numbers(mostInterval, 'plain'),
    BYDAY: matching(`${isNumberedDay}(,${isNumberedDay})*`),
    BYMONTH: numbers(12, 'plain'),
    BYMONTHDAY: numbers(31, 'signed'),
    BYYEARDAY: numbers(366, 'signed'),
    BYWEEKNO: numbers(53, 'signed'),
    BYSETPOS: numbers(366, 'signed'),
    WKST: matching(weekday),
  }),
)

// A rule that nothing fulfils ends here, and not when every year has been looked through.
const maxIterations = 5000
const longestRule = 200
const midnight = (day: string) => Temporal.PlainDate.from(day).toZonedDateTime('UTC')

const ruleFrom = (rrule: string, firstDay: string): RRuleTemporal =>
  new RRuleTemporal({
    rruleString: `RRULE:${rrule}`,
    dtstart: midnight(firstDay),
    strict: true,
    cache: false,
    maxIterations,
  } as never)

const days = remembered<readonly string[]>(1000)

const daysOfRule = (rrule: string, firstDay: string, { from, to }: Days): readonly string[] =>
  days(`${rrule} ${firstDay} ${from} ${to}`, () =>
    ruleFrom(rrule, firstDay)
      .between(midnight(from) as never, midnight(to) as never, true)
      .map(({ epochMilliseconds }) => new Date(epochMilliseconds).toISOString().slice(0, 10)),
  )

/** What is wrong in a rule; undefined where it says days from its first day on. */
export const rruleFault = (rrule: string, firstDay: string): string | undefined => {
  if (rrule.length > longestRule) return `has at most ${longestRule} characters`
  const given = rrule.split(';').map((part) => part.split('='))
  const names = given.map(([name = '']) => name)
  if (new Set(names).size < names.length) return 'names no part twice (RFC 5545)'
  if (!names.includes('FREQ')) return 'says FREQ, which is DAILY, WEEKLY, MONTHLY or YEARLY (RFC 5545)'
  const wrong = given.find(([name = '', value = '', ...more]) => more.length > 0 || !parts.get(name)?.(value))
  if (wrong)
    return parts.has(wrong[0] ?? '')
      ? `has a ${wrong[0]} that RFC 5545 or this calendar does not allow`
      : `has only ${[...parts.keys()].join(', ')}, which say days`
  try {
    daysOfRule(rrule, firstDay, { from: firstDay, to: firstDay })
    return undefined
  } catch {
    return 'is a rule of RFC 5545 that says days'
  }
}

/** What a schedule says of days. */
export type DayRule = Pick<Schedule, 'firstDay' | 'lastDay' | 'rrule' | 'hours' | 'exceptions'>

/** The local hours of each day that has some, in the order of days. The rule was checked. */
export const hoursByDay = (rule: DayRule, looked: Days): Map<string, DayRule['hours']> => {
  const { firstDay, lastDay, rrule, hours, exceptions } = rule
  const from = firstDay > looked.from ? firstDay : looked.from
  const to = lastDay !== '' && lastDay < looked.to ? lastDay : looked.to
  const ruled =
    from > to ? [] : rrule === '' ? [firstDay].filter((day) => day >= from) : daysOfRule(rrule, firstDay, { from, to })
  const found = new Map(ruled.map((day) => [day, hours]))
  for (const exception of exceptions)
    if (exception.day >= looked.from && exception.day <= looked.to) found.set(exception.day, exception.hours)
  return new Map([...found].filter(([, of]) => of.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)))
}
