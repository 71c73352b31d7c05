import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRelease } from '../rules/read-release.js'
import { asSource, soundRelease } from '../rules/release.fixture.js'
import { explainAlgorithm, longestParts } from './algorithm-explanation.js'
import { explain, type Language, languages } from './explanation.js'
import { find } from './finding.js'
import type { Facts } from './release.js'

const read = readRelease(asSource(soundRelease()))
if (!('release' in read)) throw new Error(JSON.stringify(read))
const { release, computation } = read
const sha256 = 'a'.repeat(64)
const terms = {
  purpose: { fr: 'Aider.', en: 'To help.', falc: 'Une aide.' },
  contribution: { fr: 'Elle propose.', en: 'It proposes.' },
}
const known: Facts = new Map<string, number | boolean | string>([
  ['boursier', false],
  ['revenu', 10_000.01],
  ['foyer . personnes', 1],
])
const told = [
  { fact: 'boursier', toldBy: undefined, asOfMs: 0 },
  { fact: 'revenu', toldBy: 'The fund', asOfMs: 7 },
  { fact: 'foyer . personnes', toldBy: 'The fund', asOfMs: 7 },
]
const explained = (language: Language, facts = known, used = told, isSigned = true) => {
  const explanation = explain(release, computation, facts, find(release, computation, facts), language)
  const parts = explainAlgorithm(
    { release, computation, sha256 },
    terms,
    { facts, used, explanation, isSigned },
    language,
  )
  if (!parts) throw new Error('too long')
  return parts
}

describe('the four parts of R311-3-1-2', () => {
  it('say to what degree the algorithm contributed, and who decided', () => {
    expect(explained('fr').contribution).toBe('Aider. Elle propose. Un agent a lu le dossier, a décidé et a signé.')
    expect(explained('en', known, told, false).contribution).toMatch(/To help\. It proposes\. .* without an agent/)
    expect(explained('fr-x-falc').contribution).toMatch(/^Une aide\. Elle propose\. /)
  })

  it('name each value that was used, and whence, and nothing else', () => {
    expect(explained('en').data).toEqual([
      { title: 'Boursier', value: 'no', source: 'You stated it.', asOfMs: 0 },
      { title: 'Revenu', value: '10,000.01 € a year', source: 'The fund', asOfMs: 7 },
      { title: 'Personnes', value: '1 person', source: 'The fund', asOfMs: 7 },
    ])
    const other = { fact: 'statut', toldBy: 'The fund', asOfMs: 7 }
    expect(explained('en', known, [other]).data).toEqual([])
  })

  it('say of each parameter what it weighed for this person', () => {
    expect(explained('en').parameters).toEqual([
      {
        title: 'Être boursier',
        value: 'no',
        weight: 'It decided the result.',
        legalReference: 'Règlement de la ville',
      },
      {
        title: 'Être sous le plafond',
        value: 'no',
        weight: 'It decided the result.',
        legalReference: 'Règlement de la ville',
      },
      {
        title: 'plafond',
        value: '10,000 € a year',
        weight: 'Amount of the scale with which your values are compared.',
        legalReference: 'Règlement de la ville',
      },
    ])
    const granted = explained('en', new Map([...known, ['boursier', true]]))
    expect(granted.parameters.map(({ weight }) => weight.startsWith('It decided'))).toEqual([true, false, false])
  })

  it('write each operation with what it came to, and in easy French the sentences', () => {
    const { operations } = explained('fr')
    expect(operations).toEqual([
      'sous le plafond = revenu <= plafond → non',
      "aide = variations (si : statut = 'retraite', alors : 300 €/an ; sinon : 120 €/an) → non connu",
    ])
    expect(explained('fr-x-falc').operations.join(' ')).toMatch(/Au-dessus : 10.000,01 € par an/)
  })

  it('stay under 20 kB, however many rules there are, and say where the rest is', () => {
    const rules = { ...release.rules }
    for (let at = 0; at < 290; at++) rules[`règle ${at}`] = `revenu <= ${at} €/an et ${'x'.repeat(350)}`
    const large = { ...release, rules }
    for (const language of languages) {
      const explanation = explain(release, computation, known, find(release, computation, known), language)
      const applied = { facts: known, used: told, explanation, isSigned: true }
      const parts = explainAlgorithm({ release: large, computation, sha256 }, terms, applied, language)
      expect(Buffer.byteLength(JSON.stringify(parts))).toBeLessThanOrEqual(longestParts)
      if (language === 'en') expect(parts?.operations.at(-1)).toMatch(/^And \d+ more operations, in .* a{64}\.$/)
    }
    const explanation = explain(release, computation, known, find(release, computation, known), 'en')
    const applied = { facts: known, used: told, explanation, isSigned: true }
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 260 }), fc.integer({ min: 60, max: 390 }), (count, length) => {
        const many = Object.fromEntries(Array.from({ length: count }, (_, at) => [`règle ${at}`, 'x'.repeat(length)]))
        const from = { release: { ...release, rules: many }, computation, sha256 }
        const parts = explainAlgorithm(from, terms, applied, 'en')
        expect(Buffer.byteLength(JSON.stringify(parts))).toBeLessThanOrEqual(longestParts)
      }),
    )
  })

  it('are not written at all where even their beginning is longer', () => {
    const longTerms = { ...terms, purpose: { fr: 'x'.repeat(longestParts), en: 'x' } }
    const explanation = explain(release, computation, known, find(release, computation, known), 'fr')
    const applied = { facts: known, used: told, explanation, isSigned: true }
    expect(explainAlgorithm({ release, computation, sha256 }, longTerms, applied, 'fr')).toBeUndefined()
  })

  it('can be written for whatever is known', () => {
    const facts = fc.record(
      {
        boursier: fc.boolean(),
        revenu: fc.integer({ min: 0, max: 100_000 }),
        'foyer . personnes': fc.integer({ min: 1, max: 12 }),
        statut: fc.constantFrom('salarie', 'retraite'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(facts, fc.constantFrom(...languages), (given, language) => {
        const some: Facts = new Map(Object.entries(given))
        const used = [...some.keys()].map((fact) => ({ fact, toldBy: undefined, asOfMs: 0 }))
        const parts = explained(language, some, used)
        expect(parts.data).toHaveLength(some.size)
        expect(parts.parameters.length).toBeGreaterThanOrEqual(2)
        expect(parts.operations.length).toBeGreaterThan(0)
      }),
    )
  })
})
