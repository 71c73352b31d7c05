import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueAtMs, longestWaitMs, nextDueAtMs } from './later.js'

const nowMs = 1_800_000_000_000
const dayMs = 24 * 3_600_000
const unanswered = fc.oneof(
  fc.record({ kind: fc.constant('pending' as const), retryAfterMs: fc.nat(10 * dayMs) }),
  fc.constant({ kind: 'unreachable' as const }),
)

describe('a request that waits', () => {
  it('is never asked again once it was answered', () => {
    expect(nextDueAtMs({ kind: 'answered' }, nowMs + longestWaitMs, nowMs)).toBeUndefined()
  })

  it('is given up when its time has passed, whatever the provider says', () => {
    fc.assert(
      fc.property(unanswered, fc.nat(1000), (asked, lateMs) => {
        expect(nextDueAtMs(asked, nowMs, nowMs + lateMs)).toBeUndefined()
      }),
    )
  })

  it('is asked again when the provider said, between a second and a day from now', () => {
    expect(dueAtMs(90_000, nowMs)).toBe(nowMs + 90_000)
    fc.assert(
      fc.property(unanswered, (asked) => {
        const due = nextDueAtMs(asked, nowMs + longestWaitMs, nowMs) ?? Number.NaN
        expect(due).toBeGreaterThanOrEqual(nowMs + 1000)
        expect(due).toBeLessThanOrEqual(nowMs + dayMs)
      }),
    )
  })
})
