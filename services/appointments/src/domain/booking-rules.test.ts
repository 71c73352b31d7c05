import { Booker } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BookingWay, bookerRefusal, changeRefusal, isOpenToBook, slotRefusal } from './booking-rules.js'

const ways: readonly BookingWay[] = ['person', 'agent', 'helper', 'link', 'pre-application', 'secret']
const type = (booker: Booker) => ({ booker, isUrgent: false, isRetired: false })
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** 23:30 on 23 November 2026 in Paris. */
const lateMs = Date.parse('2026-11-23T22:30:00Z')

describe('who books', () => {
  it.each([
    [Booker.BOOKER_ANYBODY, ways],
    [Booker.BOOKER_PERSON, ['person', 'agent', 'helper', 'secret']],
    [Booker.BOOKER_AGENT, ['agent']],
    [Booker.BOOKER_UNSPECIFIED, ['agent']],
  ] as const)('of %s refuses all but %j', (booker, allowed) => {
    expect(ways.filter((way) => bookerRefusal(type(booker), way) === undefined)).toEqual(allowed)
    expect(ways.flatMap((way) => bookerRefusal(type(booker), way) ?? [])).toEqual(
      Array.from({ length: ways.length - allowed.length }, () => 'BOOKING_NOT_ALLOWED'),
    )
  })

  it('refuses everybody for what is retired, or seen the same day', () => {
    for (const way of ways) {
      expect(bookerRefusal({ ...type(Booker.BOOKER_ANYBODY), isRetired: true }, way)).toBe('SERVICE_TYPE_UNKNOWN')
      expect(bookerRefusal({ ...type(Booker.BOOKER_ANYBODY), isUrgent: true }, way)).toBe('URGENT_SEEN_TODAY')
    }
  })
})

const slot = (startsAtMs: number, isKept = false) => ({ startsAtMs, endsAtMs: startsAtMs + hourMs, isKept })
const limits = { noticeMinutes: 60, horizonDays: 2, reservedUntilHours: 24 }
const wish = { way: 'person' as BookingWay, isAccompanied: false, zone: 'Europe/Paris', nowMs: lateMs }

describe('a slot', () => {
  it('that has begun is for nobody', () => {
    for (const way of ways) {
      expect(slotRefusal(slot(lateMs), limits, { ...wish, way })).toBe('TIME_PASSED')
      expect(slotRefusal(slot(lateMs - 1), limits, { ...wish, way })).toBe('TIME_PASSED')
    }
  })

  it('is not open within the notice, nor behind the horizon, which counts local days', () => {
    expect(slotRefusal(slot(lateMs + hourMs - 1), limits, wish)).toBe('SLOT_NOT_OPEN')
    expect(slotRefusal(slot(lateMs + hourMs), limits, wish)).toBeUndefined()
    const lastMinute = Date.parse('2026-11-25T22:59:00Z')
    expect(slotRefusal(slot(lastMinute), limits, wish)).toBeUndefined()
    expect(slotRefusal(slot(lastMinute + 60_000), limits, wish)).toBe('SLOT_NOT_OPEN')
    // It is the 24th there already.
    expect(slotRefusal(slot(lastMinute + 60_000), limits, { ...wish, zone: 'Indian/Reunion' })).toBeUndefined()
  })

  it('is open for 90 days where nothing is said', () => {
    const none = { ...limits, horizonDays: 0 }
    expect(isOpenToBook({ startsAtMs: lateMs + 90 * dayMs }, none, 'Europe/Paris', lateMs)).toBe(true)
    expect(isOpenToBook({ startsAtMs: lateMs + 91 * dayMs }, none, 'Europe/Paris', lateMs)).toBe(false)
  })

  it('that is kept is for those who say that they are accompanied, until it is there for everybody', () => {
    const kept = slot(lateMs + 25 * hourMs, true)
    expect(slotRefusal(kept, limits, wish)).toBe('SLOT_RESERVED')
    expect(slotRefusal(kept, limits, { ...wish, way: 'helper' })).toBe('SLOT_RESERVED')
    expect(slotRefusal(kept, limits, { ...wish, isAccompanied: true })).toBeUndefined()
    expect(slotRefusal(slot(lateMs + 24 * hourMs, true), limits, wish)).toBeUndefined()
  })

  it('that has not begun is always for an agent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * dayMs }), fc.boolean(), (aheadMs, isKept) => {
        expect(slotRefusal(slot(lateMs + aheadMs, isKept), limits, { ...wish, way: 'agent' })).toBeUndefined()
      }),
    )
  })
})

it('a change is too late from so long before the beginning on, for all but an agent', () => {
  const until = { changeUntilMinutes: 120 }
  const startsAtMs = lateMs + 2 * hourMs
  for (const way of ways) {
    expect(changeRefusal({ startsAtMs: startsAtMs + 1 }, until, way, lateMs)).toBeUndefined()
    expect(changeRefusal({ startsAtMs }, until, way, lateMs)).toBe(way === 'agent' ? undefined : 'CHANGE_TOO_LATE')
  }
})
