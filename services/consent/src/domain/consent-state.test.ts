import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AnsweredState,
  answerRefusal,
  type ConsentState,
  canBecome,
  historyAt,
  stateAt,
  withdrawalRefusal,
} from './consent-state.js'

const states: ConsentState[] = ['requested', 'given', 'refused', 'withdrawn', 'expired']
const allowed = ['requested given', 'requested refused', 'given withdrawn', 'given expired']
const anyState = fc.constantFrom(...states)
const instant = fc.integer({ min: 0, max: 1_000_000 })

describe('the states of a consent', () => {
  it('refuse every change but an answer to a request and the end of what was given', () => {
    fc.assert(fc.property(anyState, anyState, (from, to) => canBecome(from, to) === allowed.includes(`${from} ${to}`)))
  })

  it('never lead back to given, whatever is tried', () => {
    fc.assert(
      fc.property(fc.array(anyState, { maxLength: 20 }), (tried) => {
        const visited: ConsentState[] = ['requested']
        for (const next of tried) {
          const current = visited.at(-1) ?? 'requested'
          if (canBecome(current, next)) visited.push(next)
        }
        return new Set(visited).size === visited.length && visited.length <= 3
      }),
    )
  })

  it('refuse an answer to a request that was answered or has expired', () => {
    expect(answerRefusal({ state: 'given', expiresAtMs: 10 }, 1)).toBe('CONSENT_REQUEST_CLOSED')
    expect(answerRefusal({ state: 'refused', expiresAtMs: 10 }, 1)).toBe('CONSENT_REQUEST_CLOSED')
    expect(answerRefusal({ state: 'requested', expiresAtMs: 10 }, 10)).toBe('CONSENT_REQUEST_CLOSED')
    expect(answerRefusal({ state: 'requested', expiresAtMs: 10 }, 9)).toBeUndefined()
  })

  it('refuse to withdraw what was refused or has ended, and allow it twice', () => {
    expect(withdrawalRefusal('expired')).toBe('CONSENT_EXPIRED')
    expect(withdrawalRefusal('refused')).toBe('CONSENT_REFUSED')
    expect(withdrawalRefusal('requested')).toBe('CONSENT_UNKNOWN')
    expect(withdrawalRefusal('given')).toBeUndefined()
    expect(withdrawalRefusal('withdrawn')).toBeUndefined()
  })

  it('let only what was given expire, at its end and not before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<AnsweredState>('given', 'refused', 'withdrawn'),
        instant,
        instant,
        (state, end, now) => stateAt(state, end, now) === (state === 'given' && now >= end ? 'expired' : state),
      ),
    )
  })

  it('put the end into the history under the authority, once it has come', () => {
    const recorded = [
      { state: 'given' as const, atMs: 2, actor: 'person' },
      { state: 'requested' as const, atMs: 1, actor: 'asker' },
    ]
    const consent = { state: 'given' as const, validUntilMs: 9, authority: 'assent' }
    expect(historyAt(recorded, consent, 8).map(({ state }) => state)).toEqual(['requested', 'given'])
    expect(historyAt(recorded, consent, 9).at(-1)).toEqual({ state: 'expired', atMs: 9, actor: 'assent' })
  })
})
