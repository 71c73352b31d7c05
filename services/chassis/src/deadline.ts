import { MeshError } from '@unefois/proto/reasons'
import type { Clock } from './clock.js'

/** Taken off at each hop, so that the caller can still report what went wrong before its own deadline passes. */
const hopMarginMs = 10
/** A call that arrives with less than this is refused at once: its answer could not arrive in time. */
const leastWorkMs = 5
/** A longer wish is cut to this. */
const longestMs = 60_000

/** The moment by which a call must be answered, on this process' monotonic clock; it travels as remaining milliseconds. */
export class Deadline {
  readonly #clock: Clock
  readonly #atMs: number

  private constructor(clock: Clock, atMs: number) {
    this.#clock = clock
    this.#atMs = atMs
  }

  /** Starts counting a deadline; refuses one that is missing or too near. */
  static after(remainingMs: number | undefined, clock: Clock): Deadline {
    if (remainingMs === undefined || !Number.isFinite(remainingMs)) throw new MeshError('DEADLINE_MISSING')
    if (remainingMs < leastWorkMs) throw new MeshError('DEADLINE_EXCEEDED')
    return new Deadline(clock, clock.monotonicMs() + Math.min(remainingMs, longestMs))
  }

  /** Milliseconds left, never negative. */
  remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs())
  }

  /** Milliseconds to give to the next hop; refuses when no useful time is left. */
  forNextHopMs(): number {
    const left = Math.floor(this.remainingMs() - hopMarginMs)
    if (left < leastWorkMs) throw new MeshError('DEADLINE_EXCEEDED')
    return left
  }

  /** An earlier deadline, for a call after which its caller has work of its own; at most half of what is left is kept back. */
  keepingBack(ms: number): Deadline {
    const leftMs = this.forNextHopMs()
    return new Deadline(this.#clock, this.#clock.monotonicMs() + leftMs - Math.min(ms, leftMs / 2))
  }

  /** Settles as `work` does, or refuses with DEADLINE_EXCEEDED when the time has passed first. */
  async race<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const passed = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MeshError('DEADLINE_EXCEEDED')), this.remainingMs())
    })
    try {
      return await Promise.race([work, passed])
    } finally {
      clearTimeout(timer)
    }
  }
}
