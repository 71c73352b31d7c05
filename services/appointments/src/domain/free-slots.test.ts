import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serviceType, weekdays } from '../agency.fixture.js'
import type { KnownSchedule } from './calendar.js'
import { isFull, seatsLeft, type Taken } from './free-slots.js'
import { slotsOf } from './slots.js'

const minuteMs = 60_000
const practitioner = { no: 7, resource: {}, of: {} }
const known = { no: 1, schedule: weekdays(), place: {}, practitioner, room: undefined } as unknown as KnownSchedule
const minutes = (most: number) => fc.integer({ min: 0, max: most }).map((each) => each * minuteMs)
const opening = fc
  .tuple(minutes(60), minutes(60), minutes(400))
  .map(([gridAtMs, later, lasts]) => ({ gridAtMs, startsAtMs: gridAtMs + later, endsAtMs: gridAtMs + later + lasts }))
const type = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 0, 5, 20, 40))
  .map(([durationMinutes, gapMinutes]) => serviceType({ durationMinutes, gapMinutes }))
const taken = fc.array(
  fc.tuple(minutes(500), minutes(120)).map(
    ([startsAtMs, lasts]): Taken => ({
      ...{ startsAtMs, endsAtMs: startsAtMs + lasts, lane: 0, seat: 0 },
      ...{ sessionId: `${startsAtMs}`, expiresAtMs: undefined },
    }),
  ),
  { maxLength: 6 },
)

describe('an opening is full', () => {
  it('exactly where it has no free slot of any length that is booked, for as many as come', () => {
    fc.assert(
      fc.property(opening, fc.array(type, { maxLength: 3 }), taken, (each, types, times) => {
        const of = new Map([[practitioner.no, times]])
        const free = types.some((one) =>
          Array.from({ length: 10 }, (_, nth) => [...slotsOf(each, one, nth + 1)])
            .flat()
            .some((slot) => seatsLeft(known, one, slot, of) > 0),
        )
        expect(isFull(known, types, each, of)).toBe(!free)
      }),
      { numRuns: 2000 },
    )
  })
})
