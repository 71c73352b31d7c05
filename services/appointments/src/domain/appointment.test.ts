import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deletedAfterMs, holdEndsAtMs, isHoldOver, motiveOf, reminderAfter } from './appointment.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

it('is over from the moment at which it ends, and only if it ends by itself', () => {
  expect(isHoldOver({ state: 'held', heldUntilMs: 10 }, 10)).toBe(true)
  expect(isHoldOver({ state: 'held', heldUntilMs: 10 }, 9)).toBe(false)
  expect(isHoldOver({ state: 'held', heldUntilMs: undefined }, 10)).toBe(false)
  expect(isHoldOver({ state: 'lapsed', heldUntilMs: 10 }, 9)).toBe(true)
  expect(isHoldOver({ state: 'booked', heldUntilMs: undefined }, 10)).toBe(false)
})

it('takes the usual time where the service type says none', () => {
  expect(holdEndsAtMs({ holdMinutes: 0 }, 0)).toBe(600_000)
  expect(holdEndsAtMs({ holdMinutes: 3 }, 0)).toBe(180_000)
  expect(deletedAfterMs({ endsAtMs: 0, heldUntilMs: undefined }, { keptDays: 0 })).toBe(90 * dayMs)
  expect(deletedAfterMs({ endsAtMs: 0, heldUntilMs: undefined }, { keptDays: 5 })).toBe(5 * dayMs)
  expect(deletedAfterMs({ endsAtMs: 9 * dayMs, heldUntilMs: 7 }, { keptDays: 5 })).toBe(dayMs + 7)
})

it('has the motive of the service type, or its id', () => {
  expect(motiveOf({ motive: '', serviceTypeId: 'id-card' })).toBe('id-card')
  expect(motiveOf({ motive: 'identity', serviceTypeId: 'id-card' })).toBe('identity')
})

it('reminds of each time ahead once, the earliest first, and of none behind', () => {
  const hours = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 3 })
  fc.assert(
    fc.property(hours, fc.integer({ min: -300 * hourMs, max: 0 }), (reminderHours, fromMs) => {
      const reminded: number[] = []
      for (let at: number | undefined = fromMs; at !== undefined && reminded.length < 4; ) {
        at = reminderAfter({ startsAtMs: 0 }, { reminderHours }, at)
        if (at !== undefined) reminded.push(at)
      }
      const ahead = [...new Set(reminderHours.map((each) => 0 - each * hourMs))].filter((at) => at > fromMs)
      expect(reminded).toEqual(ahead.sort((a, b) => a - b))
    }),
  )
})
