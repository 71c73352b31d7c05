/** What a run of many calls showed. Times in milliseconds. */
export interface Figures {
  /** How many had an answer. */
  readonly calls: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpuMicrosPerCall: number
  readonly failures: number
}

type Act = () => Promise<void>

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** Counts what comes of the calls of one run, each timed from a moment that the shape of the load decides. */
class Tally {
  readonly #times: number[] = []
  readonly #startedAt = performance.now()
  readonly #cpu: () => number
  readonly #cpuBefore: number
  readonly #act: Act
  #failures = 0

  constructor(act: Act, cpu: () => number) {
    this.#act = act
    this.#cpu = cpu
    this.#cpuBefore = cpu()
  }

  async call(sinceMs: number): Promise<void> {
    try {
      await this.#act()
      this.#times.push(performance.now() - sinceMs)
    } catch {
      this.#failures += 1
    }
  }

  figures(): Figures {
    const elapsedMs = performance.now() - this.#startedAt
    const sorted = this.#times.sort((a, b) => a - b)
    return {
      calls: sorted.length,
      perSecond: Math.round((sorted.length / elapsedMs) * 1000),
      p50: Number(percentile(sorted, 0.5).toFixed(2)),
      p99: Number(percentile(sorted, 0.99).toFixed(2)),
      cpuMicrosPerCall: Math.round((this.#cpu() - this.#cpuBefore) / Math.max(1, sorted.length)),
      failures: this.#failures,
    }
  }
}

/** Closed loop: so many calls in flight at any time, for so long. */
export const closedLoop = async (
  act: Act,
  shape: { readonly inFlight: number; readonly forMs: number },
  cpu: () => number,
): Promise<Figures> => {
  const tally = new Tally(act, cpu)
  const until = performance.now() + shape.forMs
  const worker = async (): Promise<void> => {
    while (performance.now() < until) await tally.call(performance.now())
  }
  await Promise.all(Array.from({ length: shape.inFlight }, worker))
  return tally.figures()
}

/**
 * Open loop: calls start at the moments of a Poisson process whatever became of the ones before, and each is timed from the
 * moment it was due, so that a stall is not hidden (coordinated omission).
 */
export const openLoop = async (
  act: Act,
  shape: { readonly perSecond: number; readonly forMs: number },
  cpu: () => number,
): Promise<Figures> => {
  const tally = new Tally(act, cpu)
  const pending = new Set<Promise<void>>()
  const until = performance.now() + shape.forMs
  let due = performance.now()
  while (due < until) {
    due += (-Math.log(1 - Math.random()) / shape.perSecond) * 1000
    const wait = due - performance.now()
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    const call = tally.call(due).finally(() => pending.delete(call))
    pending.add(call)
  }
  await Promise.all(pending)
  return tally.figures()
}
