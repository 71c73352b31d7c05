import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { type Component, calendarText, propertyOf } from './icalendar.js'
import { vtimezone } from './vtimezone.js'

const zones = [
  'Europe/Paris',
  'Indian/Reunion',
  'America/Guadeloupe',
  'America/Miquelon',
  'Pacific/Marquesas',
  'Pacific/Noumea',
  'Africa/Casablanca',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'UTC',
]

const seconds = (offset: string): number => {
  const [, sign, hours, minutes, rest] = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(offset) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(rest ?? 0))
}
const wall = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z'))
const textOf = (component: Component, name: string): string => propertyOf(component, name)?.value ?? ''

/** Reads a local time by what RFC 5545 (3.6.5) says of a VTIMEZONE: the last observance that began by then. */
const momentBy = ({ components }: Component, localMs: number): number => {
  const begun = components
    .map((each) => ({ at: wall(textOf(each, 'DTSTART')), to: seconds(textOf(each, 'TZOFFSETTO')) }))
    .filter(({ at }) => at <= localMs)
    .sort((a, b) => a.at - b.at)
  return localMs - (begun.at(-1)?.to ?? Number.NaN) * 1000
}

const moments = fc.integer({
  min: Date.parse('1971-01-02T00:00:00Z') / 60_000,
  max: Date.parse('2045-12-31T00:00:00Z') / 60_000,
})

describe('a VTIMEZONE', () => {
  it('reads each local time as the moment that Temporal says, in every zone and year', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        moments,
        fc.integer({ min: 0, max: 400 * 24 * 60 }),
        (zone, start, length) => {
          const span = { startsAtMs: start * 60_000, endsAtMs: (start + length) * 60_000 }
          const component = vtimezone(zone, span)
          for (const ms of [span.startsAtMs, span.endsAtMs, (span.startsAtMs + span.endsAtMs) / 2]) {
            const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms))
              .toZonedDateTimeISO(zone)
              .toPlainDateTime()
            const expected = local.toZonedDateTime(zone).epochMilliseconds
            expect(momentBy(component, Date.parse(`${local.toString()}Z`))).toBe(expected)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('reads each quarter of an hour around every change of the clocks of a year', () => {
    for (const zone of zones) {
      const year = Temporal.PlainDate.from('2026-01-01').toZonedDateTime(zone)
      const component = vtimezone(zone, { startsAtMs: year.epochMilliseconds, endsAtMs: year.epochMilliseconds })
      for (
        let change = year.getTimeZoneTransition('next');
        change?.year === 2026;
        change = change.getTimeZoneTransition('next')
      )
        for (let quarter = -12; quarter <= 12; quarter++) {
          const local = change.add({ minutes: 15 * quarter }).toPlainDateTime()
          expect(momentBy(component, Date.parse(`${local.toString()}Z`))).toBe(
            local.toZonedDateTime(zone).epochMilliseconds,
          )
        }
    }
  })

  it('names the changes of Paris as everybody writes them', () => {
    const at = Date.parse('2026-11-23T08:00:00Z')
    expect(calendarText(vtimezone('Europe/Paris', { startsAtMs: at, endsAtMs: at })).split('\r\n')).toEqual([
      'BEGIN:VTIMEZONE',
      'TZID:Europe/Paris',
      'BEGIN:STANDARD',
      'DTSTART:20251026T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:20260329T020000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'END:DAYLIGHT',
      'BEGIN:STANDARD',
      'DTSTART:20261025T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'END:VTIMEZONE',
      '',
    ])
  })

  it('gives a zone without changes one observance', () => {
    const at = Date.parse('2026-11-23T08:00:00Z')
    const { components } = vtimezone('Indian/Reunion', { startsAtMs: at, endsAtMs: at })
    expect(components.map((each) => [each.name, textOf(each, 'DTSTART'), textOf(each, 'TZOFFSETTO')])).toEqual([
      ['STANDARD', '19700101T000000', '+0400'],
    ])
  })
})
