const perMinute = 60

interface Bucket {
  left: number
  filledAtMs: number
}

/**
 * How many refusals of one sender are put on record: 60 a minute, the rest is only counted in metrics. Otherwise a stranger
 * could make the log grow at will.
 */
export class RefusalBudget {
  readonly #buckets = new Map<string, Bucket>()

  /** Takes one from the sender's budget; false when nothing is left. */
  take(sender: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(sender) ?? { left: perMinute, filledAtMs: nowMs }
    const gained = ((nowMs - bucket.filledAtMs) / 60_000) * perMinute
    bucket.left = Math.min(perMinute, bucket.left + Math.max(0, gained))
    bucket.filledAtMs = nowMs
    this.#buckets.set(sender, bucket)
    if (bucket.left < 1) return false
    bucket.left -= 1
    return true
  }
}
