import fc from 'fast-check'
import { expect, it } from 'vitest'
import { serviceType } from '../agency.fixture.js'
import { slotRefusal } from './booking-rules.js'
import { serviceTypeRefusal } from './calendar-check-service-types.js'

const minuteMs = 60_000
const nowMs = Date.parse('2026-11-23T07:00:00Z')
const alone = { way: 'person', isAccompanied: false, zone: 'Europe/Paris', nowMs } as const

it('takes kept slots exactly where people who come alone can book them a minute after they are released', () => {
  const anyType = fc
    .record({
      reservedPercent: fc.integer({ min: 1, max: 100 }),
      reservedUntilHours: fc.integer({ min: 0, max: 720 }),
      beyondMinutes: fc.integer({ min: -90, max: 90 }),
    })
    .map(({ beyondMinutes, ...kept }) =>
      serviceType({ ...kept, noticeMinutes: Math.max(0, kept.reservedUntilHours * 60 + beyondMinutes) }),
    )
  fc.assert(
    fc.property(anyType, (type) => {
      const startsAtMs = nowMs + (type.reservedUntilHours * 60 - 1) * minuteMs
      const refusal = slotRefusal({ startsAtMs, endsAtMs: startsAtMs + 1, isKept: true }, type, alone)
      expect(serviceTypeRefusal(type, 'it') === undefined).toBe(refusal === undefined)
    }),
    { examples: [[serviceType({ reservedPercent: 1 })]] },
  )
})

it('takes any notice where nothing is kept', () => {
  expect(serviceTypeRefusal(serviceType({ noticeMinutes: 366 * 1440 }), 'it')).toBeUndefined()
})
