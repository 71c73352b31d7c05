import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberSet } from './number-set.js'

/** What PostgreSQL's get_bit answers: bit 0 is the lowest of the first byte. */
const has = ({ from, bits }: NonNullable<ReturnType<typeof numberSet>>, number: number): boolean => {
  const at = number - from
  return at >= 0 && at < bits.length * 8 && (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1
}

describe('numberSet', () => {
  it('has the numbers that it was made of, and no others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3000 })),
        fc.integer({ min: 0, max: 100_000_000 }),
        (near, far) => {
          const numbers = near.map((each) => each + far)
          const set = numberSet(numbers)
          if (!set) throw new Error('these lie near each other')
          for (let number = far - 10; number < far + 3100; number++)
            if (has(set, number) !== numbers.includes(number)) throw new Error(`it is wrong about ${number - far}`)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('is not made of numbers that lie too far apart', () => {
    expect(numberSet([5, 5 + 131_071])?.bits.length).toBe(16_384)
    expect(numberSet([5, 5 + 131_072])).toBeUndefined()
  })
})
