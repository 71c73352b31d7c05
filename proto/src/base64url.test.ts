import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCanonical } from './base64url.js'
import { MeshError } from './reasons.js'

describe('decodeCanonical', () => {
  it.each([
    ['padding', 'TQ=='],
    ['a space', 'TW Fu'],
    ['a tab', 'TWF\tu'],
    ['a line feed at the end', 'TWFu\n'],
    ['unused last bits that are not zero', 'TR'],
    ['the base64 alphabet', '-_+/'],
    ['a length that no bytes have', 'TWFuT'],
    ['a letter beyond ASCII', 'TWFŵ'],
  ])('refuses %s', (_, text) => {
    expect(() => decodeCanonical(text)).toThrow(expect.objectContaining({ reason: 'TOKEN_MALFORMED' }))
  })

  it('reads every canonical text back to its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeCanonical(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('accepts one spelling at most of the same bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        try {
          expect(decodeCanonical(text).toString('base64url')).toBe(text)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MeshError)
        }
      }),
    )
  })
})
