import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callEndMs, closedState, shortestCallMs } from './ticket.js'

const minuteMs = 60_000
const span = (from: number, to: number) => ({ startsAtMs: from * minuteMs, endsAtMs: to * minuteMs })
const minutes = fc.integer({ min: 0, max: 300 })
const someSpan = fc.tuple(minutes, fc.integer({ min: 1, max: 60 })).map(([from, length]) => span(from, from + length))

describe('until when a called ticket takes the practitioner', () => {
  it('is nowhere where somebody has them now, or in less than five minutes', () => {
    expect(callEndMs(10 * minuteMs, 30 * minuteMs, [span(0, 20)], span(0, 60))).toBeUndefined()
    expect(callEndMs(10 * minuteMs, 30 * minuteMs, [span(14, 20)], span(0, 60))).toBeUndefined()
  })

  it('is the end of the meeting, the next claim or the end of the opening, whatever comes first', () => {
    expect(callEndMs(0, 30 * minuteMs, [], span(0, 60))).toBe(30 * minuteMs)
    expect(callEndMs(0, 30 * minuteMs, [span(15, 20), span(40, 50)], span(0, 60))).toBe(15 * minuteMs)
    expect(callEndMs(0, 30 * minuteMs, [], span(0, 20))).toBe(20 * minuteMs)
  })

  it('lets who still waits be called when the opening is about to end, or has ended', () => {
    expect(callEndMs(58 * minuteMs, 30 * minuteMs, [], span(0, 60))).toBe(63 * minuteMs)
    expect(callEndMs(70 * minuteMs, 30 * minuteMs, [], undefined)).toBe(100 * minuteMs)
  })

  it('meets no claim and lasts between five minutes and the meeting, or is none', () => {
    fc.assert(
      fc.property(
        minutes,
        fc.integer({ min: 5, max: 90 }),
        fc.array(someSpan, { maxLength: 6 }),
        (now, length, taken) => {
          const nowMs = now * minuteMs
          const endMs = callEndMs(nowMs, length * minuteMs, taken, undefined)
          const isTaken = taken.some((each) => each.startsAtMs < nowMs + shortestCallMs && each.endsAtMs > nowMs)
          expect(endMs === undefined).toBe(isTaken)
          if (endMs === undefined) return
          expect(endMs - nowMs).toBeGreaterThanOrEqual(shortestCallMs)
          expect(endMs - nowMs).toBeLessThanOrEqual(length * minuteMs)
          for (const each of taken) expect(each.startsAtMs >= endMs || each.endsAtMs <= nowMs).toBe(true)
        },
      ),
    )
  })
})

describe('closing a ticket', () => {
  it('is the same said twice, and never turns one end into the other', () => {
    expect(closedState('seen', false)).toBeUndefined()
    expect(closedState('left', true)).toBeUndefined()
    expect(closedState('called', true)).toBe('seen')
    expect(closedState('waiting', false)).toBe('left')
    expect(closedState('seen', true)).toBe('seen')
  })
})
