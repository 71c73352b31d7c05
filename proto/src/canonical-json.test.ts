import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.js'

const text = (value: unknown): string => canonicalJson(value).toString()

describe('canonical JSON', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1])(
    'refuses %s, which JSON has no words for',
    (value) => {
      expect(() => canonicalJson(value)).toThrow()
      if (typeof value === 'number') expect(() => canonicalJson({ value })).toThrow()
    },
  )

  // RFC 8785 section 3.2.2 and 3.2.3.
  it('is as the examples of RFC 8785 have it', () => {
    const given = {
      // biome-ignore lint/correctness/noPrecisionLoss: the RFC's own example.
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(text(given)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    const sorted = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    const reversed = Object.fromEntries(Object.entries(sorted).reverse())
    expect(Object.values(JSON.parse(text(reversed)))).toEqual([4, 2, 6, 7, 1, 5, 3])
  })

  it('is UTF-8', () => {
    expect(canonicalJson({ é: '😀' })).toEqual(Buffer.from('{"é":"😀"}', 'utf8'))
  })

  it('does not depend on the order of names, and says what was given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reordered = JSON.parse(JSON.stringify(value), (_, inner) =>
          inner !== null && typeof inner === 'object' && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        )
        expect(text(reordered)).toBe(text(value))
        expect(JSON.parse(text(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
