/** Lets those who wait for something committed in this process go on at once, instead of looking again and again. */
export class Wakes {
  readonly #waiting = new Set<() => void>()

  /** Says that something was committed. */
  wake(): void {
    for (const go of this.#waiting) go()
    this.#waiting.clear()
  }

  /**
   * Starts to listen now, so that a wake between looking and waiting is not lost. `within` resolves at the wake or after so
   * many milliseconds; `stop` ends the listening without either.
   */
  listen(): { within(ms: number): Promise<void>; stop(): void } {
    let go: () => void = () => undefined
    const woken = new Promise<void>((resolve) => {
      go = resolve
    })
    this.#waiting.add(go)
    const stop = (): void => {
      this.#waiting.delete(go)
    }
    return {
      stop,
      within: async (ms) => {
        const timer = setTimeout(go, ms)
        await woken
        clearTimeout(timer)
        stop()
      },
    }
  }
}
