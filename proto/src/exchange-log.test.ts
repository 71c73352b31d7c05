import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leafEntry, leafHash, recordBytes } from './exchange-log.js'

describe('recordBytes', () => {
  it.each<[string, Record<string, unknown>]>([
    ['an object within', { a: { b: 1 } }],
    ['a list of lists', { a: [['b']] }],
    ['a list of numbers', { a: [1] }],
    ['a fraction', { a: 1.5 }],
    ['a number that other languages round', { a: 2 ** 53 }],
    ['NaN', { a: Number.NaN }],
    ['a Date', { a: new Date(0) }],
    ['half a surrogate pair', { a: '\ud800' }],
    ['half a surrogate pair in a name', { '\udc00': 'a' }],
  ])('refuses %s', (_, record) => {
    expect(() => recordBytes(record as never)).toThrow(TypeError)
  })

  it('sorts names and writes without spaces, as RFC 8785 says', () => {
    const record = {
      requester: 'caf',
      at: 1,
      fields: ['b', 'a'],
      '\u20ac': '€\n',
      isLate: false,
      none: null,
      no: undefined,
    }
    expect(recordBytes(record).toString()).toBe(
      '{"at":1,"fields":["b","a"],"isLate":false,"none":null,"requester":"caf","€":"€\\n"}',
    )
  })

  it('gives the same bytes for the same fields in any order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean())), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse())
        expect(recordBytes(reversed)).toEqual(recordBytes(record))
        expect(JSON.parse(recordBytes(record).toString())).toEqual({ ...record })
      }),
    )
  })
})

describe('leafHash', () => {
  const record = recordBytes({ a: 1 })
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

  it('refuses a salt of another length', () => {
    expect(() => leafHash(Buffer.alloc(16), record)).toThrow(TypeError)
  })

  it('is SHA-256(0x00 ‖ SHA-256(salt ‖ record))', () => {
    const salt = Buffer.alloc(32, 7)
    expect(leafEntry(salt, record)).toEqual(sha256(salt, record))
    expect(leafHash(salt, record)).toEqual(sha256(Buffer.of(0), sha256(salt, record)))
  })

  it('differs for the same record under another salt', () => {
    expect(leafHash(Buffer.alloc(32, 1), record)).not.toEqual(leafHash(Buffer.alloc(32, 2), record))
  })
})
