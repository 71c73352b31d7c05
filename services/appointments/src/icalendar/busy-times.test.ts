import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import type { Span } from '../domain/slots.js'
import { busyTimes, busyWindow, mergedWithin } from './busy-times.js'
import { calendarText, property } from './icalendar.js'
import { finished } from './steps.fixture.js'
import { vtimezone } from './vtimezone.js'

const nowMs = Date.parse('2026-11-23T06:00:00Z')
const event = (...lines: string[]): string => ['BEGIN:VEVENT', 'UID:1', ...lines, 'END:VEVENT'].join('\r\n')
const calendar = (...components: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...components, 'END:VCALENDAR', ''].join('\r\n')
const read = (icalendar: string, zone = 'Europe/Paris') =>
  finished(busyTimes({ icalendar, zone, member: 'hall', window: busyWindow(nowMs, zone) }))
const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 16)
/** Each span as its beginning and its end in UTC. */
const times = (icalendar: string, zone?: string): unknown => {
  const found = read(icalendar, zone)
  return 'what' in found ? found : found.map(({ startsAtMs, endsAtMs }) => `${utc(startsAtMs)}/${utc(endsAtMs)}`)
}
const paris = (name: string, value: string): string => `${name};TZID=Europe/Paris:${value}`
const nine = paris('DTSTART', '20261124T090000')
const weekly = [nine, paris('DTEND', '20261124T100000'), 'RRULE:FREQ=WEEKLY;COUNT=3']

describe('busy times that cannot be read', () => {
  it.each([
    ['no calendar', 'hello', 'icalendar.lines.1'],
    ['more than 200 kB', calendar(event(`SUMMARY:${'a'.repeat(200_000)}`)), 'icalendar'],
    ['an event without a beginning', calendar(event('DTEND:20261124T090000Z')), 'icalendar.events.0'],
    ['a day that does not exist', calendar(event(nine), event('DTSTART:20260230T090000Z')), 'icalendar.events.1'],
    ['an hour that does not exist', calendar(event('DTSTART:20261124T250000Z')), 'icalendar.events.0'],
    ['words for a time', calendar(event('DTSTART:tomorrow')), 'icalendar.events.0'],
    ['a duration of nothing known', calendar(event(nine, 'DURATION:long')), 'icalendar.events.0'],
    ['an unknown frequency', calendar(event(nine, 'RRULE:FREQ=NEVER')), 'icalendar.events.0'],
    ['a rule of seconds', calendar(event(nine, 'RRULE:FREQ=SECONDLY')), 'icalendar.events.0'],
    [
      'a period without an end',
      calendar('BEGIN:VFREEBUSY', 'FREEBUSY:20261124T090000Z', 'END:VFREEBUSY'),
      'icalendar.freebusy',
    ],
    [
      'too many rules',
      calendar(...Array.from({ length: 501 }, () => event(nine, 'RRULE:FREQ=YEARLY;COUNT=1'))),
      'icalendar',
    ],
  ])('are refused for %s, by the field and without its content', (_, icalendar, field) => {
    expect(read(icalendar)).toMatchObject({ field })
  })

  it('are refused for a zone that nobody knows, which is named', () => {
    const what = 'names zones that it defines or that IANA knows, and not "Nowhere/Land"'
    expect(read(calendar(event('DTSTART;TZID=Nowhere/Land:20261124T090000')))).toEqual({ field: 'icalendar', what })
    const except = 'EXDATE;TZID=Nowhere/Land:20261124T090000'
    expect(read(calendar(event(nine, 'RRULE:FREQ=DAILY', except)))).toEqual({ field: 'icalendar', what })
  })

  it('are never a crash, whatever a time and a rule are', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('20261124T090000Z', 'FREQ=DAILY', 'P1D', 'FREQ=DAILY;COUNT=2'))
    const name = fc.constantFrom('DTSTART', 'DTEND', 'DURATION', 'RRULE', 'EXDATE', 'RDATE', 'RECURRENCE-ID', 'UID')
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (properties) => {
        const lines = properties.map(([each, text]) => property(each, text.replace(/[\r\n]/g, '')))
        const vevent = { name: 'VEVENT', properties: lines, components: [] }
        const found = read(calendarText({ name: 'VCALENDAR', properties: [], components: [vevent] }))
        expect('what' in found || Array.isArray(found)).toBe(true)
      }),
    )
  })
})

describe('busy times', () => {
  it('are read from times in a zone, in UTC, floating ones and days of the place', () => {
    expect(
      times(
        calendar(
          event(nine, 'DURATION:PT1H30M'),
          event('DTSTART:20261125T090000Z', 'DTEND:20261125T100000Z'),
          event('DTSTART:20261126T090000', 'DTEND:20261126T100000'),
          event('DTSTART;VALUE=DATE:20261127'),
          event('DTSTART;VALUE=DATE:20261129', 'DTEND;VALUE=DATE:20261201'),
        ),
        'Indian/Reunion',
      ),
    ).toEqual([
      '2026-11-24T08:00/2026-11-24T09:30',
      '2026-11-25T09:00/2026-11-25T10:00',
      '2026-11-26T05:00/2026-11-26T06:00',
      '2026-11-26T20:00/2026-11-27T20:00',
      '2026-11-28T20:00/2026-11-30T20:00',
    ])
  })

  it('are none of what was cancelled, is transparent, lasts no time, or came from here', () => {
    const own = 'UID:0b0e7a52-0000-4000-8000-000000000001@hall.unefois'
    expect(
      times(
        calendar(
          event(nine, 'DURATION:PT1H', 'STATUS:CANCELLED'),
          event(nine, 'DURATION:PT1H', 'TRANSP:TRANSPARENT'),
          event(nine),
          event(nine, 'DURATION:PT1H').replace('UID:1', own),
          'BEGIN:VTODO\r\nDTSTART:20261124T090000Z\r\nDURATION:PT1H\r\nEND:VTODO',
        ),
      ),
    ).toEqual([])
  })

  it('are read in zones that the calendar defines by names of its own, as Outlook does', () => {
    const observance = (name: string, rule: string, from: string, to: string): string =>
      [
        `BEGIN:${name}`,
        'DTSTART:16010101T030000',
        `TZOFFSETFROM:${from}`,
        `TZOFFSETTO:${to}`,
        `RRULE:FREQ=YEARLY;${rule}`,
        `END:${name}`,
      ].join('\r\n')
    const zone = (name: string, ...observances: string[]): string =>
      ['BEGIN:VTIMEZONE', `TZID:${name}`, ...observances, 'END:VTIMEZONE'].join('\r\n')
    const romance = zone(
      'Romance Standard Time',
      observance('STANDARD', 'BYDAY=-1SU;BYMONTH=10', '+0200', '+0100'),
      observance('DAYLIGHT', 'BYDAY=-1SU;BYMONTH=3', '+0100', '+0200').replace('T03', 'T02'),
    )
    const weeklyThere = [
      'DTSTART;TZID="Romance Standard Time":20270326T090000',
      'DTEND;TZID="Romance Standard Time":20270326T100000',
      'RRULE:FREQ=WEEKLY;COUNT=2',
    ]
    const shown = ['2027-03-26T08:00/2027-03-26T09:00', '2027-04-02T07:00/2027-04-02T08:00']
    expect(times(calendar(romance, event(...weeklyThere)))).toEqual(shown)
    // Whatever the zone of the place is.
    expect(times(calendar(romance, event(...weeklyThere)), 'Indian/Reunion')).toEqual(shown)

    const nowhere = zone('Nowhere/Land', observance('STANDARD', 'BYMONTH=1', '+0017', '+0017'))
    expect(times(calendar(nowhere, event('DTSTART;TZID=Nowhere/Land:20261124T090000')))).toMatchObject({
      field: 'icalendar',
      what: expect.stringContaining('Nowhere/Land'),
    })
    const broken = zone('Nowhere/Land', 'BEGIN:STANDARD\r\nDTSTART:never\r\nEND:STANDARD')
    expect(times(calendar(broken, event('DTSTART;TZID=Nowhere/Land:20261124T090000')))).toMatchObject({
      field: 'icalendar',
    })
  })

  it('are read back in any zone from the VTIMEZONE that is written here, under another name', () => {
    const zones = ['Europe/Paris', 'America/Miquelon', 'Pacific/Marquesas', 'Australia/Lord_Howe', 'Africa/Casablanca']
    for (const zone of zones) {
      const window = busyWindow(nowMs, zone)
      const definition = calendarText(vtimezone(zone, window)).replace(`TZID:${zone}`, 'TZID:Ours')
      const lasting = ['DTEND;TZID=Ours:20270101T100000', 'RRULE:FREQ=WEEKLY']
      const named = event('DTSTART;TZID=Ours:20270101T090000', ...lasting)
      const ours = times(calendar(definition.trim(), named))
      expect(ours).toEqual(times(calendar(named.replaceAll('Ours', zone))))
    }
  })

  it('are cut at today and at 366 days, and one where they meet', () => {
    const last = Date.parse('2027-11-24T23:00:00Z')
    expect(
      times(
        calendar(
          event('DTSTART:20261120T090000Z', 'DTEND:20261123T090000Z'),
          event('DTSTART:20261123T090000Z', 'DTEND:20261123T100000Z'),
          event('DTSTART:20261123T093000Z', 'DTEND:20261123T094500Z'),
          event('DTSTART:20271101T090000Z', 'DTEND:20291101T090000Z'),
          event('DTSTART:20280101T090000Z', 'DTEND:20280101T100000Z'),
        ),
      ),
    ).toEqual(['2026-11-22T23:00/2026-11-23T10:00', `2027-11-01T09:00/${utc(last)}`])
  })

  it('come again by their rule, without what is left out and with what is added', () => {
    expect(times(calendar(event(...weekly, paris('EXDATE', '20261201T090000'), 'RDATE:20261202T080000Z')))).toEqual([
      '2026-11-24T08:00/2026-11-24T09:00',
      '2026-12-02T08:00/2026-12-02T09:00',
      '2026-12-08T08:00/2026-12-08T09:00',
    ])
    expect(times(calendar(event(...weekly, 'EXDATE;VALUE=DATE:20261201,20261208')))).toEqual([
      '2026-11-24T08:00/2026-11-24T09:00',
    ])
  })

  it('follow what stands for one date: moved, cancelled, or made free', () => {
    const moved = event(paris('RECURRENCE-ID', '20261201T090000'), paris('DTSTART', '20261203T140000'), 'DURATION:PT2H')
    const cancelled = event('RECURRENCE-ID:20261208T080000Z', paris('DTSTART', '20261208T090000'), 'STATUS:CANCELLED')
    expect(times(calendar(event(...weekly), moved, cancelled))).toEqual([
      '2026-11-24T08:00/2026-11-24T09:00',
      '2026-12-03T13:00/2026-12-03T15:00',
    ])
    expect(times(calendar(event(...weekly, 'TRANSP:TRANSPARENT'), moved))).toEqual([
      '2026-12-03T13:00/2026-12-03T15:00',
    ])
  })

  it('follow what stands for a date and all that follow', () => {
    const later = event(
      'RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261201T090000',
      paris('DTSTART', '20261202T110000'),
      'DURATION:PT30M',
    )
    expect(times(calendar(event(...weekly), later))).toEqual([
      '2026-11-24T08:00/2026-11-24T09:00',
      '2026-12-02T10:00/2026-12-02T10:30',
      '2026-12-09T10:00/2026-12-09T10:30',
    ])
  })

  it('keep the hour of the wall and the whole day when the clocks change', () => {
    const daily = event(paris('DTSTART', '20270326T090000'), 'DURATION:PT1H', 'RRULE:FREQ=DAILY;UNTIL=20270329T070000Z')
    expect(times(calendar(daily))).toEqual([
      '2027-03-26T08:00/2027-03-26T09:00',
      '2027-03-27T08:00/2027-03-27T09:00',
      '2027-03-28T07:00/2027-03-28T08:00',
      '2027-03-29T07:00/2027-03-29T08:00',
    ])
    const days = event('DTSTART;VALUE=DATE:20270327', 'RRULE:FREQ=DAILY;INTERVAL=2;COUNT=2')
    expect(times(calendar(days))).toEqual(['2027-03-26T23:00/2027-03-27T23:00', '2027-03-28T22:00/2027-03-29T22:00'])
    const floating = event('DTSTART:20270327T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;UNTIL=20270328T090000')
    expect(times(calendar(floating))).toEqual([
      '2027-03-27T08:00/2027-03-27T09:00',
      '2027-03-28T07:00/2027-03-28T08:00',
    ])
  })

  it('are read from free and busy periods', () => {
    const periods = [
      'BEGIN:VFREEBUSY',
      'FREEBUSY:20261124T090000Z/20261124T100000Z,20261125T090000Z/PT30M',
      'FREEBUSY;FBTYPE=FREE:20261126T090000Z/PT1H',
      'END:VFREEBUSY',
    ]
    expect(times(calendar(...periods))).toEqual([
      '2026-11-24T09:00/2026-11-24T10:00',
      '2026-11-25T09:00/2026-11-25T09:30',
    ])
  })

  it('are those that Temporal counts, day by day, in any zone and over any change of the clocks', () => {
    const zones = ['Europe/Paris', 'Indian/Reunion', 'America/Miquelon', 'Pacific/Noumea', 'Australia/Lord_Howe']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 330 }),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 2, max: 20 }),
        (zone, afterDays, hour, interval, count) => {
          const first = Temporal.PlainDate.from('2026-11-25').add({ days: afterDays })
          const start = `${first.toString().replaceAll('-', '')}T${String(hour).padStart(2, '0')}3000`
          const lines = [`DTSTART;TZID=${zone}:${start}`, 'DURATION:PT20M', `RRULE:FREQ=DAILY;INTERVAL=${interval}`]
          const found = read(calendar(event(`${lines.join('\r\n')};COUNT=${count}`)), zone)
          const { endsAtMs } = busyWindow(nowMs, zone)
          const expected: Span[] = []
          for (let at = 0, counted = 0; counted < count; at += interval) {
            const local = first.add({ days: at }).toPlainDateTime({ hour, minute: 30 })
            const zoned = local.toZonedDateTime(zone)
            // RFC 5545, 3.3.10: a time that the clocks skip is none, and is not counted.
            if (at > 0 && !zoned.toPlainDateTime().equals(local)) continue
            counted += 1
            const startsAtMs = zoned.epochMilliseconds
            if (startsAtMs < endsAtMs) expected.push({ startsAtMs, endsAtMs: startsAtMs + 1_200_000 })
          }
          expect(found).toEqual(expected)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('cover each moment once that any of them covers, and no other', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
    fc.assert(
      fc.property(fc.array(span), (pairs) => {
        const spans = pairs.map(([at, length]) => ({ startsAtMs: at, endsAtMs: at + length }))
        const merged = mergedWithin(spans, { startsAtMs: 10, endsAtMs: 50 })
        const covers = (all: readonly Span[], ms: number) =>
          all.filter(({ startsAtMs, endsAtMs }) => startsAtMs <= ms && ms < endsAtMs).length
        for (let ms = 0; ms < 80; ms++)
          expect(covers(merged, ms)).toBe(ms >= 10 && ms < 50 && covers(spans, ms) > 0 ? 1 : 0)
      }),
    )
  })
})
