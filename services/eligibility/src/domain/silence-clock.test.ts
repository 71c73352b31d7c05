import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClockCorrection, type ClockInput, dayOfSilence, silenceClock } from './silence-clock.js'
import { dayAfterTerm, daysLater } from './term.js'

const months2 = { count: 2, unit: 'months' } as const
const weeks8 = { count: 8, unit: 'weeks' } as const
const wrong = (askedDay: string, resolvedDay?: string): ClockCorrection => ({
  askedDay,
  resolvedDay,
  untilDay: '2023-12-31',
  isIncomplete: false,
})
const missing = (askedDay: string, resolvedDay?: string): ClockCorrection => ({
  ...wrong(askedDay, resolvedDay),
  isIncomplete: true,
})
const acceptance: Omit<ClockInput, 'depositDay'> = {
  period: months2,
  regime: 'acceptance',
  resume: 'continue',
  corrections: [],
  today: '2023-06-05',
}
const rejection = { ...acceptance, regime: 'rejection' as const }

// Dates that a service in use computes for the same cases of silence that accepts (its own tests, read and written anew).
describe('the clock of an acceptance', () => {
  it.each<[string, string, Partial<ClockInput>, string]>([
    ['months', '2023-05-15', {}, '2023-07-16'],
    ['weeks', '2023-05-15', { period: weeks8 }, '2023-07-11'],
    [
      'two corrections that have come',
      '2023-05-15',
      { corrections: [wrong('2023-05-20', '2023-05-25'), wrong('2023-05-30', '2023-06-03')] },
      '2023-07-27',
    ],
    [
      'one that has come, and something missing that is awaited',
      '2023-05-15',
      { corrections: [wrong('2023-05-20', '2023-05-25'), missing('2023-05-30')] },
      '2023-08-06',
    ],
    [
      'something wrong and something missing at once, then something wrong',
      '2023-05-15',
      {
        corrections: [
          wrong('2023-05-20', '2023-05-25'),
          missing('2023-05-20', '2023-05-25'),
          wrong('2023-05-30', '2023-06-03'),
        ],
      },
      '2023-07-31',
    ],
    ['nothing asked, under reset', '2023-05-15', { resume: 'reset' }, '2023-07-16'],
    [
      'two that have come and one that is awaited, under reset',
      '2023-05-15',
      {
        resume: 'reset',
        corrections: [missing('2023-05-16', '2023-05-17'), wrong('2023-05-20', '2023-05-25'), wrong('2023-05-30')],
      },
      '2023-08-06',
    ],
    ['a month of 30 days', '2023-06-29', { corrections: [wrong('2023-06-30', '2023-07-01')] }, '2023-09-01'],
    ['the end of July', '2023-07-31', { corrections: [wrong('2023-08-01', '2023-08-02')] }, '2023-10-03'],
    ['a deposit some time ago', '2023-04-15', {}, '2023-06-16'],
  ])('counts %s', (_, depositDay, more, dueDay) => {
    expect(silenceClock({ ...acceptance, depositDay, ...more }).dueDay).toBe(dueDay)
  })

  it('waits for the person, however long', () => {
    const input = { ...acceptance, depositDay: '2023-05-15', corrections: [missing('2023-05-16')], today: '2030-01-01' }
    expect(silenceClock(input)).toEqual({ dueDay: '2030-03-02', isWaiting: true })
    expect(dayOfSilence(input)).toBeUndefined()
  })

  it('lets a day on which two things are awaited stand still once', () => {
    const twice = [wrong('2023-05-20', '2023-05-25'), wrong('2023-05-22', '2023-05-25')]
    expect(silenceClock({ ...acceptance, depositDay: '2023-05-15', corrections: twice }).dueDay).toBe('2023-07-22')
  })
})

describe('the clock of a rejection', () => {
  const asked = (until: string, resolvedDay?: string) => [{ ...missing('2023-05-20', resolvedDay), untilDay: until }]

  it.each<[string, ClockCorrection[], string, boolean]>([
    ['stands still until the pieces came', asked('2023-06-20', '2023-05-25'), '2023-07-22', false],
    ['stands still until the day given, whether they came or not', asked('2023-05-24'), '2023-07-21', false],
    ['goes on after the day given, though they came later', asked('2023-05-24', '2023-06-04'), '2023-07-21', false],
    ['waits until the day given', asked('2023-06-20'), '2023-08-02', true],
  ])('%s', (_, corrections, dueDay, isWaiting) => {
    expect(silenceClock({ ...rejection, depositDay: '2023-05-15', corrections })).toEqual({ dueDay, isWaiting })
  })

  it('is known from the day of asking, because the day given ends it', () => {
    expect(dayOfSilence({ ...rejection, depositDay: '2023-05-15', corrections: asked('2023-06-20') })).toBe(
      '2023-08-17',
    )
  })
})

describe('the calendar', () => {
  it.each([
    ['2023-12-30', '2024-02-29'],
    ['2022-12-30', '2023-02-28'],
    ['2026-01-24', '2026-03-25'],
    ['2026-08-24', '2026-10-25'],
  ])('ends two months after %s on %s, leap year and summer time or not', (depositDay, dueDay) => {
    expect(silenceClock({ ...acceptance, depositDay }).dueDay).toBe(dueDay)
  })
})

const first = '2024-01-01'
const at = (n: number): string => daysLater(first, n)
const anyCorrection = fc
  .tuple(fc.nat(300), fc.option(fc.nat(60), { nil: undefined }), fc.integer({ min: 1, max: 90 }), fc.boolean())
  .map(([asked, took, given, isIncomplete]) => ({ asked, took, given, isIncomplete }))
type Asked = typeof anyCorrection extends fc.Arbitrary<infer T> ? T : never
const corrected = ({ asked, took, given, isIncomplete }: Asked): ClockCorrection => ({
  askedDay: at(asked),
  resolvedDay: took === undefined ? undefined : at(asked + took),
  untilDay: at(asked + given),
  isIncomplete,
})
/** After everything that can have been asked or have come. */
const today = at(500)
const regime = fc.constantFrom('acceptance' as const, 'rejection' as const)
const resume = fc.constantFrom('continue' as const, 'reset' as const)
const period = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  unit: fc.constantFrom('days' as const, 'weeks' as const, 'months' as const),
})
/** Months are of unequal length: where the clock starts again, one may end days before as many days of standing still would. */
const evenPeriod = period.filter(({ unit }) => unit !== 'months')
const several = fc.array(anyCorrection, { maxLength: 6 })
const input = (given: Partial<ClockInput>): ClockInput => ({ ...acceptance, depositDay: first, today, ...given })

describe('whatever is asked', () => {
  it('never makes silence speak earlier', () => {
    fc.assert(
      fc.property(evenPeriod, regime, resume, several, anyCorrection, (given, kind, how, asked, more) => {
        const base = { period: given, regime: kind, resume: how }
        const without = silenceClock(input({ ...base, corrections: asked.map(corrected) })).dueDay
        const withMore = silenceClock(input({ ...base, corrections: [...asked, more].map(corrected) })).dueDay
        expect(withMore >= without).toBe(true)
      }),
    )
  })

  it('never makes it speak earlier when it took longer', () => {
    fc.assert(
      fc.property(
        evenPeriod,
        regime,
        resume,
        several,
        anyCorrection,
        fc.nat(60),
        (given, kind, how, asked, one, more) => {
          const base = { period: given, regime: kind, resume: how }
          const took = one.took ?? 0
          const dueDay = (days: number) =>
            silenceClock(input({ ...base, corrections: [...asked, { ...one, took: days }].map(corrected) })).dueDay
          expect(dueDay(took + more) >= dueDay(took)).toBe(true)
        },
      ),
    )
  })

  it('adds at most the days on which it was awaited, in months too, as long as the clock does not start again', () => {
    fc.assert(
      fc.property(period, several, anyCorrection, (given, asked, more) => {
        const base = { period: given, regime: 'rejection' as const }
        const due = (corrections: readonly Asked[]) =>
          silenceClock(input({ ...base, corrections: corrections.map(corrected) }))
        const [without, withMore] = [due(asked).dueDay, due([...asked, more]).dueDay]
        expect(withMore >= without).toBe(true)
        expect(withMore <= daysLater(without, Math.min(more.took ?? more.given, more.given) + 1)).toBe(true)
        expect(without >= dayAfterTerm(daysLater(first, 1), given)).toBe(true)
      }),
    )
  })

  it('says the same on every later day once all has come', () => {
    fc.assert(
      fc.property(period, regime, resume, several, fc.nat(1000), (given, kind, how, asked, days) => {
        const corrections = asked.map((each) => corrected({ ...each, took: each.took ?? 0 }))
        const base = input({ period: given, regime: kind, resume: how, corrections })
        const reading = silenceClock(base)
        expect(reading.isWaiting).toBe(false)
        expect(silenceClock({ ...base, today: daysLater(today, days) })).toEqual(reading)
        expect(dayOfSilence(base)).toBe(reading.dueDay)
      }),
    )
  })

  it('of a rejection, is over for the clock after the last day that was given', () => {
    fc.assert(
      fc.property(period, several, (given, asked) => {
        const base = input({ period: given, regime: 'rejection', corrections: asked.map(corrected) })
        expect(silenceClock(base)).toEqual({ dueDay: dayOfSilence(base), isWaiting: false })
      }),
    )
  })
})
