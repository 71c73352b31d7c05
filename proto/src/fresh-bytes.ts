import { randomBytes } from 'node:crypto'

const pooledBytes = 4096
let pool = Buffer.alloc(0)
let drawn = 0

/**
 * So many random bytes of node:crypto, drawn in bulk because one small draw costs as much as a large one; at most 4096.
 * No two answers share a byte: a used-up pool is left to those who hold parts of it.
 */
export const freshBytes = (bytes: number): Buffer => {
  if (drawn + bytes > pool.length) {
    pool = randomBytes(pooledBytes)
    drawn = 0
  }
  drawn += bytes
  if (drawn > pool.length) throw new RangeError(`At most ${pooledBytes} bytes at once`)
  return pool.subarray(drawn - bytes, drawn)
}
