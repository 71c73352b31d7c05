import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerRefusal,
  type DeclarationState,
  declarationKeptUntilMs,
  isDeadline,
  supplementRefusal,
} from './declaration.js'
import { recordRetentionMonths } from './exchange-record.js'

const dayMs = 86_400_000
const nowMs = Date.UTC(2026, 10, 22)

describe('an answer', () => {
  it.each(['accepted', 'not-concerned'] as const)('ends it: after %s neither side adds anything', (state) => {
    for (const answer of ['accepted', 'needs-more', 'not-concerned'] as const)
      expect(answerRefusal({ state, untilMs: 0 }, answer, nowMs)).toBe('DECLARATION_ANSWERED')
    expect(supplementRefusal(state)).toBe('DECLARATION_ANSWERED')
  })

  it('never ends it against the person within the time that was given, and may always lengthen or accept', () => {
    const standing = { state: 'needs-more', untilMs: nowMs + 1 } as const
    expect(answerRefusal(standing, 'not-concerned', nowMs)).toBe('DECLARATION_DEADLINE_RUNNING')
    expect(answerRefusal(standing, 'not-concerned', nowMs + 1)).toBeUndefined()
    for (const answer of ['accepted', 'needs-more'] as const)
      expect(answerRefusal(standing, answer, nowMs)).toBeUndefined()
  })

  it('gives a day at least and a year at most', () => {
    const given = [dayMs - 1, dayMs, 366 * dayMs, 366 * dayMs + 1].map((ms) => isDeadline(nowMs + ms, nowMs))
    expect(given).toEqual([false, true, true, false])
  })

  it('leaves, in whatever order things come, exactly one end, and supplements only where something was asked', () => {
    const acts = fc.array(fc.constantFrom('accepted', 'needs-more', 'not-concerned', 'supplement'), { maxLength: 12 })
    fc.assert(
      fc.property(acts, (all) => {
        let state: DeclarationState = 'open'
        let ends = 0
        for (const act of all) {
          if (act === 'supplement') {
            const isAsked = state === 'needs-more'
            expect(supplementRefusal(state) === undefined).toBe(isAsked)
            if (isAsked) state = 'open'
          } else if (answerRefusal({ state, untilMs: 0 }, act, nowMs) === undefined) {
            state = act
            if (act !== 'needs-more') ends++
          }
        }
        return ends <= 1
      }),
    )
  })
})

describe('what was declared', () => {
  it('is kept no longer than its receipts, and for a year once it has ended', () => {
    for (const state of ['accepted', 'not-concerned'] as const)
      expect(new Date(declarationKeptUntilMs(state, nowMs)).toISOString()).toBe('2027-11-22T00:00:00.000Z')
    const waiting = new Date(nowMs)
    waiting.setUTCMonth(waiting.getUTCMonth() + recordRetentionMonths)
    for (const state of ['open', 'needs-more'] as const)
      expect(declarationKeptUntilMs(state, nowMs)).toBe(waiting.getTime())
  })
})
