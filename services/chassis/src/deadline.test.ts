import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { because, stoppedClock } from './contract.fixture.js'
import { Deadline } from './deadline.js'

const thrown = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('Deadline', () => {
  it.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])('refuses a call that gives none (%s)', (remainingMs) => {
    expect(thrown(() => Deadline.after(remainingMs, stoppedClock()))).toMatchObject(because('DEADLINE_MISSING'))
  })

  it.each([4.9, 0, -1])('refuses one in %s ms: no answer could arrive in time', (remainingMs) => {
    expect(thrown(() => Deadline.after(remainingMs, stoppedClock()))).toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('refuses a next hop that could not answer in time', () => {
    const clock = stoppedClock()
    const deadline = Deadline.after(100, clock)
    clock.advance(85)
    expect(deadline.forNextHopMs()).toBe(5)
    clock.advance(0.5)
    expect(thrown(() => deadline.forNextHopMs())).toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('cuts a longer wish to a minute', () => {
    expect(Deadline.after(3_600_000, stoppedClock()).remainingMs()).toBe(60_000)
  })

  it('counts on the monotonic clock and never below zero', () => {
    const clock = stoppedClock()
    const deadline = Deadline.after(100, clock)
    clock.advance(30)
    expect(deadline.remainingMs()).toBe(70)
    clock.advance(1000)
    expect(deadline.remainingMs()).toBe(0)
  })

  it('takes something off at each hop, whatever passes meanwhile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60_000 }), fc.array(fc.nat(200), { maxLength: 20 }), (start, waits) => {
        const clock = stoppedClock()
        let left = start
        for (const wait of waits) {
          const deadline = Deadline.after(left, clock)
          clock.advance(wait)
          const next = thrown(() => deadline.forNextHopMs())
          if (typeof next !== 'number') {
            expect(left - wait - 10).toBeLessThan(5)
            return
          }
          expect(next).toBe(left - wait - 10)
          left = next
        }
      }),
    )
  })

  it('is kept back from by what its caller needs, or by half of what is left', () => {
    const clock = stoppedClock()
    expect(Deadline.after(1010, clock).keepingBack(200).remainingMs()).toBe(800)
    expect(Deadline.after(110, clock).keepingBack(200).remainingMs()).toBe(50)
    expect(thrown(() => Deadline.after(12, clock).keepingBack(200))).toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('ends a race with DEADLINE_EXCEEDED when the work takes longer', async () => {
    const deadline = Deadline.after(5, stoppedClock())
    await expect(deadline.race(new Promise(() => undefined))).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('settles a race as the work does', async () => {
    const deadline = Deadline.after(1000, stoppedClock())
    await expect(deadline.race(Promise.resolve('done'))).resolves.toBe('done')
    await expect(deadline.race(Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  })
})
