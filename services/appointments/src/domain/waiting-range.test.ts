import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { mostWaitingDays, rangeMoments, rangeRefusal } from './waiting-range.js'

/** Noon in Paris. */
const nowMs = Date.parse('2026-11-23T11:00:00Z')
const paris = ['Europe/Paris']
const refusal = (fromDay: string, toDay: string, zones = paris) => rangeRefusal({ fromDay, toDay }, zones, nowMs)
const zone = fc.constantFrom('Europe/Paris', 'Indian/Reunion', 'America/Cayenne', 'Pacific/Noumea', 'America/Miquelon')
const day = fc.integer({ min: 0, max: 800 }).map((days) => Temporal.PlainDate.from('2026-01-01').add({ days }))

describe('the days that somebody waits for', () => {
  it('are no inverted, long or past ones, and end within a year', () => {
    expect(refusal('2026-12-02', '2026-12-01')).toBe('RANGE_INVERTED')
    expect(refusal('2016-12-01', '2026-12-01')).toBe('RANGE_TOO_LONG')
    expect(refusal('2026-11-01', '2027-11-02')).toBe('RANGE_TOO_LONG')
    expect(refusal('2027-11-25', '2027-11-25')).toBe('RANGE_TOO_LONG')
    expect(refusal('2026-11-01', '2026-11-22')).toBe('TIME_PASSED')
  })

  it('may have begun, may be a leap day, and may be today', () => {
    expect(refusal('2026-11-01', '2026-11-23')).toBeUndefined()
    expect(refusal('2026-11-23', '2027-11-23')).toBeUndefined()
    expect(
      rangeRefusal({ fromDay: '2028-02-29', toDay: '2028-02-29' }, paris, Date.parse('2028-02-01')),
    ).toBeUndefined()
  })

  it('are over once they are over at each place', () => {
    // At three in the afternoon in Paris it is the next day already in Nouméa.
    const lateMs = Date.parse('2026-11-23T14:00:00Z')
    const today = { fromDay: '2026-11-23', toDay: '2026-11-23' }
    expect(rangeRefusal(today, ['Pacific/Noumea'], lateMs)).toBe('TIME_PASSED')
    expect(rangeRefusal(today, ['Pacific/Noumea', 'Europe/Paris'], lateMs)).toBeUndefined()
  })

  it('hold each moment of theirs in each zone, and none that is of no zone', () => {
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 0, max: mostWaitingDays - 1 }),
        fc.uniqueArray(zone, { minLength: 1 }),
        fc.integer({ min: -3 * 24, max: (mostWaitingDays + 3) * 24 }),
        (first, length, zones, hours) => {
          const range = { fromDay: first.toString(), toDay: first.add({ days: length }).toString() }
          const { fromMs, untilMs } = rangeMoments(range, zones)
          const atMs = Date.parse(`${range.fromDay}T00:00:00Z`) + hours * 3_600_000
          const isIn = (each: string) => {
            const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(each).toPlainDate().toString()
            return range.fromDay <= local && local <= range.toDay
          }
          if (zones.some(isIn)) expect(fromMs <= atMs && atMs <= untilMs).toBe(true)
          if (zones.length === 1) expect(fromMs <= atMs && atMs <= untilMs).toBe(zones.some(isIn))
        },
      ),
    )
  })
})
