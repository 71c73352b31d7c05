import { describe, expect, it } from 'vitest'
import { batched } from './batch.js'
import { deferred } from './postgres.fixture.js'

describe('batched', () => {
  it('fails all items of a run that fails, and none of the next', async () => {
    const one = batched<number, number>(
      async (items) => {
        if (items.includes(13)) throw new Error('unlucky')
        return items
      },
      { most: 2 },
    )
    const results = await Promise.allSettled([one(12), one(13), one(14)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })

  it('takes together what arrives in one turn, and what arrives while a run is under way', async () => {
    const runs: number[][] = []
    const gate = deferred()
    const one = batched<number, number>(
      async (items) => {
        runs.push(items)
        if (runs.length === 1) await gate.promise
        return items.map((item) => item * 10)
      },
      { most: 100 },
    )
    const first = [one(1), one(2)]
    await new Promise((resolve) => setImmediate(resolve))
    const second = [one(3), one(4), one(5)]
    gate.resolve()
    expect(await Promise.all([...first, ...second])).toEqual([10, 20, 30, 40, 50])
    expect(runs).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
  })

  it('takes no more at once than it is told', async () => {
    const sizes: number[] = []
    const one = batched<number, number>(
      async (items) => {
        sizes.push(items.length)
        return items
      },
      { most: 3 },
    )
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(one))
    expect(sizes).toEqual([3, 3, 1])
  })
})
