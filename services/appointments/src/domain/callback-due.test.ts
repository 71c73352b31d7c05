import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callbackDue } from './callback-due.js'
import type { Span } from './slots.js'

const span = (startsAtMs: number, endsAtMs: number): Span => ({ startsAtMs, endsAtMs })
const spans = fc.array(
  fc
    .record({ at: fc.integer({ min: 0, max: 500 }), length: fc.integer({ min: 1, max: 60 }) })
    .map(({ at, length }) => span(at, at + length)),
  { maxLength: 12 },
)
const moment = fc.integer({ min: 0, max: 600 })
const working = fc.integer({ min: 1, max: 120 })

/** The moments of these spans, one by one: slow, and plainly right. */
const openMoments = (openings: readonly Span[], fromMs: number): number[] =>
  Array.from({ length: 700 }, (_, at) => at).filter(
    (at) => at >= fromMs && openings.some(({ startsAtMs, endsAtMs }) => startsAtMs <= at && at < endsAtMs),
  )

describe('when a callback is due', () => {
  it('is nowhere where nothing is open from then on', () => {
    expect(callbackDue([], 0, 10)).toBeUndefined()
    expect(callbackDue([span(0, 10)], 10, 10)).toBeUndefined()
  })

  it('counts the openings alone, from the request on, and over the night', () => {
    expect(callbackDue([span(100, 120), span(200, 300)], 110, 30)).toEqual({ dueAtMs: 220, isWhole: true })
    expect(callbackDue([span(100, 120)], 50, 20)).toEqual({ dueAtMs: 120, isWhole: true })
  })

  it('is the end of the last opening where those that are known last less', () => {
    expect(callbackDue([span(100, 120), span(0, 50)], 0, 500)).toEqual({ dueAtMs: 120, isWhole: false })
  })

  it('leaves exactly the working time between the request and itself, however openings overlap', () => {
    fc.assert(
      fc.property(spans, moment, working, (openings, from, workingMs) => {
        const open = openMoments(openings, from)
        const due = callbackDue(openings, from, workingMs)
        const last = open[Math.min(workingMs, open.length) - 1]
        expect(due).toEqual(last === undefined ? undefined : { dueAtMs: last + 1, isWhole: open.length >= workingMs })
      }),
    )
  })

  it('never comes earlier for who asks later, or for a longer time', () => {
    fc.assert(
      fc.property(spans, moment, moment, working, working, (openings, one, other, short, long) => {
        const first = callbackDue(openings, Math.min(one, other), Math.min(short, long))
        const second = callbackDue(openings, Math.max(one, other), Math.max(short, long))
        if (first && second) expect(second.dueAtMs).toBeGreaterThanOrEqual(first.dueAtMs)
      }),
    )
  })
})
