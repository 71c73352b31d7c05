import { type Computation, readRules } from './engine.js'
import { placeholders } from './explanation.js'
import { readFacts } from './facts.js'
import { find } from './finding.js'
import type { Bilingual, Case, FactAskedFor, Facts, FactValue, Fault, RuleRelease, ThreeTexts } from './release.js'
import { conditionsOf } from './requirement.js'
import { faultsOfSize } from './rule-limits.js'
import { units } from './units.js'

/** A release whose rules were read and whose cases come out. */
export interface CheckedRelease {
  readonly release: RuleRelease
  readonly computation: Computation
}

const fault = (at: string, what: string): Fault => ({ at, what })
// As publicodes reads a name in an expression: Latin letters, words apart by one space. What it reads as a word of its own, or what
// every object has, is no name.
const word = "[a-zA-ZÀ-ÖØ-öø-ſ\\d][a-zA-ZÀ-ÖØ-öø-ſ\\d'-]*"
const part = `(?=[a-zß-öø-ÿœ])${word}( ${word})*`
const namePattern = new RegExp(`^${part}( \\. ${part})*$`)
const isName = (name: string): boolean =>
  namePattern.test(name) &&
  !name.split(' . ').some((each) => each === 'oui' || each === 'non' || each in Object.prototype)

const faultsOfNames = ({ facts, tables, rules }: RuleRelease): Fault[] => {
  const named = [
    ...Object.keys(facts).map((name) => ['facts', name] as const),
    ...Object.keys(tables).map((name) => ['tables', name] as const),
    ...Object.keys(rules).map((name) => ['rules', name] as const),
  ]
  const names = named.map(([, name]) => name)
  return named.flatMap(([room, name], index) => {
    const at = `${room}/${name}`
    if (!isName(name))
      return [
        fault(
          at,
          'is a name: a small letter, then letters, digits, single spaces and hyphens, with " . " between its parts',
        ),
      ]
    if (names.indexOf(name) !== index) return [fault(at, 'is the name of something else too')]
    // A name below another would be switched off with it, which nobody reads in the text.
    const above = names.find((each) => name.startsWith(`${each} . `))
    return above === undefined
      ? []
      : [fault(at, `stands below ${above}, which has a value of its own: choose another name`)]
  })
}

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

/** Facts at both ends of what they may be. */
const extremes = (asked: FactAskedFor): FactValue[] => {
  switch (asked.kind) {
    case 'number':
      return [asked.minimum, asked.maximum]
    case 'yes-no':
      return [true, false]
    case 'choice':
      return Object.keys(asked.choices)
  }
}
const mostProbes = 40

/** All facts at one end, all at the other, then one by one apart from the rest. */
const probes = ({ facts }: RuleRelease): Facts[] => {
  const all = Object.entries(facts).map(([name, asked]) => [name, extremes(asked)] as const)
  const corner = (at: number) =>
    new Map(all.map(([name, values]) => [name, values[Math.min(at, values.length - 1)] ?? false]))
  const corners = [corner(0), corner(1)]
  const sides = all.flatMap(([name, values]) => values.map((value) => new Map([...corner(0), [name, value]])))
  return [...corners, ...sides].slice(0, mostProbes)
}

const faultsOfKinds = (release: RuleRelease, computation: Computation): Fault[] => {
  const { gives, entitledWhen } = release
  return [
    ...conditionsOf(entitledWhen).flatMap((name) =>
      typeof computation.compute(name).value === 'boolean'
        ? []
        : [fault(`conditions/${name}`, 'is computed as yes or no')],
    ),
    ...Object.entries(gives).flatMap(([name, given]) => {
      const { value, unit = '' } = computation.compute(name)
      if (given.kind === 'amount')
        return typeof value === 'number' && (unit === given.unit || unit === '')
          ? []
          : [fault(`gives/${name}`, `is computed as a number of ${given.unit}, not ${typeof value} ${unit}`.trim())]
      const outcomes = [...computation.outcomesOf(name)]
      return typeof value === 'string' && outcomes.every((each) => Object.hasOwn(given.choices, each))
        ? []
        : [fault(`gives/${name}`, `is computed as one of ${Object.keys(given.choices).join(', ')}`)]
    }),
  ]
}

/** Every part of every rule is computed, so that what the library only says while computing (units) is heard at the load. */
const faultsOfProbes = (release: RuleRelease, computation: Computation): Fault[] => {
  const complaints = new Set<string>()
  const kinds = new Map<string, Fault>()
  for (const [index, facts] of probes(release).entries()) {
    computation.take(facts)
    for (const name of Object.keys(release.rules)) computation.compute(name)
    for (const each of index < 2 ? computation.complaintsOfParts() : computation.complaints) complaints.add(each)
    if (complaints.size === 0) for (const each of faultsOfKinds(release, computation)) kinds.set(each.at, each)
  }
  return [...[...complaints].map((what) => fault('rules', what)), ...kinds.values()]
}

const faultOfCase = (
  { release, computation }: CheckedRelease,
  { name, facts: given, answer, gives, asksNext }: Case,
): Fault[] => {
  const at = `cases/${name}`
  const facts = readFacts(release, Object.entries(given))
  if ('what' in facts) return [fault(at, `${facts.fact} ${facts.what}`.trimStart())]
  const found = find(release, computation, facts)
  if (found.answer !== answer) return [fault(at, `expects ${answer}, but the rule finds ${found.answer}`)]
  return [
    ...Object.entries(gives ?? {}).flatMap(([each, expected]) =>
      found.gives.get(each) === expected
        ? []
        : [fault(at, `expects ${each} to be ${expected}, but the rule finds ${found.gives.get(each) ?? 'nothing'}`)],
    ),
    ...(asksNext === undefined || found.missing[0] === asksNext
      ? []
      : [fault(at, `expects ${asksNext} to be asked next, but the rule asks ${found.missing[0] ?? 'nothing'}`)]),
  ]
}

const faultsOfCases = (checked: CheckedRelease): Fault[] => {
  const { cases } = checked.release
  const without = (['yes', 'no', 'unknown'] as const).filter((each) => !cases.some(({ answer }) => answer === each))
  return [
    ...without.map((each) => fault('cases', `have none whose answer is ${each}`)),
    ...cases.flatMap((each) => faultOfCase(checked, each)),
  ]
}

const longestExplanation = 20 * 1024

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
/** A number with its unit, or what a choice is called. */
const longestNumber = 60
const longestOf = (texts: readonly Bilingual[]): number =>
  Math.max(longestNumber, ...texts.flatMap(({ fr, en }) => [bytesOf(fr), bytesOf(en)]))

/** At most what an explanation is in the language in which it is longest, with the longest values. */
const faultsOfLength = ({ conditions, summary, scope, facts, gives, references }: RuleRelease): Fault[] => {
  const choices = [...Object.values(facts), ...Object.values(gives)].flatMap((one) =>
    one.kind === 'choice' ? Object.values(one.choices) : [],
  )
  const longestValue = longestOf(choices)
  const written = (text: string): number => bytesOf(text) + placeholders(text).length * longestValue
  const longest = (...texts: readonly ThreeTexts[]): number =>
    Math.max(...texts.flatMap(({ fr, en, falc }) => [fr, en, falc].map(written)))
  const ofConditions = Object.entries(conditions).map(
    ([name, { title, yes, no, unknown, reference }]) =>
      bytesOf(name) + longestOf([title]) + longest(yes, no, unknown) + bytesOf(references[reference]?.citation ?? ''),
  )
  const ofScope = scope.map(({ fr, en }) => Math.max(bytesOf(fr), bytesOf(en)))
  const length = [...ofConditions, ...ofScope, longest(...Object.values(summary))].reduce((sum, each) => sum + each, 0)
  return length <= longestExplanation
    ? []
    : [fault('conditions', `explain in up to ${length} bytes; ${longestExplanation} at most`)]
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
