import { type Computation, readRules } from './engine.js'
import { placeholders } from './explanation.js'
import { readFacts } from './facts.js'
import { find } from './finding.js'
import type { Case, FactAskedFor, Facts, FactValue, Fault, RuleRelease, ThreeTexts } from './release.js'
import { conditionsOf } from './requirement.js'
import { faultsOfSize } from './rule-limits.js'
import { units } from './units.js'

/** A release whose rules were read and whose cases come out. */
export interface CheckedRelease {
  readonly release: RuleRelease
  readonly computation: Computation
}

const fault = (at: string, what: string): Fault => ({ at, what })
const isName = (name: string): boolean => /^[\p{Ll}\d][\p{L}\d '’-]*( \. [\p{Ll}\d][\p{L}\d '’-]*)*$/u.test(name)

const faultsOfNames = ({ facts, tables, rules }: RuleRelease): Fault[] => {
  const named = [
    ...Object.keys(facts).map((name) => ['facts', name] as const),
    ...Object.keys(tables).map((name) => ['tables', name] as const),
    ...Object.keys(rules).map((name) => ['rules', name] as const),
  ]
  const names = named.map(([, name]) => name)
  return named.flatMap(([room, name], index) => {
    const at = `${room}/${name}`
    if (!isName(name)) return [fault(at, 'is a name of letters, digits, spaces and hyphens, with " . " between its parts')]
    if (names.indexOf(name) !== index) return [fault(at, 'is the name of something else too')]
    // A name below another would be switched off with it, which nobody reads in the text.
    const above = names.find((each) => name.startsWith(`${each} . `))
    return above === undefined ? [] : [fault(at, `stands below ${above}, which has a value of its own: choose another name`)]
  })
}

const faultsOfPeople = ({ author, reviewer, validFrom, validTo }: RuleRelease): Fault[] => [
  ...(author === reviewer ? [fault('reviewer', 'is another person than the author')] : []),
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
      Object.hasOwn(conditions, name) ? [] : [fault('entitledWhen', `names ${name}, which has no sentences in conditions`)],
    ),
    ...Object.entries(conditions).flatMap(([name, condition]) => {
      const at = `conditions/${name}`
      const isComputed = Object.hasOwn(rules, name) || facts[name]?.kind === 'yes-no'
      return [
        ...(isComputed ? [] : [fault(at, 'is the name of a rule or of a yes-no fact')]),
        ...(needed.includes(name) ? [] : [fault(at, 'is not named in entitledWhen')]),
        ...(Object.hasOwn(references, condition.reference) ? [] : [fault(`${at}/reference`, 'names one of the references')]),
        ...(['yes', 'no', 'unknown'] as const).flatMap((each) => faultsOfSentence(known, `${at}/${each}`, condition[each])),
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
const mostProbes = 200

/** Facts at the ends of what they may be: all at once, and one by one apart from the rest. */
const probes = ({ facts }: RuleRelease): Facts[] => {
  const all = Object.entries(facts).map(([name, asked]) => [name, extremes(asked)] as const)
  const corner = (at: number) => new Map(all.map(([name, values]) => [name, values[Math.min(at, values.length - 1)] ?? false]))
  const corners = [corner(0), corner(1)]
  const sides = all.flatMap(([name, values]) =>
    corners.flatMap((base) => values.map((value) => new Map([...base, [name, value]]))),
  )
  return [...corners, ...sides].slice(0, mostProbes)
}

/** Every rule is computed, so that what the library only says while computing (units) is heard at the load. */
const faultsOfProbes = (release: RuleRelease, computation: Computation): Fault[] => {
  const { gives, entitledWhen, rules } = release
  const isUnknown = new Set<string>()
  for (const facts of probes(release)) {
    computation.take(facts)
    for (const name of Object.keys(rules)) computation.compute(name)
    for (const name of [...conditionsOf(entitledWhen), ...Object.keys(gives)])
      if (computation.compute(name).value === undefined) isUnknown.add(name)
  }
  return [
    ...[...computation.complaints].map((what) => fault('rules', what)),
    ...[...isUnknown].map((name) => fault(`rules/${name}`, 'has no value although every fact is known')),
  ]
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

/** As long as all its sentences are, in one language; values add little. */
const faultsOfLength = ({ conditions, summary, scope }: RuleRelease): Fault[] => {
  const longest = (texts: ThreeTexts): number => Math.max(texts.fr.length, texts.en.length, texts.falc.length)
  const sentences = Object.values(conditions).map(({ yes, no, unknown }) => Math.max(...[yes, no, unknown].map(longest)))
  const most = Math.max(...Object.values(summary).map(longest))
  const left = scope.map(({ fr, en }) => Math.max(fr.length, en.length))
  const length = [...sentences, most, ...left].reduce((sum, each) => sum + each, 0)
  return length * 2 <= longestExplanation ? [] : [fault('conditions', `explain in more than ${longestExplanation} bytes`)]
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
