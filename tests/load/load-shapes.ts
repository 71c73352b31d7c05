/** What a run of many calls showed. Times in milliseconds. */
export interface Figures {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpuMicrosPerCall: number
  readonly failures: number
}

type Act = () => Promise<void>

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const figuresOf = (times: number[], failures: number, elapsedMs: number, cpuMicros: number): Figures => {
  const sorted = times.sort((a, b) => a - b)
  return {
    perSecond: Math.round((sorted.length / elapsedMs) * 1000),
    p50: Number(percentile(sorted, 0.5).toFixed(2)),
    p99: Number(percentile(sorted, 0.99).toFixed(2)),
    cpuMicrosPerCall: Math.round(cpuMicros / Math.max(1, sorted.length)),
    failures,
  }
}

/** Closed loop: so many calls in flight at any time, for so long. */
export const closedLoop = async (
  act: Act,
  shape: { readonly inFlight: number; readonly forMs: number },
  cpu: () => number,
): Promise<Figures> => {
  const times: number[] = []
  let failures = 0
  const before = cpu()
  const startedAt = performance.now()
  const until = startedAt + shape.forMs
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const at = performance.now()
      try {
        await act()
        times.push(performance.now() - at)
      } catch {
        failures += 1
      }
    }
  }
  await Promise.all(Array.from({ length: shape.inFlight }, worker))
  return figuresOf(times, failures, performance.now() - startedAt, cpu() - before)
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
  const times: number[] = []
  let failures = 0
  const before = cpu()
  const startedAt = performance.now()
  const pending = new Set<Promise<void>>()
  let due = startedAt
  while (due < startedAt + shape.forMs) {
    due += (-Math.log(1 - Math.random()) / shape.perSecond) * 1000
    const wait = due - performance.now()
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    const dueAt = due
    const call = act()
      .then(
        () => void times.push(performance.now() - dueAt),
        () => {
          failures += 1
        },
      )
      .finally(() => pending.delete(call))
    pending.add(call)
  }
  await Promise.all(pending)
  return figuresOf(times, failures, performance.now() - startedAt, cpu() - before)
}
