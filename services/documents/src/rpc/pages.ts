import { z } from 'zod'

const usualPageSize = 50

/** How the size of a page must look; 0 means the usual one. */
export const pageSize = z.number().int().min(0).max(100)

export const pageSizeOf = (asked: number, usual: number = usualPageSize): number => asked || usual

/** A position in an order that only grows, or empty. */
export const positionToken = z.string().regex(/^([1-9][0-9]{0,14})?$/, 'not a page token of this list')

/** The same of a list with filters: which they were stands behind it (PageTokens). */
export const filteredPositionToken = z
  .string()
  .regex(/^([1-9][0-9]{0,14}(~[A-Za-z0-9_-]{12})?)?$/, 'not a page token of this list')

/** Since when; 0: since ever. Milliseconds since the epoch. */
export const sinceMs = z.number().int().nonnegative()

/** Contests are long: a page of them may hold fewer still. */
export const contestPageSize = z.number().int().min(0).max(50)
export const usualContests = 20

/** What one page may read of content that is encrypted, and so filtered only when it has been read. */
export const mostReadAPage = 250

/** Rows opened at a time when most of them may not be shown: all that a page may read, in one question. */
export const openedAtOnce = mostReadAPage

/** Rows as they were read, and the last position among them; `isEnd` when nothing follows. */
export interface Chunk<T> {
  readonly items: readonly T[]
  readonly upTo: number | undefined
  readonly isEnd: boolean
}

/**
 * Reads on until a page is full, its budget of rows is spent, or nothing follows. Answers where to go on: after what was
 * shown where the page is full, after what was read otherwise.
 */
export const readMatching = async <T>(
  read: (from: number | undefined, limit: number) => Promise<Chunk<T>>,
  matches: (item: T) => boolean,
  positionOf: (item: T) => number,
  { from, limit, atOnce }: { readonly from: number | undefined; readonly limit: number; readonly atOnce: number },
): Promise<Chunk<T>> => {
  const found: T[] = []
  let upTo = from
  for (let rows = 0; rows < mostReadAPage; rows += atOnce) {
    const chunk = await read(upTo, atOnce)
    found.push(...chunk.items.filter(matches))
    const last = found[limit - 1]
    if (last !== undefined) {
      const isAll = found.length === limit && positionOf(last) === chunk.upTo
      return { items: found.slice(0, limit), upTo: positionOf(last), isEnd: isAll && chunk.isEnd }
    }
    upTo = chunk.upTo ?? upTo
    if (chunk.isEnd) return { items: found, upTo, isEnd: true }
  }
  return { items: found, upTo, isEnd: false }
}
