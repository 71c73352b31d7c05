/**
 * Commit when idle: what arrives while one run is under way (or `runs`) is taken together by the next. Under no load an item waits for
 * nothing; under load many share one round trip and one commit.
 */
export const batched = <Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  { most, runs = 1 }: { readonly most: number; readonly runs?: number },
): ((item: Item) => Promise<Result>) => {
  interface Waiting {
    readonly item: Item
    readonly resolve: (result: Result) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let running = 0

  const settle = async (taken: Waiting[]): Promise<void> => {
    try {
      const results = await run(taken.map(({ item }) => item))
      taken.forEach(({ resolve }, index) => {
        resolve(results[index] as Result)
      })
    } catch (error) {
      for (const { reject } of taken) reject(error)
    }
  }

  const drain = async (): Promise<void> => {
    running += 1
    // One turn of the event loop lets requests that arrived in the same tick travel together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const taken = waiting.splice(0, most)
      await settle(taken)
    }
    running -= 1
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (running < runs) void drain()
    })
}
