import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostReadAPage, readMatching } from './pages.js'

interface Row {
  readonly position: number
  readonly isAskedFor: boolean
  /** Its key was forgotten. */
  readonly isGone: boolean
}

/** Reads on as a list does, and counts the rows of each page. */
const walk = async (rows: readonly Row[], limit: number, atOnce: number) => {
  const found: number[] = []
  const pages: { shown: number; read: number }[] = []
  let from: number | undefined
  for (let isEnd = false; !isEnd; ) {
    let read = 0
    const page = await readMatching<Row>(
      async (after, count) => {
        const chunk = rows.filter(({ position }) => position > (after ?? 0)).slice(0, count)
        read += chunk.length
        const items = chunk.filter(({ isGone }) => !isGone)
        return { items, upTo: chunk.at(-1)?.position, isEnd: chunk.length < count }
      },
      ({ isAskedFor }) => isAskedFor,
      ({ position }) => position,
      { from, limit, atOnce },
    )
    found.push(...page.items.map(({ position }) => position))
    pages.push({ shown: page.items.length, read })
    expect(page.isEnd || page.upTo !== from, 'a page that is not the last goes on').toBe(true)
    from = page.upTo
    isEnd = page.isEnd
  }
  return { found, pages }
}

describe('a page of what is filtered when it is open', () => {
  it('finds each entry that is asked for once, in order, and never reads more than its budget', async () => {
    const row = fc.record({ isAskedFor: fc.boolean(), isGone: fc.boolean() })
    const shape = fc.tuple(
      fc.array(row, { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 30 }),
    )
    await fc.assert(
      fc.asyncProperty(shape, async ([drawn, limit, atOnce]) => {
        const rows = drawn.map((one, at) => ({ ...one, position: at + 1 }))
        const { found, pages } = await walk(rows, limit, atOnce)
        const asked = rows.filter(({ isAskedFor, isGone }) => isAskedFor && !isGone)
        expect(found).toEqual(asked.map(({ position }) => position))
        for (const { shown } of pages) expect(shown).toBeLessThanOrEqual(limit)
      }),
    )
  })

  it('ends empty with a place to go on from when its budget is spent', async () => {
    const rows = Array.from({ length: 3 * mostReadAPage }, (_, at) => ({
      position: at + 1,
      isAskedFor: at === 2 * mostReadAPage,
      isGone: false,
    }))
    const { found, pages } = await walk(rows, 20, mostReadAPage)
    expect(found).toEqual([2 * mostReadAPage + 1])
    expect(pages.slice(0, 2)).toEqual([
      { shown: 0, read: mostReadAPage },
      { shown: 0, read: mostReadAPage },
    ])
  })
})
