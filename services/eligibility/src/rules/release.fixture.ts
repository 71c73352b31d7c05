import { stringify } from 'yaml'
import type { Fault } from '../domain/release.js'
import { readRelease } from './read-release.js'

const both = (text: string) => ({ fr: text, en: text })
const three = (text: string) => ({ ...both(text), falc: text })
const sentences = (about: string) => ({
  title: both(about),
  reference: 'texte',
  yes: three(`${about} : oui.`),
  no: three(`${about} : non.`),
  unknown: three(`${about} : à savoir.`),
})
const asked = (title: string) => ({ title: both(title), question: both(`${title} ?`) })

/** A small release in which nothing is wrong: a yearly aid for who is below a ceiling or has a grant. */
export const soundRelease = () => ({
  benefit: 'small-aid',
  title: both('Aide'),
  validFrom: '2026-01-01',
  author: 'Camille Ferrand',
  reviewer: 'Nour Lefèvre',
  references: { texte: { citation: 'Règlement de la ville', checked: 'known' } },
  scope: [both('Exemple.')],
  facts: {
    revenu: { ...asked('Revenu'), kind: 'number', unit: '€/an', minimum: 0, maximum: 100000, decimals: 2 },
    'foyer . personnes': {
      ...asked('Personnes'),
      kind: 'number',
      unit: 'personne',
      minimum: 1,
      maximum: 12,
      decimals: 0,
    },
    boursier: { ...asked('Boursier'), kind: 'yes-no' },
    statut: { ...asked('Statut'), kind: 'choice', choices: { salarie: both('Salarié'), retraite: both('Retraité') } },
  } as Record<string, unknown>,
  tables: {
    plafond: {
      by: 'foyer . personnes',
      unit: '€/an',
      rows: { 1: 10000, 2: 15000 },
      further: 4000,
      reference: 'texte',
    },
  } as Record<string, unknown>,
  rules: {
    'sous le plafond': 'revenu <= plafond',
    aide: { variations: [{ si: "statut = 'retraite'", alors: '300 €/an' }, { sinon: '120 €/an' }] },
  } as Record<string, unknown>,
  conditions: {
    boursier: sentences('Être boursier'),
    'sous le plafond': {
      ...sentences('Être sous le plafond'),
      no: three('Au-dessus : {revenu}, limite {plafond} pour {foyer . personnes}.'),
    },
  } as Record<string, unknown>,
  entitledWhen: { any: ['boursier', 'sous le plafond'] } as unknown,
  gives: { aide: { kind: 'amount', title: both('Aide'), unit: '€/an', decimals: 2 } } as Record<string, unknown>,
  summary: { yes: three('Oui.'), no: three('Non.'), unknown: three('À savoir.') },
  cases: [
    {
      name: 'at the ceiling',
      facts: { boursier: false, revenu: 10000, 'foyer . personnes': 1, statut: 'retraite' },
      answer: 'yes',
      gives: { aide: 300 },
    },
    {
      name: 'a cent above',
      facts: { boursier: false, revenu: 10000.01, 'foyer . personnes': 1 },
      answer: 'no',
    },
    { name: 'nothing is known', facts: {}, answer: 'unknown', asksNext: 'boursier' },
  ] as Record<string, unknown>[],
})
export type SoundRelease = ReturnType<typeof soundRelease>

export const asSource = (release: object): string => stringify(release, { aliasDuplicateObjects: false, lineWidth: 0 })

/** What is wrong with the sound release after a change; empty: nothing. */
export const faultsAfter = (change: (release: SoundRelease) => void): readonly Fault[] => {
  const release = soundRelease()
  change(release)
  const read = readRelease(asSource(release))
  return 'release' in read ? [] : read
}

/** The same with one rule more, which a condition needs. */
export const faultsWithRule = (rule: unknown, others: Record<string, unknown> = {}): readonly Fault[] =>
  faultsAfter((release) => {
    Object.assign(release.rules, others, { 'à voir': rule })
    release.conditions['à voir'] = sentences('À voir')
    release.entitledWhen = { all: ['boursier', { any: ['sous le plafond', 'à voir'] }] }
    // Cases that come out whatever the rule is.
    const below = { boursier: true, revenu: 0, 'foyer . personnes': 1 }
    release.cases = [
      { name: 'below the ceiling', facts: below, answer: 'yes' },
      { name: 'no grant', facts: { boursier: false }, answer: 'no' },
      { name: 'nothing is known', facts: {}, answer: 'unknown' },
    ]
  })
