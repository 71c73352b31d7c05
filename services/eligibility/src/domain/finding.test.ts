import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRelease, readRelease } from '../rules/read-release.js'
import { asSource, type SoundRelease, soundRelease } from '../rules/release.fixture.js'
import type { CheckedRelease } from './check-release.js'
import { readRules } from './engine.js'
import { explain, languages } from './explanation.js'
import { find } from './finding.js'
import type { FactValue, Requirement } from './release.js'

const read = (change: (release: SoundRelease) => void = () => {}): CheckedRelease => {
  const release = soundRelease()
  change(release)
  const checked = readRelease(asSource(release))
  if (!('release' in checked)) throw new Error(JSON.stringify(checked))
  return checked
}
const facts = (known: Record<string, FactValue>) => new Map(Object.entries(known))

// Rules of right kinds and units, whatever they may mean.
const { money, yesNo } = fc.letrec<{ money: unknown; yesNo: unknown }>((tie) => ({
  money: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('revenu', 'plafond', '5000 €/an', 'revenu * 30 %', 'revenu / foyer . personnes * 1 personne'),
    fc.constantFrom(
      { valeur: 'revenu', plafond: 'plafond', plancher: '9 €/an' },
      { valeur: 'revenu', abattement: 'plafond' },
    ),
    fc
      .tuple(tie('yesNo'), tie('money'), tie('money'))
      .map(([si, alors, sinon]) => ({ variations: [{ si, alors }, { sinon }] })),
    fc.record({ somme: fc.array(tie('money'), { minLength: 1, maxLength: 3 }) }),
    fc.tuple(tie('money'), fc.constantFrom('0', '2', '50 %')).map((produit) => ({ produit })),
  ),
  yesNo: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(
      'boursier',
      "statut = 'retraite'",
      "statut != 'salarie'",
      'revenu <= plafond',
      'foyer . personnes > 3 personne',
    ),
    fc.record({ 'toutes ces conditions': fc.array(tie('yesNo'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ 'une de ces conditions': fc.array(tie('yesNo'), { minLength: 1, maxLength: 3 }) }),
    fc
      .tuple(tie('yesNo'), tie('yesNo'), tie('yesNo'))
      .map(([si, alors, sinon]) => ({ variations: [{ si, alors }, { sinon }] })),
  ),
}))
const sound = read()
const entitledWhen = fc.constantFrom<Requirement>(
  { all: ['une', { any: ['autre', 'boursier'] }] },
  { any: ['une', { all: ['autre', 'boursier'] }] },
  { all: ['boursier', 'une', 'autre'] },
)
const anyRule = fc
  .record({ une: yesNo, autre: yesNo, aide: money, entitledWhen })
  .map(({ entitledWhen, ...rules }): CheckedRelease => {
    const { release } = sound
    const { boursier } = release.conditions
    if (!boursier) throw new Error('no sentences')
    const made = { ...release, rules, conditions: { une: boursier, autre: boursier, boursier }, entitledWhen }
    const computation = readRules(made)
    if (!('compute' in computation)) throw new Error(JSON.stringify({ computation, rules }))
    return { release: made, computation }
  })
const everything = fc.record<Record<string, FactValue>>({
  revenu: fc.constantFrom(0, 9999.99, 10000, 10000.01, 15000, 60000),
  'foyer . personnes': fc.integer({ min: 1, max: 12 }),
  boursier: fc.boolean(),
  statut: fc.constantFrom('salarie', 'retraite'),
})

describe('what a rule finds', () => {
  it('is never taken back when more is known, whatever the rule and the order', () => {
    fc.assert(
      fc.property(
        anyRule,
        everything,
        fc.shuffledSubarray(['revenu', 'foyer . personnes', 'boursier', 'statut'], { minLength: 4 }),
        ({ release, computation }, all, order) => {
          const known = new Map<string, FactValue>()
          let before = find(release, computation, known)
          for (const name of order) {
            known.set(name, all[name] ?? 0)
            const now = find(release, computation, known)
            if (before.answer !== 'unknown') expect(now.answer).toBe(before.answer)
            for (const [condition, answer] of before.conditions)
              if (answer !== 'unknown') expect(now.conditions.get(condition)).toBe(answer)
            for (const [gift, value] of before.gives) expect(now.gives.get(gift)).toBe(value)
            before = now
          }
          expect(before.answer).not.toBe('unknown')
          expect(computation.complaints.size).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is known once what it asks is answered, each fact once, and only what still matters', () => {
    fc.assert(
      fc.property(anyRule, everything, ({ release, computation }, all) => {
        const known = new Map<string, FactValue>()
        let found = find(release, computation, known)
        while (found.missing.length > 0) {
          const { answer, missing, decidedBy, gives } = found
          const open = answer === 'unknown' ? decidedBy : []
          const worth = Object.keys(release.gives).filter((name) => answer !== 'no' && !gives.has(name))
          const matters = new Set([...open, ...worth].flatMap((name) => [...computation.factsFor(name)]))
          expect(new Set(missing).size).toBe(missing.length)
          for (const name of missing) {
            expect(known.has(name)).toBe(false)
            expect(matters).toContain(name)
          }
          const [next = ''] = missing
          known.set(next, all[next] ?? 0)
          found = find(release, computation, known)
        }
        expect(found.answer).not.toBe('unknown')
        expect(found.gives.size).toBe(found.answer === 'yes' ? 1 : 0)
      }),
      { numRuns: 60 },
    )
  })

  it('leaves nothing behind for who comes next', () => {
    const { release, computation } = read()
    const poor = facts({ boursier: false, revenu: 100, 'foyer . personnes': 1, statut: 'retraite' })
    const first = find(release, computation, poor)
    explain(release, computation, poor, first, 'fr')
    find(release, computation, facts({ boursier: false, revenu: 90000, 'foyer . personnes': 12, statut: 'salarie' }))
    expect(find(release, computation, facts({})).answer).toBe('unknown')
    expect(find(release, computation, poor)).toEqual(first)
  })

  it('is unknown where a computation fails, and only for those facts', () => {
    const parsed = parseRelease(
      asSource({ ...soundRelease(), rules: { 'sous le plafond': 'plafond / revenu > 3', aide: '3 €/an' } }),
    )
    if (!('value' in parsed)) throw new Error(JSON.stringify(parsed))
    const computation = readRules(parsed.value)
    if (!('compute' in computation)) throw new Error(JSON.stringify(computation))
    const at = (revenu: number) =>
      find(parsed.value, computation, facts({ boursier: false, revenu, 'foyer . personnes': 1 })).answer
    expect([at(0), at(1), at(90000), at(0)]).toEqual(['unknown', 'yes', 'no', 'unknown'])
  })

  it('takes 0 and no for answers, not for what is missing', () => {
    const { release, computation } = read((changed) => {
      Object.assign(changed.tables.plafond as object, { rows: { 1: 0, 2: 15000 } })
      Object.assign(changed.cases[0] ?? {}, { facts: { boursier: true, statut: 'retraite' } })
    })
    const at = (revenu: number) =>
      find(release, computation, facts({ boursier: false, revenu, 'foyer . personnes': 1 }))
    expect(at(0).answer).toBe('yes')
    expect(at(0.01)).toMatchObject({ answer: 'no', missing: [] })
  })

  it('rounds an amount half up, to what the right says', () => {
    const { release, computation } = read((changed) => {
      changed.rules.aide = { variations: [{ si: "statut = 'retraite'", alors: 'revenu * 0.5 %' }, { sinon: '0 €/an' }] }
      changed.cases[0] = {
        name: 'grant',
        facts: { boursier: true, revenu: 0, statut: 'retraite' },
        answer: 'yes',
        gives: { aide: 0 },
      }
    })
    const aide = (revenu: number) =>
      find(release, computation, facts({ boursier: true, revenu, statut: 'retraite' })).gives.get('aide')
    expect([601, 603, 1.01, 1000.99].map(aide)).toEqual([3.01, 3.02, 0.01, 5])
  })
})

describe('an explanation', () => {
  it('names what was compared and the ceiling that would change the answer, in each language', () => {
    const { release, computation } = read()
    const known = facts({ boursier: false, revenu: 10000.01, 'foyer . personnes': 1 })
    const found = find(release, computation, known)
    const sentences = languages.map((language) =>
      explain(release, computation, known, found, language).conditions[1]?.sentence.replace(/\s/g, ' '),
    )
    expect(sentences).toEqual([
      'Au-dessus : 10 000,01 € par an, limite 10 000 € par an pour 1 personne.',
      'Au-dessus : 10,000.01 € a year, limite 10,000 € a year pour 1 person.',
      'Au-dessus : 10 000,01 € par an, limite 10 000 € par an pour 1 personne.',
    ])
  })

  it('says of a computed amount what it is measured in, and of what is not known that it is not', () => {
    const { release, computation } = read((changed) => {
      changed.rules['sous le plafond'] = 'reste >= 0 €/an'
      changed.rules.reste = 'plafond - revenu'
      const condition = changed.conditions['sous le plafond'] as Record<string, object>
      const text = 'Reste {reste}, boursier {boursier}, statut {statut}.'
      condition.yes = { fr: text, en: text, falc: text }
      condition.unknown = condition.yes
    })
    const sentence = (known: Record<string, FactValue>, language: 'fr' | 'en') => {
      const found = find(release, computation, facts(known))
      return explain(release, computation, facts(known), found, language).conditions[1]?.sentence
    }
    expect(sentence({ revenu: 9999.5, 'foyer . personnes': 1, statut: 'retraite', boursier: false }, 'fr')).toBe(
      'Reste 0,50 € par an, boursier non, statut Retraité.',
    )
    expect(sentence({ revenu: 3 }, 'en')).toBe('Reste not known, boursier not known, statut not known.')
  })

  it('marks what decided, and is the same whoever was explained before', () => {
    const { release, computation } = read()
    const known = facts({ boursier: true })
    const found = find(release, computation, known)
    const explained = explain(release, computation, known, found, 'fr')
    expect(explained.conditions.map(({ name, answer, hasDecided }) => [name, answer, hasDecided])).toEqual([
      ['boursier', 'yes', true],
      ['sous le plafond', 'unknown', false],
    ])
    explain(release, computation, facts({ boursier: false }), found, 'en')
    expect(explain(release, computation, known, found, 'fr')).toEqual(explained)
  })
})
