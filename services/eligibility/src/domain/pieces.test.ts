import type { NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { describe, expect, it } from 'vitest'
import { askedFieldsFault, entriesFault, longestEntry, missingFields, withEntries } from './pieces.js'
import type { ProcedureFieldAsked } from './procedure.js'

const title = { fr: 't', en: 't' }
const field = (change: Partial<ProcedureFieldAsked> = {}): ProcedureFieldAsked => ({
  title,
  isMandatory: true,
  isGivenByPerson: true,
  ...change,
})
const fields = {
  letter: field(),
  wish: field({ isMandatory: false }),
  income: field({ isGivenByPerson: false, evidence: { type: 'income', field: 'amount' } }),
  rent: field({ isMandatory: false, evidence: { type: 'rent', field: 'amount' } }),
}
const entry = (field: string, text = 'x') => ({ field, text })
const nobody = new Set<string>()

describe('what a person gives', () => {
  it.each([
    ['no field, whose name is not repeated', [entry('letter'), entry('pseudonym-p1')], ''],
    ['a name that every object has', [entry('constructor')], ''],
    ['what another holds', [entry('income')], 'income'],
    ['one field twice', [entry('letter'), entry('letter', 'y')], 'letter'],
    ['nothing but spaces', [entry('wish', ' \n')], 'wish'],
    ['more than fits', [entry('letter', 'x'.repeat(longestEntry + 1))], 'letter'],
  ])('is not %s', (_, entries, field) => {
    const fault = entriesFault(fields, entries, nobody)
    expect(fault?.field).toBe(field)
    expect(fault?.what).not.toContain('pseudonym')
  })

  it('may be what another holds once it was asked of them', () => {
    expect(entriesFault(fields, [entry('income')], new Set(['income']))).toBeUndefined()
    expect(entriesFault(fields, [entry('letter', 'x'.repeat(longestEntry)), entry('wish')], nobody)).toBeUndefined()
  })

  it('leaves missing what they must give, and never what another holds', () => {
    expect(missingFields(fields, [])).toEqual(['letter'])
    expect(missingFields(fields, [entry('letter')])).toEqual([])
  })

  it('replaces what they gave of the same field, and loses nothing else', () => {
    expect(withEntries([entry('letter', '1'), entry('wish', '2')], [entry('letter', '3')])).toEqual([
      entry('letter', '3'),
      entry('wish', '2'),
    ])
  })
})

describe('what may be asked of a person (CRPA L113-12)', () => {
  const source = (evidenceType: string) => ({ evidenceType, field: 'amount', purpose: 'rate' })
  const reach = {
    holders: (type: string) => (type === 'income' || type === 'rent' ? ['fund'] : []),
    used: [],
    notObtained: [],
    sourcesOf: (fact: string) => (fact === 'revenu' ? [source('income')] : []),
  }
  const failed = (fact: string): NotObtained => ({
    ...{ provider: 'fund', evidenceType: 'income', purpose: 'rate', facts: [fact], exchangeId: '' },
    why: { $case: 'refused', value: 'UNAVAILABLE' },
  })

  it('is not nothing, no field that there is not, and none twice', () => {
    expect(askedFieldsFault(fields, [], reach)).toMatchObject({ field: 'fields' })
    expect(askedFieldsFault(fields, ['letter', 'letter'], reach)).toMatchObject({ field: 'fields' })
    expect(askedFieldsFault(fields, ['toString'], reach)).toMatchObject({ field: '' })
  })

  it('is not what a holder in reach can give, before an examination failed to obtain exactly that', () => {
    expect(askedFieldsFault(fields, ['letter', 'income'], reach)).toMatchObject({ field: 'income' })
    expect(askedFieldsFault(fields, ['rent'], reach)).toMatchObject({ field: 'rent' })
    expect(askedFieldsFault(fields, ['income'], { ...reach, notObtained: [failed('another')] })).toMatchObject({
      field: 'income',
    })
    const told = {
      ...{ fact: { name: 'revenu', value: undefined }, isSelfDeclared: false, provider: 'fund', exchangeId: '' },
      ...{ version: 1, asOfMs: 1, source: source('income') },
    }
    expect(
      askedFieldsFault(fields, ['income'], { ...reach, notObtained: [failed('revenu')], used: [told] }),
    ).toMatchObject({ field: 'income' })
  })

  it('is what nobody else holds, and what its holders did not tell', () => {
    expect(askedFieldsFault(fields, ['letter', 'wish'], reach)).toBeUndefined()
    expect(askedFieldsFault(fields, ['income'], { ...reach, notObtained: [failed('revenu')] })).toBeUndefined()
    expect(askedFieldsFault(fields, ['income'], { ...reach, holders: () => [] })).toBeUndefined()
  })
})
