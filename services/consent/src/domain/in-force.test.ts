import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectedInForceAtMs, inForceAtMs, type ProviderWithdrawal } from './in-force.js'

const leaseMs = 10_000
const delay = fc.integer({ min: 0, max: 5000 })
const recordedAtMs = 100_000

/** One documents process asks for a lease: when it drew its nonce, how long the ask and the answer travel. */
const ask = fc.record({ drawnAtMs: fc.integer({ min: 70_000, max: 130_000 }), there: delay, back: delay })
/** One provider: its processes' asks, and when the withdrawal is applied and confirmed, if ever. */
const provider = fc.record({
  asks: fc.array(ask, { maxLength: 12 }),
  applyAfterMs: fc.option(fc.integer({ min: 1, max: 60_000 }), { nil: undefined }),
  confirmAfterMs: fc.option(delay, { nil: undefined }),
})
type Provider = typeof provider extends fc.Arbitrary<infer P> ? P : never

const grantedAtMs = ({ drawnAtMs, there }: { drawnAtMs: number; there: number }): number => drawnAtMs + there

/** What the authority has written down about a provider. */
const known = ({ asks, applyAfterMs, confirmAfterMs }: Provider): ProviderWithdrawal => {
  const ends = asks
    .map(grantedAtMs)
    .filter((at) => at < recordedAtMs)
    .map((at) => at + leaseMs)
  const isConfirmed = applyAfterMs !== undefined && confirmAfterMs !== undefined
  return {
    confirmedAtMs: isConfirmed ? recordedAtMs + applyAfterMs + confirmAfterMs : undefined,
    leaseEndsAtMs: ends.length > 0 ? Math.max(...ends) : undefined,
  }
}

/** The last moment, after the withdrawal was recorded, at which the provider can still release on the old state. */
const lastReleaseMs = ({ asks, applyAfterMs }: Provider): number => {
  const appliedAtMs = applyAfterMs === undefined ? Number.POSITIVE_INFINITY : recordedAtMs + applyAfterMs
  const ends = asks.flatMap((each) => {
    const mustApplyFirst = grantedAtMs(each) >= recordedAtMs
    const from = Math.max(grantedAtMs(each) + each.back, mustApplyFirst ? appliedAtMs : 0)
    const until = Math.min(each.drawnAtMs + leaseMs, appliedAtMs)
    return from < until ? [until] : []
  })
  return Math.max(Number.NEGATIVE_INFINITY, ...ends)
}

describe('a withdrawal in force', () => {
  it('is not in force while a provider has neither confirmed nor lost its lease', () => {
    expect(inForceAtMs(5, [{ confirmedAtMs: undefined, leaseEndsAtMs: 10 }], 9)).toBeUndefined()
    expect(
      inForceAtMs(
        5,
        [
          { confirmedAtMs: 7, leaseEndsAtMs: 10 },
          { confirmedAtMs: undefined, leaseEndsAtMs: 10 },
        ],
        9,
      ),
    ).toBeUndefined()
  })

  it('counts the earlier of confirmation and end of the lease, and the latest provider', () => {
    expect(inForceAtMs(5, [{ confirmedAtMs: 7, leaseEndsAtMs: 10 }], 8)).toBe(7)
    expect(inForceAtMs(5, [{ confirmedAtMs: 12, leaseEndsAtMs: 10 }], 13)).toBe(10)
    expect(
      inForceAtMs(
        5,
        [
          { confirmedAtMs: 7, leaseEndsAtMs: 10 },
          { confirmedAtMs: 8, leaseEndsAtMs: 10 },
        ],
        9,
      ),
    ).toBe(8)
  })

  it('is at once where a provider holds no lease, because it releases nothing on consent', () => {
    expect(inForceAtMs(5, [{ confirmedAtMs: undefined, leaseEndsAtMs: undefined }], 5)).toBe(5)
    expect(inForceAtMs(5, [{ confirmedAtMs: undefined, leaseEndsAtMs: 3 }], 5)).toBe(5)
  })

  it('lets no release commit afterwards, whatever is asked, delayed, applied or lost', () => {
    fc.assert(
      fc.property(fc.array(provider, { minLength: 1, maxLength: 4 }), (providers) => {
        const atMs = expectedInForceAtMs(recordedAtMs, providers.map(known))
        return providers.every((each) => lastReleaseMs(each) <= atMs)
      }),
      { numRuns: 2000 },
    )
  })

  it('comes at most one lease after it was recorded', () => {
    fc.assert(
      fc.property(fc.array(provider, { minLength: 1, maxLength: 4 }), (providers) => {
        const atMs = expectedInForceAtMs(recordedAtMs, providers.map(known))
        return atMs >= recordedAtMs && atMs <= recordedAtMs + leaseMs
      }),
    )
  })

  it('keeps its moment once it has come, whatever is confirmed later', () => {
    fc.assert(
      fc.property(provider, fc.integer({ min: 0, max: 20_000 }), delay, (each, afterMs, laterMs) => {
        const facts = known(each)
        const nowMs = recordedAtMs + afterMs
        const heard = facts.confirmedAtMs !== undefined && facts.confirmedAtMs <= nowMs
        const first = inForceAtMs(recordedAtMs, [heard ? facts : { ...facts, confirmedAtMs: undefined }], nowMs)
        const later = { ...facts, confirmedAtMs: heard ? facts.confirmedAtMs : nowMs + laterMs }
        return first === undefined || inForceAtMs(recordedAtMs, [later], nowMs + 60_000) === first
      }),
      { numRuns: 1000 },
    )
  })
})
