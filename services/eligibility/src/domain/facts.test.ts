import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFacts } from './facts.js'
import type { FactValue, RuleRelease } from './release.js'

const text = { fr: 'x', en: 'x' }
const asked = { title: text, question: text, sources: [] }
const release: Pick<RuleRelease, 'facts'> = {
  facts: {
    revenu: { ...asked, kind: 'number', unit: '€/an', minimum: -50, maximum: 100000, decimals: 2 },
    personnes: { ...asked, kind: 'number', unit: 'personne', minimum: 1, maximum: 12, decimals: 0 },
    boursier: { ...asked, kind: 'yes-no' },
    statut: { ...asked, kind: 'choice', choices: { salarie: text, retraite: text } },
  },
}
const faultOf = (...given: (readonly [string, FactValue])[]) => {
  const read = readFacts(release, given)
  return 'what' in read ? read.fact : undefined
}

describe('facts given for a rule', () => {
  it.each<[string, string, FactValue]>([
    ['below the least', 'revenu', -50.01],
    ['above the most', 'revenu', 100000.01],
    ['with a third decimal', 'revenu', 12.345],
    ['of half a person', 'personnes', 1.5],
    ['that is no number', 'revenu', Number.NaN],
    ['without end', 'revenu', Number.POSITIVE_INFINITY],
    ['as a text', 'revenu', '12'],
    ['as yes', 'personnes', true],
    ['as 1 for yes', 'boursier', 1],
    ['as a word for yes', 'boursier', 'oui'],
    ['not among the choices', 'statut', 'etudiant'],
    ['that every object has', 'statut', 'constructor'],
    ['as a number for a choice', 'statut', 0],
  ])('are refused %s, naming the fact and not its value', (_, name, value) => {
    expect(faultOf([name, value])).toBe(name)
    expect(JSON.stringify(readFacts(release, [[name, value]]))).not.toContain(`${value}"`)
  })

  it.each(['revenus', '__proto__', 'constructor', 'toString', ''])(
    'of the name %j are refused without repeating it',
    (name) => {
      expect(readFacts(release, [[name, 1]])).toEqual({ fact: '', what: 'One of them is no fact of this rule' })
    },
  )

  it('are refused when one contradicts itself, and not when it is said twice', () => {
    expect(faultOf(['revenu', 1], ['revenu', 2])).toBe('revenu')
    expect(faultOf(['revenu', 1], ['revenu', 1])).toBeUndefined()
  })

  it('are read to the cent and to each bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 10_000_000 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        (cents, personnes, boursier) => {
          const given = [
            ['revenu', cents / 100],
            ['personnes', personnes],
            ['boursier', boursier],
            ['statut', 'retraite'],
          ] as const
          expect(readFacts(release, given)).toEqual(new Map<string, FactValue>(given))
        },
      ),
    )
  })
})
