import { describe, expect, it } from 'vitest'
import type { Fault } from '../domain/release.js'
import { readRelease } from './read-release.js'
import { asSource, faultsAfter, faultsWithRule, soundRelease } from './release.fixture.js'

const faultsOf = (source: string): readonly Fault[] => {
  const read = readRelease(source)
  return 'release' in read ? [] : read
}
const lines = (faults: readonly Fault[]): string[] => faults.map(({ at, what }) => `${at} ${what}`)
/** Milliseconds of processor time, which a busy machine does not lengthen. */
const timed = (act: () => unknown): number => {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

describe('the source of a release', () => {
  it('is read where nothing is wrong', () => {
    expect(faultsOf(asSource(soundRelease()))).toEqual([])
  })

  it('of five megabytes is refused before it is read', () => {
    const source = `benefit: ${'x'.repeat(5_000_000)}`
    expect(
      timed(() => expect(faultsOf(source)).toEqual([{ at: '', what: expect.stringContaining('bytes') }])),
    ).toBeLessThan(50)
  })

  it('is measured in bytes', () => {
    expect(lines(faultsOf(`# ${'é'.repeat(33_000)}`))).toEqual([expect.stringContaining('66002 bytes; 65536 at most')])
  })

  it.each([
    ['no YAML', 'a: [1', 'is no YAML'],
    ['a key twice', 'a: 1\nb: {c: 1, c: 2}', 'has the key c twice in one place'],
    ['an anchor', 'a: &x 1\nb: *x', 'has anchors and aliases'],
    [
      'anchors that unfold into gigabytes',
      ['a0: &a0 [x, x]', ...Array.from({ length: 60 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)].join('\n'),
      'has anchors and aliases',
    ],
    ['tags', 'a: !!binary aGVsbG8=', 'has tags'],
    ['a key that is a list', '? [a, b]\n: 1', 'has a key that is no plain text'],
    ['a second document', '--- {a: 1}\n--- {a: 2}', 'is no YAML'],
    ['a prototype as a key', 'a: {__proto__: {benefit: x}}', 'has the key __proto__'],
    ['sixty levels', `a: ${'['.repeat(60)}${']'.repeat(60)}`, 'nested deeper than 40'],
    ['thirty thousand levels', `a: ${'['.repeat(30_000)}`, 'is no YAML'],
    ['no mapping', '- 1', 'expected object'],
    ['nothing', '', 'expected object'],
  ])('with %s is refused', (_, source, expected) => {
    expect(lines(faultsOf(source)).join()).toContain(expected)
  })

  it('of nine thousand keys is refused within a second', () => {
    const source = Array.from({ length: 9000 }, (_, n) => `k${n}: 1`).join('\n')
    expect(timed(() => expect(faultsOf(source).length).toBeGreaterThan(0))).toBeLessThan(1000)
  })

  it('names each key that the format does not have, with its place', () => {
    const faults = faultsAfter((release) => {
      Object.assign(release, { validSince: '2026-01-01' })
      Object.assign(release.facts.boursier as object, { default: true })
    })
    expect(lines(faults).join('\n')).toMatch(/validSince/)
    expect(lines(faults).join('\n')).toMatch(/facts\/boursier .*default/)
  })
})

describe('what a release says of itself', () => {
  it.each<[string, Parameters<typeof faultsAfter>[0], string]>([
    [
      'an author who reviews',
      (r) => Object.assign(r, { reviewer: ' camille  FERRAND ' }),
      'reviewer is another person',
    ],
    ['an end before its start', (r) => Object.assign(r, { validTo: '2025-12-31' }), 'validTo is not before'],
    ['a day that is none', (r) => Object.assign(r, { validFrom: '2026-02-30' }), 'validFrom is a day'],
    ['no scope', (r) => Object.assign(r, { scope: [] }), 'scope'],
    [
      'a fact that nothing needs',
      (r) => Object.assign(r.facts, { 'année de naissance': { ...(r.facts.revenu as object) } }),
      'facts/année de naissance is needed by nothing',
    ],
    [
      'a table that begins above its fact',
      (r) => Object.assign(r.tables.plafond as object, { rows: { 2: 15000 } }),
      'tables/plafond/rows begin at 2, but foyer . personnes may be 1',
    ],
    ['a table by cents', (r) => Object.assign(r.tables.plafond as object, { by: 'revenu' }), 'without decimals'],
    [
      'a table without a text',
      (r) => Object.assign(r.tables.plafond as object, { reference: 'loi' }),
      'names one of the references',
    ],
    [
      'an unknown unit',
      (r) => Object.assign(r.facts.revenu as object, { unit: '£/an' }),
      'facts/revenu/unit is one of',
    ],
    [
      'a sentence that names nothing',
      (r) => Object.assign((r.conditions.boursier as { no: object }).no, { falc: 'Limite : {plafonds}.' }),
      'conditions/boursier/no/falc names {plafonds}',
    ],
    [
      'a sentence that names what every object has',
      (r) => Object.assign((r.conditions.boursier as { no: object }).no, { falc: 'Limite : {constructor}.' }),
      'names {constructor}',
    ],
    [
      'a condition without sentences',
      (r) => Object.assign(r, { entitledWhen: { all: ['boursier', 'aide'] } }),
      'names aide',
    ],
    [
      'a condition that nothing needs',
      (r) => Object.assign(r, { entitledWhen: 'boursier' }),
      'is not named in entitledWhen',
    ],
    ['an orientation that gives', (r) => Object.assign(r, { isOrientation: true }), 'gives is empty in an orientation'],
    ['no case of a no', (r) => r.cases.splice(1, 1, { ...r.cases[0], name: 'again' }), 'have none whose answer is no'],
    [
      'no case of an unknown',
      (r) => r.cases.splice(2, 1, { ...r.cases[0], name: 'again' }),
      'none whose answer is unknown',
    ],
    ['no case of a yes', (r) => r.cases.splice(0, 1, { ...r.cases[1], name: 'again' }), 'none whose answer is yes'],
    [
      'a case that does not come out',
      (r) => Object.assign(r.cases[1] ?? {}, { answer: 'yes' }),
      'expects yes, but the rule finds no',
    ],
    [
      'a gift that does not come out',
      (r) => Object.assign(r.cases[0] ?? {}, { gives: { aide: 299 } }),
      'to be 299, but the rule finds 300',
    ],
    ['another order', (r) => Object.assign(r.cases[2] ?? {}, { asksNext: 'statut' }), 'but the rule asks boursier'],
    [
      'a case of a fact out of bounds',
      (r) => Object.assign(r.cases[1]?.facts ?? {}, { revenu: -1 }),
      'revenu is a number of €/an',
    ],
    [
      'a case of an unknown fact',
      (r) => Object.assign(r.cases[1]?.facts ?? {}, { constructor: 1 }),
      'no fact of this rule',
    ],
    ['a fact called oui', (r) => Object.assign(r.facts, { oui: r.facts.boursier }), 'facts/oui is a name'],
    [
      'a fact called constructor',
      (r) => Object.assign(r.facts, { constructor: r.facts.boursier }),
      'facts/constructor is a name',
    ],
    ['a fact called like a sum', (r) => Object.assign(r.facts, { 'a - b': r.facts.boursier }), 'facts/a - b is a name'],
    [
      'a rule called like a fact',
      (r) => Object.assign(r.rules, { revenu: '1 €/an' }),
      'is the name of something else too',
    ],
    [
      'a fact below another',
      (r) => Object.assign(r.facts, { 'boursier . échelon': r.facts.boursier }),
      'stands below boursier',
    ],
    [
      'explanations of a book',
      (r) => {
        for (const each of ['yes', 'no', 'unknown'])
          Object.assign((r.conditions.boursier as Record<string, object>)[each] ?? {}, { falc: '{statut} '.repeat(60) })
        Object.assign(r.facts.statut as object, {
          choices: { salarie: { fr: 'x'.repeat(600), en: 'x' }, retraite: { fr: 'x', en: 'x' } },
        })
      },
      '20480 at most',
    ],
  ])('is refused with %s', (_, change, expected) => {
    expect(lines(faultsAfter(change)).join('\n')).toContain(expected)
  })
})

describe('the rules of a release', () => {
  it.each<[string, unknown, Record<string, unknown>, RegExp]>([
    ['euros compared with people', 'revenu > foyer . personnes', {}, /personne/],
    ['euros compared with people by a sum', 'revenu + foyer . personnes > 3 €/an', {}, /personne/],
    [
      'a wrong unit in a branch that few take',
      {
        variations: [
          {
            si: {
              'toutes ces conditions': ["statut = 'retraite'", 'foyer . personnes > 11 personne', 'revenu < 3 €/an'],
            },
            alors: 'revenu > foyer . personnes',
          },
          { sinon: 'oui' },
        ],
      },
      {},
      /personne/,
    ],
    [
      'branches of different units',
      'montant > 3 €/an',
      { montant: { variations: [{ si: 'boursier', alors: 'revenu' }, { sinon: 'foyer . personnes' }] } },
      /same unit/,
    ],
    ['a number without its unit', 'revenu > 3000', {}, /has a unit/],
    [
      'a ceiling in another unit',
      'montant > 3 €/an',
      { montant: { valeur: 'revenu', plafond: '3 personne' } },
      /personne/,
    ],
    ['a number as yes', 'revenu', {}, /yes or no/],
    [
      'a number among the conditions',
      {
        variations: [{ si: 'boursier', alors: { 'toutes ces conditions': ['revenu', 'boursier'] } }, { sinon: 'oui' }],
      },
      {},
      /both sides of "et" is yes or no/,
    ],
    ['a number without end', 'montant > 3 €/an', { montant: `revenu * 1${'0'.repeat(320)}` }, /come to no number/],
    [
      'a number as a reason',
      { variations: [{ si: 'revenu', alors: 'oui' }, { sinon: 'non' }] },
      {},
      /"si" is yes or no/,
    ],
    ['a text as a number', "statut >= 'retraite'", {}, /is a number/],
    ['a choice that there is not', "statut = 'retraité'", {}, /none of the choices/],
    ['a choice compared with a number', 'statut = 3', {}, /one kind/],
    ['a rule that needs itself', 'à voir', {}, /circle/],
    [
      'a circle',
      'montant > 3 €/an',
      { montant: 'autre + 1 €/an', autre: 'montant' },
      /circle: .*montant → autre → montant/,
    ],
    [
      'a circle in a branch that nobody takes',
      'montant > 3 €/an',
      { montant: { variations: [{ si: 'non', alors: 'autre' }, { sinon: '1 €/an' }] }, autre: 'montant + 1 €/an' },
      /circle/,
    ],
    ['a circle through a ceiling', 'montant > 3 €/an', { montant: { valeur: 'revenu', plafond: 'montant' } }, /circle/],
    ['a name that nothing has', 'revenus > 3 €/an', {}, /revenus/],
    ['what every object has', 'constructor > 3', {}, /does not exist/],
    ['a division by what may be 0', '1000 €/an / revenu > 3', {}, /always above 0/],
    ['a power', 'foyer . personnes ** 99 > 3 personne', {}, /is not allowed|number/],
    ['no text of a formula', 'revenu >', {}, /./],
    ['no sinon', { variations: [{ si: 'boursier', alors: 'oui' }] }, {}, /one "sinon"/],
    ['a sinon in between', { variations: [{ sinon: 'oui' }, { si: 'boursier', alors: 'oui' }] }, {}, /one "sinon"/],
    ['a default', { valeur: 'boursier', 'par défaut': 'oui' }, {}, /par défaut is not allowed/],
    ['another context', { valeur: 'boursier', contexte: { revenu: '3 €/an' } }, {}, /contexte is not allowed/],
    ['a recalculation', { recalcul: { règle: 'boursier' } }, {}, /recalcul is not allowed/],
    ['an inversion', { 'inversion numérique': ['revenu'] }, {}, /inversion numérique is not allowed/],
    [
      'a circle to be solved',
      { valeur: 'boursier', 'résoudre la référence circulaire': 'oui' },
      {},
      /circulaire is not allowed/,
    ],
    ['a replacement', { valeur: 'boursier', remplace: 'revenu' }, {}, /remplace is not allowed/],
    ['a scale', { barème: { assiette: 'revenu', tranches: [{ taux: '10 %' }] } }, {}, /barème is not allowed/],
    ['true', true, {}, /write oui or non/],
    ['infinity', Number.POSITIVE_INFINITY, {}, /is a number/],
    ['a long formula', `boursier = ${'oui = '.repeat(100)}oui`, {}, /longer than 400/],
    ['a long list', { 'une de ces conditions': Array(51).fill('boursier') }, {}, /51 parts; 50 at most/],
    [
      'thirty levels',
      Array.from({ length: 30 }).reduce<unknown>((inner) => ({ 'une de ces conditions': [inner] }), 'boursier'),
      {},
      /deeper than/,
    ],
  ])('are refused with %s', (_, rule, others, expected) => {
    expect(lines(faultsWithRule(rule, others)).join('\n')).toMatch(expected)
  })

  it('are refused with more than three hundred of them', () => {
    const many = Object.fromEntries(Array.from({ length: 301 }, (_, n) => [`règle ${n}`, 'oui']))
    expect(lines(faultsWithRule('boursier', many))).toEqual([expect.stringContaining('rules are 304; 300 at most')])
  })

  it('may not put ceilings within ceilings, each of which the library writes three times', () => {
    const bomb = Array.from({ length: 12 }).reduce<unknown>((inner) => ({ valeur: inner, plafond: '3 €/an' }), 'revenu')
    expect(
      timed(() => expect(lines(faultsWithRule(bomb)).join()).toContain('name it as a rule of its own')),
    ).toBeLessThan(500)
  })

  it.each<[string, () => Record<string, unknown>]>([
    [
      'long formulas under ceilings',
      () => {
        const sum = `revenu${' + revenu'.repeat(30)}`
        return Object.fromEntries(
          Array.from({ length: 150 }, (_, n) => [
            `m ${n}`,
            n === 0
              ? sum
              : { valeur: `m ${n - 1} + ${sum}`, plafond: '3 €/an', plancher: '1 €/an', arrondi: '2 décimales' },
          ]),
        )
      },
    ],
    [
      'lists in lists',
      () => {
        const list = (depth: number): unknown => ({
          somme: depth === 0 ? ['revenu', 'revenu'] : [list(depth - 1), list(depth - 1)],
        })
        return Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`m ${n}`, list(4)]))
      },
    ],
  ])('may not come to more than can be read in a second: %s', (_, heavy) => {
    const told = timed(() =>
      expect(lines(faultsWithRule('m 2 > 3 €/an', heavy())).join()).toContain('written out; 150000 at most'),
    )
    expect(told).toBeLessThan(1000)
  })

  it('are read with all that is allowed', () => {
    const rule = {
      'toutes ces conditions': ['montant > 3 €/an', { 'une de ces conditions': ['boursier', "statut != 'retraite'"] }],
    }
    const montant = { valeur: 'base', plafond: '500 €/an', plancher: '10 €/an' }
    const base = { somme: ['revenu * 5 %', 'part', 'par mois', 'réduit'] }
    const part = { produit: ['revenu / foyer . personnes', '1 personne'] }
    expect(
      lines(
        faultsWithRule(rule, {
          montant,
          base,
          part,
          'par mois': { valeur: '3 €/mois', unité: '€/an' },
          réduit: { valeur: 'revenu', abattement: '100 €/an', arrondi: '2 décimales' },
        }),
      ),
    ).toEqual([])
  })
})

describe('what a right gives', () => {
  it.each<[string, Parameters<typeof faultsAfter>[0], RegExp]>([
    [
      'of another unit',
      (r) => Object.assign(r.gives.aide as object, { unit: '€/mois' }),
      /gives\/aide is computed as a number of €\/mois/,
    ],
    ['that is no number', (r) => Object.assign(r.rules, { aide: "'x'" }), /gives\/aide is computed as a number/],
    [
      'that is none of the choices in a branch that few take',
      (r) => {
        r.rules.aide = {
          variations: [
            {
              si: { 'toutes ces conditions': ["statut = 'retraite'", 'foyer . personnes = 7 personne'] },
              alors: "'plein'",
            },
            { sinon: "'demi'" },
          ],
        }
        r.gives.aide = { kind: 'choice', title: { fr: 'x', en: 'x' }, choices: { demi: { fr: 'x', en: 'x' } } }
      },
      /gives\/aide is computed as one of demi/,
    ],
  ])('%s is refused', (_, change, expected) => {
    expect(lines(faultsAfter(change)).join('\n')).toMatch(expected)
  })
})
