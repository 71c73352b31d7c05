import { describe, expect, it } from 'vitest'
import { nextQuestion, type Offer, valueAt } from './assessment.js'
import type { FactAskedFor } from './release.js'

const words = { fr: '-', en: '-' }
const fact = (...sources: readonly [evidenceType: string, field: string][]): FactAskedFor => ({
  kind: 'yes-no',
  title: words,
  question: words,
  sources: sources.map(([evidenceType, field]) => ({ evidenceType, field, purpose: 'rate' })),
})
const offer = (provider: string, evidenceType: string, fields: readonly string[], purpose = 'rate'): Offer => ({
  provider,
  evidenceType,
  purpose,
  basisId: `basis-${provider}`,
  gives: (field) => fields.includes(field),
})
const facts = {
  low: fact(['income', 'is-low'], ['tax', 'low']),
  alone: fact(['income', 'alone']),
  wish: fact(),
}

describe('nextQuestion', () => {
  it('asks nothing of anybody for what only the person knows, what nobody offers, and what is for another purpose', () => {
    expect(nextQuestion({ facts }, ['wish'], [offer('fund', 'income', ['is-low'])])).toBeUndefined()
    expect(nextQuestion({ facts }, ['low', 'alone'], [])).toBeUndefined()
    expect(nextQuestion({ facts }, ['low'], [offer('fund', 'income', ['alone'])])).toBeUndefined()
    expect(nextQuestion({ facts }, ['low'], [offer('fund', 'income', ['is-low'], 'search')])).toBeUndefined()
    expect(nextQuestion({ facts }, ['constructor'], [offer('fund', 'income', ['is-low'])])).toBeUndefined()
  })

  it('asks one member at once for all that is missing and that it can tell, and for nothing else', () => {
    const fund = offer('fund', 'income', ['is-low', 'alone', 'address'])
    expect(nextQuestion({ facts }, ['low', 'alone', 'wish'], [fund])).toEqual({
      offer: fund,
      facts: [
        { name: 'low', source: { evidenceType: 'income', field: 'is-low', purpose: 'rate' } },
        { name: 'alone', source: { evidenceType: 'income', field: 'alone', purpose: 'rate' } },
      ],
    })
    expect(nextQuestion({ facts }, ['alone'], [fund])?.facts.map(({ name }) => name)).toEqual(['alone'])
  })

  it('prefers the source that the release names first, and then the next', () => {
    const [tax, fund] = [offer('tax-office', 'tax', ['low']), offer('fund', 'income', ['is-low'])]
    expect(nextQuestion({ facts }, ['low'], [tax, fund])?.offer).toBe(fund)
    expect(nextQuestion({ facts }, ['low'], [tax])?.offer).toBe(tax)
  })
})

describe('valueAt', () => {
  it('finds a single value, and nothing that is none or inherited', () => {
    const evidence = { a: { b: 0, c: [1], d: null }, e: false }
    expect(valueAt(evidence, 'a.b')).toBe(0)
    expect(valueAt(evidence, 'e')).toBe(false)
    for (const field of ['a', 'a.c', 'a.d', 'a.b.c', 'f', 'constructor.name', 'a.c.length'])
      expect(valueAt(evidence, field), field).toBeUndefined()
  })
})
