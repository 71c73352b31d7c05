import type { CheckedRelease } from '@unefois/eligibility/domain/check-release'
import { explain } from '@unefois/eligibility/domain/explanation'
import { find } from '@unefois/eligibility/domain/finding'
import type { FactValue } from '@unefois/eligibility/domain/release'
import { readRelease } from '@unefois/eligibility/rules/read-release'
import { chanceOf, person } from '@unefois/eligibility/rules-command/people'

// npm run bench:rules [-- --people N]. What one core finds in a second with a rule of fifteen facts, and what a night over a
// whole population would take, from a measured part of it. Prints figures and asserts nothing.

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
const people = Number(option('--people') ?? 50_000)
const population = 1_000_000
const cores = 2
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const both = (text: string): string => `{ fr: ${text}, en: ${text} }`
const three = (text: string): string => `{ fr: ${text}, en: ${text}, falc: ${text} }`
const asked = (name: string): string => `title: ${both(name)}, question: ${both(name)}`
const sentences = (name: string): string =>
  `  ${name}: { title: ${both(name)}, reference: text, yes: ${three(name)}, no: ${three(name)}, unknown: ${three(name)} }`

const incomes = ['salaires', 'pensions', 'loyers', 'allocations', 'autres', 'charges']
const flags = ['résident', 'boursier', 'étudiant', 'en couple', 'propriétaire', 'retraité', 'handicap']

/** A rule of the usual kind with fifteen facts, all of which its answer and its amount need. */
const source = `
benefit: bench
title: ${both('bench')}
validFrom: 2026-01-01
author: Somebody
reviewer: Somebody else
references: { text: { citation: A text, checked: known } }
scope: [${both('bench')}]
facts:
${incomes.map((name) => `  ${name}: { kind: number, unit: €/an, minimum: 0, maximum: 60000, decimals: 2, ${asked(name)} }`).join('\n')}
${flags.map((name) => `  ${name}: { kind: yes-no, ${asked(name)} }`).join('\n')}
  personnes: { kind: number, unit: personne, minimum: 1, maximum: 30, decimals: 0, ${asked('personnes')} }
  âge: { kind: number, unit: an, minimum: 0, maximum: 120, decimals: 0, ${asked('age')} }
tables:
  plafond: { by: personnes, unit: €/an, rows: { 1: 30000, 2: 45000, 3: 54000, 4: 63000 }, further: 12000, reference: text }
  plafond couple: { by: personnes, unit: €/an, rows: { 1: 40000, 2: 55000, 3: 64000, 4: 73000 }, further: 12000, reference: text }
rules:
  revenus: { somme: [salaires, pensions, loyers, allocations, autres] }
  ressources: { valeur: revenus, abattement: charges }
  limite: { variations: [{ si: en couple, alors: plafond couple }, { sinon: plafond }] }
  sous la limite: ressources <= limite
  âge requis: { une de ces conditions: [âge >= 60 an, { toutes ces conditions: [handicap, âge >= 18 an] }, retraité] }
  hors études: { une de ces conditions: [étudiant = non, boursier] }
  base: { variations: [{ si: propriétaire, alors: 600 €/an }, { sinon: 900 €/an }] }
  reste: { valeur: limite - ressources, plancher: 0 €/an }
  aide: { valeur: base + reste * 5 %, plafond: 2000 €/an }
conditions:
${['résident', 'sous la limite', 'âge requis', 'hors études'].map(sentences).join('\n')}
entitledWhen: { all: [résident, hors études, { any: [sous la limite, âge requis] }] }
gives: { aide: { kind: amount, title: ${both('aide')}, unit: €/an, decimals: 2 } }
summary: { yes: ${three('oui')}, no: ${three('non')}, unknown: ${three('inconnu')} }
cases:
  - { name: nobody resident, facts: { résident: false }, answer: no }
  - { name: nothing known, facts: {}, answer: unknown }
  - { name: retired, facts: { résident: true, étudiant: false, retraité: true }, answer: yes }
`

const load = (): CheckedRelease => {
  const read = readRelease(source)
  if (!('release' in read)) throw new Error(JSON.stringify(read, null, 1))
  return read
}

interface Spent {
  readonly perSecond: number
  readonly cpuMs: number
}
/** Each once, by processor time: what else runs on the machine is not counted. */
const spent = (
  facts: readonly ReadonlyMap<string, FactValue>[],
  act: (facts: ReadonlyMap<string, FactValue>) => void,
): Spent => {
  const before = process.cpuUsage()
  for (const each of facts) act(each)
  const { user, system } = process.cpuUsage(before)
  const cpuMs = (user + system) / 1000
  return { perSecond: Math.round((1000 * facts.length) / cpuMs), cpuMs }
}
const heapMb = (): number => {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024)
}

const loading = performance.now()
const { release, computation } = load()
say(
  `loading a release of ${Object.keys(release.facts).length} facts: ${Math.round(performance.now() - loading)} ms, cold`,
)

const chance = chanceOf(1)
const crowd = (count: number) => Array.from({ length: count }, () => person([release], chance))
spent(crowd(3000), (facts) => find(release, computation, facts))

const warm = crowd(5000)
const finding = spent(warm, (facts) => find(release, computation, facts))
say(`warm, one core: ${finding.perSecond} assessments/s (answer, amount, what is missing)`)
const explaining = spent(warm, (facts) => explain(release, computation, facts, find(release, computation, facts), 'fr'))
say(`warm, one core: ${explaining.perSecond} assessments/s with the explanation in French`)
const half = warm.map((facts) => new Map([...facts].filter(() => chance() < 0.5)))
say(
  `warm, one core: ${spent(half, (facts) => find(release, computation, facts)).perSecond} assessments/s with half of the facts`,
)

const before = heapMb()
const found = { yes: 0, no: 0, unknown: 0 }
let cpuMs = 0
for (let done = 0; done < people; done += 5000) {
  const batch = spent(crowd(Math.min(5000, people - done)), (facts) => {
    found[find(release, computation, facts).answer] += 1
  })
  cpuMs += batch.cpuMs
}
const hours = (cpuMs * (population / people)) / cores / 3_600_000
say(`a night over ${people} people: ${(cpuMs / 1000).toFixed(1)} s of one core, ${JSON.stringify(found)}`)
say(`  ${population} people on ${cores} cores: ${(hours * 60).toFixed(1)} minutes (extrapolated)`)
say(`  heap before ${before} MB, after ${heapMb()} MB`)
