import { faultsOfCases } from './check-cases.js'
import { faultsOfProbes } from './check-computing.js'
import { faultsOfLength } from './check-length.js'
import { faultsOfNames } from './check-names.js'
import { type Computation, readRules } from './engine.js'
import { placeholders } from './explanation.js'
import type { Fault, RuleRelease, ThreeTexts } from './release.js'
import { conditionsOf } from './requirement.js'
import { faultsOfSize } from './rule-limits.js'
import { units } from './units.js'

/** A release whose rules were read and whose cases come out. */
export interface CheckedRelease {
  readonly release: RuleRelease
  readonly computation: Computation
}

const fault = (at: string, what: string): Fault => ({ at, what })
const asOne = (person: string): string => person.toLocaleLowerCase('fr').replace(/\s+/g, ' ')

const faultsOfPeople = ({ author, reviewer, validFrom, validTo }: RuleRelease): Fault[] => [
  ...(asOne(author) === asOne(reviewer) ? [fault('reviewer', 'is another person than the author')] : []),
  ...(validTo !== undefined && validTo < validFrom ? [fault('validTo', 'is not before validFrom')] : []),
]

const faultsOfUnits = ({ facts, tables, gives }: RuleRelease): Fault[] => {
  const used = [
    ...Object.entries(facts).map(([name, one]) => [`facts/${name}/unit`, one.kind === 'number' ? one.unit : undefined]),
    ...Object.entries(tables).map(([name, { unit }]) => [`tables/${name}/unit`, unit]),
    ...Object.entries(gives).map(([name, one]) => [`gives/${name}/unit`, one.kind === 'amount' ? one.unit : undefined]),
  ] as const
  return used.flatMap(([at = '', unit]) =>
    unit === undefined || units.has(unit) ? [] : [fault(at, `is one of ${[...units].join(', ')}`)],
  )
}

const faultsOfTables = ({ facts, tables, references }: RuleRelease): Fault[] =>
  Object.entries(tables).flatMap(([name, { by, rows, reference }]) => {
    const at = `tables/${name}`
    const asked = facts[by]
    const isWhole = asked?.kind === 'number' && asked.decimals === 0
    const first = rows[0]?.[0]
    return [
      ...(isWhole ? [] : [fault(`${at}/by`, 'names a number fact without decimals')]),
      ...(isWhole && first !== undefined && first > asked.minimum
        ? [fault(`${at}/rows`, `begin at ${first}, but ${by} may be ${asked.minimum}`)]
        : []),
      ...(rows.every(([row], index) => Number.isInteger(row) && (index === 0 || row > (rows[index - 1]?.[0] ?? row)))
        ? []
        : [fault(`${at}/rows`, 'are whole numbers, each larger than the one before')]),
      ...(Object.hasOwn(references, reference) ? [] : [fault(`${at}/reference`, 'names one of the references')]),
    ]
  })

const faultsOfSentence = (known: ReadonlySet<string>, at: string, texts: ThreeTexts): Fault[] =>
  Object.entries(texts).flatMap(([language, text]) =>
    placeholders(text).flatMap((name) =>
      known.has(name) ? [] : [fault(`${at}/${language}`, `names {${name}}, which is no fact, table or rule`)],
    ),
  )

const faultsOfConditions = (release: RuleRelease): Fault[] => {
  const { conditions, entitledWhen, facts, tables, rules, references, summary, gives, isOrientation } = release
  const known = new Set([...Object.keys(facts), ...Object.keys(tables), ...Object.keys(rules)])
  const needed = conditionsOf(entitledWhen)
  return [
    ...needed.flatMap((name) =>
      Object.hasOwn(conditions, name)
        ? []
        : [fault('entitledWhen', `names ${name}, which has no sentences in conditions`)],
    ),
    ...Object.entries(conditions).flatMap(([name, condition]) => {
      const at = `conditions/${name}`
      const isComputed = Object.hasOwn(rules, name) || facts[name]?.kind === 'yes-no'
      return [
        ...(isComputed ? [] : [fault(at, 'is the name of a rule or of a yes-no fact')]),
        ...(needed.includes(name) ? [] : [fault(at, 'is not named in entitledWhen')]),
        ...(Object.hasOwn(references, condition.reference)
          ? []
          : [fault(`${at}/reference`, 'names one of the references')]),
        ...(['yes', 'no', 'unknown'] as const).flatMap((each) =>
          faultsOfSentence(known, `${at}/${each}`, condition[each]),
        ),
      ]
    }),
    ...(['yes', 'no', 'unknown'] as const).flatMap((each) => faultsOfSentence(known, `summary/${each}`, summary[each])),
    ...Object.keys(gives).flatMap((name) => (known.has(name) ? [] : [fault(`gives/${name}`, 'is the name of a rule')])),
    ...(isOrientation && Object.keys(gives).length > 0
      ? [fault('gives', 'is empty in an orientation: it says whether asking is worth it, and no amount')]
      : []),
  ]
}

const faultsOfUse = ({ entitledWhen, gives, facts }: RuleRelease, computation: Computation): Fault[] => {
  const used = new Set(
    [...conditionsOf(entitledWhen), ...Object.keys(gives)].flatMap((name) => [...computation.factsFor(name)]),
  )
  return Object.keys(facts).flatMap((name) =>
    used.has(name) ? [] : [fault(`facts/${name}`, 'is needed by nothing: nobody may be asked for it')],
  )
}

/** Checks everything that a release says against itself. With faults it must not be used. */
export const checkRelease = (release: RuleRelease): CheckedRelease | readonly Fault[] => {
  const size = faultsOfSize(release.rules)
  if (size.length > 0) return size
  const written = [
    ...faultsOfPeople(release),
    ...faultsOfNames(release),
    ...faultsOfUnits(release),
    ...faultsOfTables(release),
    ...faultsOfConditions(release),
    ...faultsOfLength(release),
  ]
  if (written.length > 0) return written
  const computation = readRules(release)
  if (Array.isArray(computation)) return computation
  const checked = { release, computation: computation as Computation }
  const faults = [
    ...faultsOfUse(release, checked.computation),
    ...faultsOfProbes(release, checked.computation),
    ...faultsOfCases(checked),
  ]
  return faults.length > 0 ? faults : checked
}
