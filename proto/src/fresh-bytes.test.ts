import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshBytes } from './fresh-bytes.js'

describe('freshBytes', () => {
  it('refuses more than it draws at once', () => {
    expect(() => freshBytes(4097)).toThrow(RangeError)
    expect(freshBytes(4096)).toHaveLength(4096)
  })

  it('never gives a byte twice, nor changes one that was given', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 8, max: 64 }), { minLength: 100, maxLength: 300 }), (lengths) => {
        const given = lengths.map(freshBytes)
        const asGiven = given.map((bytes) => bytes.toString('hex'))
        freshBytes(4096)
        expect(given.map((bytes) => bytes.length)).toEqual(lengths)
        expect(given.map((bytes) => bytes.toString('hex'))).toEqual(asGiven)
        expect(new Set(asGiven.map((hex) => hex.slice(0, 16))).size).toBe(lengths.length)
      }),
      { numRuns: 50 },
    )
  })
})
