import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { busyTimes, busyWindow } from './busy-times.js'
import { RuleEffort } from './rule-effort.js'

const nowMs = Date.parse('2026-11-23T06:00:00Z')
const zone = 'Europe/Paris'
const nine = `DTSTART;TZID=${zone}:20261124T090000`
const times = (count: number, lines: (nr: number) => readonly string[]): string[] =>
  Array.from({ length: count }, (_, nr) => ['BEGIN:VEVENT', ...lines(nr), 'END:VEVENT']).flat()
const read = (...lines: string[]) => {
  const icalendar = ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].join('\r\n')
  return busyTimes({ icalendar, zone, member: 'hall', window: busyWindow(nowMs, zone) })
}
const dates = (count: number) => Array.from({ length: count }, () => '20300101T000000Z').join(',')

describe('a calendar that would take the time of everybody else', () => {
  it.each<[string, string[], string]>([
    ['a rule of hours', times(1, () => ['UID:1', nine, 'RRULE:FREQ=HOURLY;COUNT=3']), 'icalendar.events.0'],
    ['a rule of minutes', times(1, () => ['UID:1', nine, 'RRULE:FREQ=MINUTELY;INTERVAL=9999']), 'icalendar.events.0'],
    [
      'a rule of each quarter of an hour',
      times(1, () => ['UID:1', nine, `RRULE:FREQ=DAILY;BYHOUR=${[...Array(24).keys()]};BYMINUTE=0,15,30,45`]),
      'icalendar.events.0',
    ],
    [
      'a rule that counts further than a life',
      times(1, () => ['UID:1', 'DTSTART:00010101T090000Z', 'RRULE:FREQ=DAILY;COUNT=999999']),
      'icalendar.events.0',
    ],
    ['rules that find much together', times(60, (nr) => [`UID:${nr}`, nine, 'RRULE:FREQ=DAILY']), 'icalendar'],
    ['more rules than somebody has', times(301, (nr) => [`UID:${nr}`, nine, 'RRULE:FREQ=YEARLY']), 'icalendar'],
    [
      'dates that are left out of dates',
      times(1, () => ['UID:1', nine, `RDATE:${dates(2600)}`, `EXDATE:${dates(2600)}`]),
      'icalendar',
    ],
    ['periods without end', ['BEGIN:VFREEBUSY', `FREEBUSY:${dates(5001)}`, 'END:VFREEBUSY'], 'icalendar'],
  ])('is refused for %s, and says what to send instead', (_, lines, field) => {
    const refused = read(...lines)
    expect(refused).toMatchObject({ what: expect.stringContaining('send a calendar of one person') })
    expect('field' in refused && refused.field.startsWith(field)).toBe(true)
  })

  it('is read where a person has much: sixty meetings each week and ten each working day', () => {
    const spans = read(
      ...times(60, (nr) => [`UID:w${nr}`, nine, 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY']),
      ...times(10, (nr) => [`UID:d${nr}`, nine, 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR']),
    )
    expect('length' in spans && spans.length).toBeGreaterThan(250)
  })

  it('leaves out each date once that is named a thousand times, or stands for another entry', () => {
    const except = `EXDATE;TZID=${zone}:${Array.from({ length: 1000 }, () => '20261125T090000').join(',')}`
    const moved = times(1000, () => [
      'UID:1',
      `DTSTART;TZID=${zone}:20261126T140000`,
      `RECURRENCE-ID;TZID=${zone}:20261126T090000`,
    ])
    const spans = read(
      ...times(1, () => ['UID:1', nine, 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4', except]),
      ...moved,
    )
    expect(spans).toHaveLength(2)
  })
})

describe('what rules may take', () => {
  const limit = (most: number) => new Error(`Maximum iterations (${most}) exceeded in all()`)

  it('is bounded together, whatever each of them takes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5000 }), { minLength: 1, maxLength: 400 }), (rules) => {
        const effort = new RuleEffort()
        let spent = 0
        for (const takes of rules) {
          const expand = (most: number): string => {
            spent += Math.min(takes, most)
            if (takes > most) throw limit(most)
            return 'found'
          }
          try {
            expect(effort.spend(expand)).toBe('found')
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        }
        expect(spent).toBeLessThanOrEqual(15_000)
      }),
    )
  })

  it('is no excuse for what a rule is not: that is told as it is', () => {
    const odd = new TypeError('Unsupported FREQ')
    expect(() =>
      new RuleEffort().spend(() => {
        throw odd
      }),
    ).toThrow(odd)
  })
})
