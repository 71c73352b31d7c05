import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fits, offerEndMs, type Wish } from './waiting-fit.js'

const hourMs = 3_600_000
const nowMs = Date.parse('2026-11-23T08:00:00Z')
const startsAtMs = nowMs + 10 * hourMs
const { MEETING_CHANNEL_COUNTER: counter, MEETING_CHANNEL_VIDEO: video } = MeetingChannel

const slot: Slot = {
  scheduleId: 'ada-mornings',
  serviceTypeId: 'id-card',
  placeId: 'hall',
  startsAtMs,
  endsAtMs: startsAtMs + hourMs,
  localStart: '2026-11-23T19:00+01:00',
  zone: 'Europe/Paris',
  channels: [counter],
  isReserved: false,
  seatsLeft: 1,
  seats: 1,
}
const wish: Wish = {
  serviceTypeId: 'id-card',
  placeIds: ['hall', 'annex'],
  channel: counter,
  fromDay: '2026-11-23',
  toDay: '2026-11-23',
  isAccompanied: false,
  passedMs: [],
}
const type = { noticeMinutes: 60, horizonDays: 10, reservedUntilHours: 0 }

describe('whether a slot fits who waits', () => {
  it.each<[string, Partial<Wish>, Partial<Slot>]>([
    ['another service', { serviceTypeId: 'passport' }, {}],
    ['another place', { placeIds: ['annex'] }, {}],
    ['another channel', { channel: video }, {}],
    ['a day before', { fromDay: '2026-11-24', toDay: '2026-11-30' }, {}],
    ['a day after', { fromDay: '2026-11-01', toDay: '2026-11-22' }, {}],
    ['a time that they did not take', { passedMs: [startsAtMs] }, {}],
    ['a kept slot, for who is not accompanied', {}, { isReserved: true }],
    ['a slot within the notice', {}, { startsAtMs: nowMs + hourMs }],
    [
      'a slot beyond the horizon',
      { toDay: '2026-12-31' },
      { startsAtMs: nowMs + 11 * 24 * hourMs, localStart: '2026-12-04T09:00+01:00' },
    ],
  ])('does not, for %s', (_, wished, free) => {
    expect(fits({ ...wish, ...wished }, { ...slot, ...free }, type, nowMs)).toBe(false)
  })

  it('does, by any place and channel, by the local day, and kept for who is accompanied or released', () => {
    expect(fits(wish, slot, type, nowMs)).toBe(true)
    const anything = { ...wish, placeIds: [], channel: undefined }
    // Already the next day in UTC, and not yet at the place.
    const evening = { ...slot, startsAtMs: Date.parse('2026-11-24T02:30:00Z'), localStart: '2026-11-23T23:30-03:00' }
    expect(fits(anything, { ...evening, placeId: 'overseas', channels: [video] }, type, nowMs)).toBe(true)
    const kept = { ...slot, isReserved: true }
    expect(fits({ ...wish, isAccompanied: true }, kept, type, nowMs)).toBe(true)
    expect(fits(wish, kept, { ...type, reservedUntilHours: 10 }, nowMs)).toBe(true)
  })
})

describe('an offer', () => {
  it('ends when it was to, or when the slot could be booked no more, and always after now for a slot that fits', () => {
    expect(offerEndMs(slot, type, 0, nowMs)).toBe(nowMs + 2 * hourMs)
    expect(offerEndMs(slot, type, 2880, nowMs)).toBe(startsAtMs - hourMs)
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2880 }),
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 1, max: 900 }),
        (offerMinutes, noticeMinutes, aheadMinutes) => {
          const free = { ...slot, startsAtMs: nowMs + aheadMinutes * 60_000 }
          const ofType = { ...type, noticeMinutes }
          const endMs = offerEndMs(free, ofType, offerMinutes, nowMs)
          expect(endMs <= free.startsAtMs - noticeMinutes * 60_000).toBe(true)
          expect(endMs > nowMs).toBe(fits(wish, free, ofType, nowMs))
        },
      ),
    )
  })
})
