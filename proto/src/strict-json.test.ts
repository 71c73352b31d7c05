import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonObject } from './strict-json.js'

const parse = (text: string) => parseJsonObject(Buffer.from(text))
const malformed = expect.objectContaining({ reason: 'TOKEN_MALFORMED' })

describe('parseJsonObject', () => {
  it.each([
    ['what is not JSON', '{'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a string', '"a"'],
    ['a byte order mark', '\ufeff{}'],
    ['a name twice', '{"a":1,"b":2,"a":1}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a name twice, deeper', '{"a":[{"b":{"c":1,"c":1}}]}'],
    ['a name twice around a nested object', '{"a":{"x":"}"},"a":1}'],
    ['a name twice after a string of quotes and backslashes', '{"a":"\\\\\\"","a":1}'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}'],
    ['__proto__ escaped', '{"a":{"\\u005f_proto__":1}}'],
    ['17 levels', `{"a":${'['.repeat(16)}${']'.repeat(16)}}`],
    ['a hundred thousand levels', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(malformed)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(malformed)
  })

  it('accepts the same name in two objects, and commas in arrays', () => {
    expect(parse('{"a":{"x":["x","x"]},"b":{"x":"a"}, "c" : 1 }')).toEqual({
      a: { x: ['x', 'x'] },
      b: { x: 'a' },
      c: 1,
    })
  })

  it('reads what JSON.stringify writes', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }))
    fc.assert(
      fc.property(value, (given) => {
        fc.pre(!JSON.stringify(given).includes('__proto__'))
        expect(parse(JSON.stringify(given))).toEqual(JSON.parse(JSON.stringify(given)))
      }),
    )
  })
})
