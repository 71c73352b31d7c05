import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Component, calendarText, escaped, property, textProperty, unescaped } from './icalendar.js'
import { parseCalendars } from './parse.js'
import { finished } from './steps.fixture.js'

const calendar = (...properties: Component['properties']): Component => ({
  name: 'VCALENDAR',
  properties,
  components: [],
})
const within = (...lines: string[]): string => ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const characters = fc.oneof(
  fc.constantFrom(...'\\;,:"\n\t \'='),
  fc.constantFrom('é', '😀', '\ufeff', '\u2028'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
)
const texts = fc.array(characters, { maxLength: 200 }).map((parts) => parts.join(''))
/** As a calendar may carry it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no TEXT may carry.
const kept = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')

describe('an iCalendar object that cannot be read', () => {
  it.each([
    ['nothing', '', 'icalendar'],
    ['no calendar', 'hello', 'icalendar.lines.1'],
    ['a line without a colon', within('SUMMARY'), 'icalendar.lines.2'],
    ['a line that is no name', within('é:1'), 'icalendar.lines.2'],
    ['a quote that does not end', within('DTSTART;TZID="Europe/Paris:20260101T000000'), 'icalendar.lines.2'],
    ['another component', 'BEGIN:VEVENT\r\nEND:VEVENT', 'icalendar.lines.1'],
    ['an end of another', within('BEGIN:VEVENT', 'END:VTODO', 'END:VEVENT'), 'icalendar.lines.3'],
    ['no end', 'BEGIN:VCALENDAR\r\nVERSION:2.0', 'icalendar'],
    ['something behind the end', `${within()}VERSION:2.0`, 'icalendar.lines.3'],
    ['components without end in each other', 'BEGIN:VCALENDAR\r\n'.repeat(50), 'icalendar.lines.9'],
  ])('is refused for %s, by its line and without its content', (_, text, field) => {
    expect(finished(parseCalendars(text))).toMatchObject({ field, what: expect.any(String) })
  })

  it('is never a crash, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          texts.map((text) => within(text)),
          fc.string(),
        ),
        (text) => {
          const read = finished(parseCalendars(text))
          expect('what' in read || read.length > 0).toBe(true)
        },
      ),
    )
  })
})

describe('an iCalendar object', () => {
  it('gives any text back, in lines of at most 75 octets that end by CRLF', () => {
    fc.assert(
      fc.property(texts, texts, (summary, description) => {
        const written = calendarText(
          calendar(textProperty('SUMMARY', summary), textProperty('DESCRIPTION', description)),
        )
        for (const line of written.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        expect(written.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
        expect(Buffer.from(written).toString()).toBe(written)
        const read = finished(parseCalendars(written))
        const values = 'what' in read ? [] : read[0]?.properties.map(({ value }) => unescaped(value))
        expect(values).toEqual([kept(summary), kept(description)])
      }),
    )
  })

  it('escapes what RFC 5545 gives a meaning, and nothing else', () => {
    expect(escaped('a,b;c\\d\ne:f"g')).toBe('a\\,b\\;c\\\\d\\ne:f"g')
    expect(escaped('bell\u0007, and\r\nline')).toBe('bell\\, and\\nline')
  })

  it('keeps parameters, quoted where they must be', () => {
    const written = calendarText(calendar(property('ATTENDEE', 'mailto:a@b', { CN: 'A: b', ROLE: 'CHAIR' })))
    expect(written).toContain('ATTENDEE;CN="A: b";ROLE=CHAIR:mailto:a@b\r\n')
    expect(finished(parseCalendars(written))).toEqual([
      calendar(property('ATTENDEE', 'mailto:a@b', { CN: 'A: b', ROLE: 'CHAIR' })),
    ])
  })

  it('is read with lines that end by LF alone, a byte order mark, small letters and folds', () => {
    const read = finished(parseCalendars('\ufeffbegin:vcalendar\nsummary;x=1:a\n b\n\tc\nend:vcalendar\n'))
    expect(read).toEqual([calendar(property('SUMMARY', 'abc', { X: '1' }))])
  })
})
