import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitMarginMs, Lease, longestIdleMs } from './lease.js'

const ask = { nonce: 'fresh', askedAtMs: 5_000 }
const answer = { nonce: 'fresh', requiredPosition: 7, leaseMs: 10_000 }

describe('Lease', () => {
  it('is not held before anybody answered', () => {
    expect(new Lease().isHeld(0)).toBe(false)
  })

  it('refuses an answer to another ask', () => {
    const lease = new Lease()
    expect(lease.renew(ask, { ...answer, nonce: 'another' }, 7)).toBe(false)
    expect(lease.isHeld(5_000)).toBe(false)
  })

  it('refuses to be renewed while positions are still to be applied', () => {
    const lease = new Lease()
    expect(lease.renew(ask, answer, 6)).toBe(false)
    expect(lease.isHeld(5_000)).toBe(false)
    expect(lease.renew(ask, answer, 7)).toBe(true)
    expect(lease.isHeld(5_000)).toBe(true)
  })

  it('ends a margin before it ends for the authority, counted from the ask and not from the answer', () => {
    const lease = new Lease()
    lease.renew(ask, answer, 7)
    expect(lease.isHeld(15_000 - commitMarginMs - 1)).toBe(true)
    expect(lease.isHeld(15_000 - commitMarginMs)).toBe(false)
  })

  it('leaves a COMMIT time after the longest pause before it', () => {
    expect(longestIdleMs).toBeLessThan(commitMarginMs)
  })

  it('is never held beyond the end of any answer that renewed it', () => {
    const exchange = fc.record({
      askedAtMs: fc.nat(100_000),
      leaseMs: fc.nat(20_000),
      isOwnNonce: fc.boolean(),
      required: fc.nat(5),
      applied: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(exchange), fc.nat(150_000), (exchanges, atMs) => {
        const lease = new Lease()
        let endsAtMs = Number.NEGATIVE_INFINITY
        for (const { askedAtMs, leaseMs, isOwnNonce, required, applied } of exchanges) {
          const given = { nonce: isOwnNonce ? 'own' : 'foreign', requiredPosition: required, leaseMs }
          const isTaken = lease.renew({ nonce: 'own', askedAtMs }, given, applied)
          expect(isTaken).toBe(isOwnNonce && applied >= required)
          if (isTaken) endsAtMs = Math.max(endsAtMs, askedAtMs + leaseMs)
        }
        expect(lease.isHeld(atMs)).toBe(atMs < endsAtMs - commitMarginMs)
      }),
    )
  })
})
