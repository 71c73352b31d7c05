/** A set of numbers as bits, which PostgreSQL's get_bit reads: bit n stands for the number `from` + n. */
export interface NumberSet {
  readonly from: number
  readonly bits: Buffer
}

// Of numbers that lie so far apart the bits would be longer than what they spare.
const mostBytes = 16_384

/** Numbers as bits; undefined where they lie too far apart. */
export const numberSet = (numbers: readonly number[]): NumberSet | undefined => {
  if (numbers.length === 0) return { from: 0, bits: Buffer.alloc(0) }
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const each of numbers) {
    from = Math.min(from, each)
    to = Math.max(to, each)
  }
  if (to - from >= mostBytes * 8) return undefined
  const bits = Buffer.alloc(Math.floor((to - from) / 8) + 1)
  for (const each of numbers) {
    const at = (each - from) >> 3
    bits[at] = (bits[at] ?? 0) | (1 << ((each - from) & 7))
  }
  return { from, bits }
}
