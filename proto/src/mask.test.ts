import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fieldsOf,
  gives,
  intersectPaths,
  isCovered,
  type JsonObject,
  type JsonValue,
  minimise,
  parsePath,
} from './mask.js'

const names = fc.constantFrom('a', 'b', 'c', 'é', 'nom_usage')
const path = fc
  .array(fc.tuple(names, fc.constantFrom('', '', '[]', '[][]')), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.map((segment) => segment.join('')).join('.'))
const paths = fc.array(path, { maxLength: 6 })
const { object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<JsonValue>(null, true, 0, 1.5, '', 'x'),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}))

const refused = (field: string) => expect.objectContaining({ reason: 'REQUEST_INVALID', facts: { field } })

describe('parsePath', () => {
  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '[]',
    '[].a',
    'a[0]',
    'a[',
    'a]',
    'a[]b',
    'a.[]',
    'a b',
    '*',
    '$.a',
    '__proto__',
    'a.__proto__.b',
    '__proto__[]',
    'constructor',
    'a[].prototype',
    'x'.repeat(65),
    Array(17).fill('a').join('.'),
  ])('refuses %j', (text) => {
    expect(() => parsePath(text)).toThrow(refused(text))
  })

  it('reads names and lists', () => {
    expect(parsePath('quotient_familial.valeur')).toEqual(['quotient_familial', 'valeur'])
    expect(parsePath('enfants[].prenoms')).toEqual(['enfants', '[]', 'prenoms'])
    expect(parsePath('a[][]')).toEqual(['a', '[]', '[]'])
    expect(parsePath('année_2024')).toEqual(['année_2024'])
  })
})

describe('minimise', () => {
  const family = {
    quotient_familial: { valeur: 680, mois: 10, version: null },
    enfants: [{ prenoms: ['Ada'], nir: '1' }, { nir: '2' }],
    adresse: { rue: '1 rue X' },
  }

  it('leaves out what is not listed, without a null in its place', () => {
    expect(minimise(family, [])).toEqual({})
    expect(minimise(family, ['quotient_familial.valeur'])).toEqual({ quotient_familial: { valeur: 680 } })
    expect(minimise(family, ['quotient_familial.annee'])).toStrictEqual({})
    expect(minimise(family, ['quotient_familial.annee'])).not.toHaveProperty('quotient_familial')
  })

  it('hides a list, its length too, unless a path leads to it', () => {
    expect(minimise(family, ['adresse'])).toEqual({ adresse: family.adresse })
    expect(minimise(family, ['enfants.prenoms'])).toEqual({})
    expect(minimise(family, ['enfants[].prenoms'])).toEqual({ enfants: [{ prenoms: ['Ada'] }, {}] })
    expect(minimise({ enfants: [] }, ['enfants[].prenoms'])).toEqual({ enfants: [] })
    expect(minimise({ enfants: ['Ada', 7] }, ['enfants[].prenoms'])).toEqual({ enfants: [{}, {}] })
  })

  it('shows all of an object or list that is listed itself, also beside a narrower path', () => {
    expect(minimise(family, ['quotient_familial.valeur', 'quotient_familial'])).toEqual({
      quotient_familial: family.quotient_familial,
    })
    expect(minimise(family, ['quotient_familial', 'quotient_familial.valeur'])).toEqual({
      quotient_familial: family.quotient_familial,
    })
    expect(minimise(family, ['enfants[]'])).toEqual({ enfants: family.enfants })
  })

  it('keeps a null that is a listed value', () => {
    expect(minimise({ a: [null, 1] }, ['a[]'])).toEqual({ a: [null, 1] })
    expect(minimise(family, ['quotient_familial.version'])).toEqual({ quotient_familial: { version: null } })
  })

  it('sees only a value’s own fields', () => {
    expect(minimise({}, ['toString', 'hasOwnProperty'])).toStrictEqual({})
  })

  it('refuses a value that smuggles a prototype in a listed object, and leaves an unlisted one behind', () => {
    const hostile = JSON.parse('{"a":{"b":1,"__proto__":{"isAdmin":true}}}')
    expect(() => minimise(hostile, ['a'])).toThrow(expect.objectContaining({ reason: 'EVIDENCE_INVALID' }))
    expect(() => fieldsOf(hostile)).toThrow(expect.objectContaining({ reason: 'EVIDENCE_INVALID' }))
    expect(minimise(hostile, ['a.b'])).toStrictEqual({ a: { b: 1 } })
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('shares no structure with the value it was given', () => {
    const shown = minimise(family, ['adresse', 'enfants'])
    expect(shown.adresse).not.toBe(family.adresse)
    expect(shown.enfants).not.toBe(family.enfants)
  })

  it('shows every listed field and no other', () => {
    fc.assert(
      fc.property(object, paths, (value, listed) => {
        const shown = fieldsOf(minimise(value, listed))
        expect(shown).toEqual(fieldsOf(value).filter((field) => isCovered(field, listed)))
      }),
      { numRuns: 500 },
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(object, paths, (value, listed) => {
        const once = minimise(value, listed)
        expect(fieldsOf(minimise(once, listed))).toEqual(fieldsOf(once))
      }),
    )
  })

  it('shows under the intersection what both lists show', () => {
    fc.assert(
      fc.property(object, paths, paths, (value, a, b) => {
        const both = fieldsOf(minimise(value, intersectPaths(a, b)))
        expect(both).toEqual(fieldsOf(value).filter((field) => isCovered(field, a) && isCovered(field, b)))
      }),
      { numRuns: 500 },
    )
  })
})

describe('fieldsOf', () => {
  it('lists the single values, each path once', () => {
    expect(fieldsOf({ a: { b: 1, c: null }, d: [{ e: 1 }, { e: 2 }, { f: [3] }], g: {}, h: [] })).toEqual([
      'a.b',
      'a.c',
      'd[].e',
      'd[].f[]',
    ])
  })
})

describe('intersectPaths', () => {
  it('keeps the narrower of two paths', () => {
    expect(intersectPaths(['quotient_familial'], ['quotient_familial.valeur'])).toEqual(['quotient_familial.valeur'])
    expect(intersectPaths(['enfants[].prenoms'], ['enfants'])).toEqual(['enfants[].prenoms'])
    expect(intersectPaths(['quotient'], ['quotient_familial'])).toEqual([])
    expect(intersectPaths(['enfants.nom'], ['enfants[].nom'])).toEqual([])
  })

  it('drops a path that another one covers', () => {
    expect(intersectPaths(['a', 'a.b'], ['a'])).toEqual(['a'])
  })

  it('is commutative', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        expect(intersectPaths(a, b)).toEqual(intersectPaths(b, a))
      }),
    )
  })

  it('is associative', () => {
    fc.assert(
      fc.property(paths, paths, paths, (a, b, c) => {
        expect(intersectPaths(intersectPaths(a, b), c)).toEqual(intersectPaths(a, intersectPaths(b, c)))
      }),
    )
  })

  it('is idempotent', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const both = intersectPaths(a, b)
        expect(intersectPaths(both, both)).toEqual(both)
        expect(intersectPaths(both, b)).toEqual(both)
        expect(a.every((each) => isCovered(each, intersectPaths(a, a)))).toBe(true)
      }),
    )
  })

  it('is monotone: more on one side never allows less', () => {
    fc.assert(
      fc.property(paths, paths, paths, (a, b, more) => {
        const wider = intersectPaths([...a, ...more], b)
        for (const allowed of intersectPaths(a, b)) expect(isCovered(allowed, wider)).toBe(true)
      }),
    )
  })
})

describe('an authorisation', () => {
  const authorised = { mode: 'information', fields: ['amount'], predicates: [{ id: 'low', kind: 'at-most' }] } as never
  it('gives its fields, what lies in them, and its predicates', () => {
    expect(['amount', 'amount.value', 'low'].map((field) => gives(authorised, field))).toEqual([true, true, true])
    expect(gives(authorised, 'address')).toBe(false)
  })

  it('to search proactively gives nothing while the person is there', () => {
    expect(gives({ ...(authorised as object), mode: 'proactive' } as never, 'amount')).toBe(false)
  })
})
