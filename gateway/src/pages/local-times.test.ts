import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayInWords, localFormOf, timeInWords, whenInWords, zoneInWords } from './local-times.js'
import type { Visit } from './visit.js'

const french = { language: 'fr', say: (text: string) => text } as unknown as Visit
const english = { language: 'en', say: (_: string, text: string) => text } as unknown as Visit

describe('a time on the clock of a place', () => {
  it('is said as it is written there, in either language', () => {
    expect(dayInWords(french, '2026-11-24')).toBe('mardi 24\u00a0novembre 2026')
    expect(dayInWords(french, '2026-12-01')).toBe('mardi 1er\u00a0décembre 2026')
    expect(dayInWords(english, '2026-11-24')).toBe('Tuesday 24\u00a0November 2026')
    expect([timeInWords(french, '2026-11-24T09:05+01:00'), timeInWords(english, '2026-11-24T09:05+01:00')]).toEqual([
      '9\u00a0h\u00a005',
      '09:05',
    ])
  })

  it('names the zone where it is not that of Paris', () => {
    expect(zoneInWords(french, 'Europe/Paris')).toBe('')
    expect(zoneInWords(french, 'Indian/Reunion')).toContain('Réunion')
    expect(zoneInWords(english, 'Indian/Reunion')).toContain('Réunion')
    const there = whenInWords(english, { localStart: '2026-11-24T12:30+04:00', zone: 'Indian/Reunion' }).text
    expect(there).toContain('at 12:30</time>')
    expect(there).toContain('datetime="2026-11-24T12:30+04:00"')
    expect(there).toContain('Réunion')
  })

  it('is the wall clock of the zone on both sides of a change of the clocks', () => {
    expect(localFormOf(Date.parse('2026-10-25T00:30:00Z'), 'Europe/Paris')).toBe('2026-10-25T02:30')
    expect(localFormOf(Date.parse('2026-10-25T01:30:00Z'), 'Europe/Paris')).toBe('2026-10-25T02:30')
    expect(localFormOf(Date.parse('2026-03-29T01:00:00Z'), 'Europe/Paris')).toBe('2026-03-29T03:00')
    expect(localFormOf(Date.parse('2026-11-24T23:00:00Z'), 'Europe/Paris')).toBe('2026-11-25T00:00')
    expect(localFormOf(Date.parse('2026-11-24T08:30:00Z'), 'America/Miquelon')).toBe('2026-11-24T05:30')
  })

  it('has the same form at every moment of every zone', () => {
    const zones = fc.constantFrom(
      'Europe/Paris',
      'Indian/Reunion',
      'America/Cayenne',
      'Pacific/Noumea',
      'Pacific/Wallis',
    )
    const moments = fc.integer({ min: Date.parse('2000-01-01'), max: Date.parse('2100-01-01') })
    fc.assert(
      fc.property(moments, zones, (ms, zone) => {
        expect(localFormOf(ms, zone)).toMatch(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/)
      }),
    )
  })
})
