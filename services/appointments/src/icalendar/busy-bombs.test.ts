import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { busyTimes, busyWindow } from './busy-times.js'
import { RuleEffort } from './rule-effort.js'
import { finished } from './steps.fixture.js'
import { inTurns } from './steps.js'

const nowMs = Date.parse('2026-11-23T06:00:00Z')
const zone = 'Europe/Paris'
const nine = `DTSTART;TZID=${zone}:20261124T090000`
const times = (count: number, lines: (nr: number) => readonly string[]): string[] =>
  Array.from({ length: count }, (_, nr) => ['BEGIN:VEVENT', ...lines(nr), 'END:VEVENT']).flat()
const read = (...lines: string[]) => {
  const icalendar = ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].join('\r\n')
  return finished(busyTimes({ icalendar, zone, member: 'hall', window: busyWindow(nowMs, zone) }))
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

describe('a calendar at its limits', () => {
  /** How many turns everybody else has while it is read, and what it says. */
  const readWithOthers = async (lines: readonly string[]) => {
    const icalendar = ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].join('\r\n')
    let turns = 0
    let isRead = false
    const count = (): void => {
      turns += 1
      if (!isRead) setImmediate(count)
    }
    setImmediate(count)
    const steps = busyTimes({ icalendar, zone, member: 'hall', window: busyWindow(nowMs, zone) })
    const found = await inTurns(steps).finally(() => {
      isRead = true
    })
    return { found, turns, bytes: Buffer.byteLength(icalendar) }
  }
  const hours = Array.from({ length: 5000 }, (_, nr) =>
    new Date(nowMs + nr * 5_400_000).toISOString().replace(/[-:]|\.000/g, ''),
  )
  const fall = (nr: number) => [
    ...['BEGIN:VTIMEZONE', `TZID:Ours ${nr}`, 'BEGIN:STANDARD', 'DTSTART:20000101T000000', 'TZOFFSETFROM:+0017'],
    ...['TZOFFSETTO:+0017', 'END:STANDARD', 'END:VTIMEZONE'],
  ]

  it.each<[string, string[], number]>([
    ['much that is no event', times(1, () => ['UID:1', nine, ...Array(45_000).fill('A:')]), 90],
    ['many events', times(2000, (nr) => [`UID:${nr}`, nine, 'DURATION:PT1H']), 2000],
    ['dates beside one event', times(1, () => ['UID:1', nine, 'DURATION:PT1H', `RDATE:${hours}`]), 200],
    ['dates left out of one event', times(1, () => ['UID:1', nine, 'RRULE:FREQ=DAILY', `EXDATE:${hours}`]), 100],
    ['periods', ['BEGIN:VFREEBUSY', `FREEBUSY:${hours.map((hour) => `${hour}/PT1H`)}`, 'END:VFREEBUSY'], 100],
    ['rules of days', times(21, (nr) => [`UID:${nr}`, nine, 'DURATION:PT1H', 'RRULE:FREQ=DAILY']), 200],
    ['a rule of some hours a day', times(1, () => ['UID:1', nine, 'RRULE:FREQ=DAILY;BYHOUR=9,11,13,15']), 14],
    ['a count of years', times(1, () => ['UID:1', 'DTSTART:20220301T090000Z', 'RRULE:FREQ=DAILY;COUNT=1900']), 60],
    ['zones of its own', Array.from({ length: 20 }, (_, nr) => fall(nr)).flat(), 20 * 400],
  ])('leaves others their turns while it says %s', async (_, lines, least) => {
    const { found, turns, bytes } = await readWithOthers(lines)
    expect(found).toBeInstanceOf(Array)
    expect(bytes).toBeLessThan(200_000)
    expect(turns).toBeGreaterThanOrEqual(least)
  })

  it('defines no zone by more rules than clocks have', async () => {
    const observance = [
      ...['BEGIN:STANDARD', 'DTSTART:20260101T000000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0100'],
      ...['RRULE:FREQ=HOURLY;INTERVAL=5', 'END:STANDARD'],
    ]
    const zoned = [...['BEGIN:VTIMEZONE', 'TZID:Ours', ...Array(1000).fill(observance).flat(), 'END:VTIMEZONE']]
    const event = times(1, () => ['UID:1', 'DTSTART;TZID=Ours:20261124T090000'])
    const { found, turns } = await readWithOthers([...zoned, ...event])
    expect(found).toMatchObject({ field: 'icalendar', what: expect.stringContaining('"Ours"') })
    expect(turns).toBeLessThan(500)
  })
})

describe('what rules may take', () => {
  const limit = (most: number) => new Error(`Maximum iterations (${most}) exceeded in all()`)

  it('is bounded together, whatever each of them takes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 400 }), (rules) => {
        const effort = new RuleEffort()
        let spent = 0
        for (const takes of rules) {
          const expand = (most: number): string => {
            spent += Math.min(takes, most)
            if (takes > most) throw limit(most)
            return 'found'
          }
          try {
            expect(finished(effort.spendOnWhole([64, 400], expand))).toBe(takes > 400 ? undefined : 'found')
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
      new RuleEffort().spend(64, () => {
        throw odd
      }),
    ).toThrow(odd)
  })
})
