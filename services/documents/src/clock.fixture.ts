import type { Clock } from '@unefois/chassis/clock'
import { startMs } from './federation.fixture.js'

/** Two clocks that stand still until a test moves them. */
export class ManualClock implements Clock {
  #nowMs = startMs
  #monotonicMs = 1_000_000

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  advance(ms: number): void {
    this.#nowMs += ms
    this.#monotonicMs += ms
  }
}
