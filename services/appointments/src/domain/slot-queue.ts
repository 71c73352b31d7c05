/** Where a slot stands in a search: earliest first, and of the same moment by the number of the schedule. */
export interface SlotKey {
  readonly startsAtMs: number
  readonly scheduleNo: number
}

/** Negative where `a` comes before `b`. */
export const compareKeys = (a: SlotKey, b: SlotKey): number =>
  a.startsAtMs - b.startsAtMs || a.scheduleNo - b.scheduleNo

/** What waits for its turn, the earliest key first. */
export class SlotQueue<T> {
  // The latest first, so that taking the earliest moves nothing.
  readonly #waiting: { readonly key: SlotKey; readonly item: T }[] = []

  get first(): { readonly key: SlotKey; readonly item: T } | undefined {
    return this.#waiting.at(-1)
  }

  add(key: SlotKey, item: T): void {
    let [low, high] = [0, this.#waiting.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.#waiting[middle]
      if (there && compareKeys(there.key, key) > 0) low = middle + 1
      else high = middle
    }
    this.#waiting.splice(low, 0, { key, item })
  }

  take(): { readonly key: SlotKey; readonly item: T } | undefined {
    return this.#waiting.pop()
  }
}
