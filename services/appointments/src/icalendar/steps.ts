/** Work that stops again and again after little of it, for who waits meanwhile. */
export type Steps<T> = Generator<void, T>

/** Few enough to be read without anybody noticing; each may be a time of a zone, which costs the most. */
const atOnce = 50

/** Each of many as something else, some of them a step. */
export function* mapped<T, U>(items: Iterable<T>, map: (item: T) => U): Steps<U[]> {
  const results: U[] = []
  for (const item of items) {
    results.push(map(item))
    if (results.length % atOnce === 0) yield
  }
  return results
}

/** Does the work step by step; whatever else this process has to do comes between two of them. Throws what the work throws. */
export const inTurns = async <T>(steps: Steps<T>): Promise<T> => {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
