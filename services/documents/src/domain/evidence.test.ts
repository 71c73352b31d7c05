import { fieldsOf, type JsonObject, type JsonValue } from '@unefois/proto/mask'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorisation, person, startMs } from '../federation.fixture.js'
import { answerPredicates, fieldRefusal, type HeldEvidence, isStale, minimised, releasedFields } from './evidence.js'

const { iss: provider, ...terms } = authorisation()
const authorised = { ...terms, provider }
const held = (value: JsonObject, children: readonly string[] = []): HeldEvidence => ({
  value,
  version: 1,
  asOfMs: startMs,
  related: children.map((name) => ({ relation: 'children', subject: person(name) })),
})

describe('the gate on fields', () => {
  it.each(['address', 'children', 'children[].born', 'amounts', 'children[]'])('refuses %s', (field) => {
    expect(fieldRefusal(authorised, ['amount', field], [])).toBe('FIELD_NOT_AUTHORISED')
  })

  it('refuses a predicate that the authorisation does not list', () => {
    expect(fieldRefusal(authorised, [], [{ id: 'high-income', argument: undefined }])).toBe('FIELD_NOT_AUTHORISED')
  })

  it('refuses a predicate without its argument, and an argument to one that takes none', () => {
    expect(fieldRefusal(authorised, [], [{ id: 'child-of', argument: undefined }])).toBe('FIELD_NOT_AUTHORISED')
    expect(fieldRefusal(authorised, [], [{ id: 'low-income', argument: person('bob') }])).toBe('FIELD_NOT_AUTHORISED')
  })

  it('lets fields and predicates of the authorisation through', () => {
    const asked = [
      { id: 'child-of', argument: person('bob') },
      { id: 'low-income', argument: undefined },
    ]
    expect(fieldRefusal(authorised, ['amount', 'children[].name'], asked)).toBeUndefined()
    expect(fieldRefusal(authorised, [], [])).toBeUndefined()
  })
})

describe('released fields', () => {
  it('are none when only a predicate is asked', () => {
    expect(releasedFields(authorised, { fields: [], predicates: [{}] })).toEqual([])
  })

  it('are those asked for', () => {
    expect(releasedFields(authorised, { fields: ['year'], predicates: [{}] })).toEqual(['year'])
  })

  it('are all of the authorisation when nothing is named', () => {
    expect(releasedFields(authorised, { fields: [], predicates: [] })).toEqual(authorised.fields)
  })
})

describe('freshness', () => {
  it('ends with the millisecond after the maximum age', () => {
    const last = startMs + authorised.maximumAgeSeconds * 1000
    expect(isStale(authorised, held({}), last)).toBe(false)
    expect(isStale(authorised, held({}), last + 1)).toBe(true)
  })
})

describe('predicates', () => {
  const childOf = (name: string) => [{ id: 'child-of', argument: person(name) }]
  const lowIncome = [{ id: 'low-income', argument: undefined }]

  it('hold for a related person of this relation only', () => {
    const family = { ...held({}, ['bob']), related: [...held({}, ['bob']).related] }
    family.related.push({ relation: 'parents', subject: person('eve') })
    expect(answerPredicates(authorised, family, childOf('bob'))).toEqual([{ predicate: 'child-of', holds: true }])
    expect(answerPredicates(authorised, family, childOf('eve'))).toEqual([{ predicate: 'child-of', holds: false }])
  })

  it('compare with the constant of the authorisation, itself included', () => {
    const answers = [999, 1000, 1000.01].map(
      (amount) => answerPredicates(authorised, held({ amount }), lowIncome)[0]?.holds,
    )
    expect(answers).toEqual([true, true, false])
  })

  it('are not answered when the evidence does not say: a missing figure is not a no', () => {
    for (const value of [{}, { amount: null }, { amount: '999' }])
      expect(answerPredicates(authorised, held(value), lowIncome)).toEqual([])
  })

  it('read no property that every object has', () => {
    const inherited = { id: 'low-income', kind: 'at-most', field: 'constructor.length', constant: 9 } as const
    expect(answerPredicates({ ...authorised, predicates: [inherited] }, held({}), lowIncome)).toEqual([])
  })
})

const names = fc.constantFrom('a', 'b', 'c', 'd')
const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonValue>(1, 'text', null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
})).value
const path = fc
  .array(fc.tuple(names, fc.constantFrom('', '[]')), { minLength: 1, maxLength: 3 })
  .map((steps) => steps.map(([name, list]) => `${name}${list}`).join('.'))

describe('minimisation', () => {
  it('never shows a path that is not listed, nor anything that was not there', () => {
    const isWithin = (field: string, listed: string) =>
      field === listed || field.startsWith(`${listed}.`) || field.startsWith(`${listed}[]`)
    fc.assert(
      fc.property(fc.dictionary(names, value), fc.array(path, { maxLength: 4 }), (whole, listed) => {
        const shown = fieldsOf(minimised(held(whole), listed))
        const there = new Set(fieldsOf(whole))
        for (const field of shown) {
          expect(there).toContain(field)
          expect(listed.some((each) => isWithin(field, each))).toBe(true)
        }
      }),
    )
  })

  it('shows each listed value that is there', () => {
    fc.assert(
      fc.property(fc.dictionary(names, value), (whole) => {
        const all = fieldsOf(whole)
        for (const field of all) expect(fieldsOf(minimised(held(whole), [field]))).toContain(field)
      }),
    )
  })
})
