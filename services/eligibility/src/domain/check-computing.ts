import type { Computation } from './engine.js'
import type { FactAskedFor, Facts, FactValue, Fault, RuleRelease } from './release.js'
import { conditionsOf } from './requirement.js'

const fault = (at: string, what: string): Fault => ({ at, what })

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
export const faultsOfProbes = (release: RuleRelease, computation: Computation): Fault[] => {
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
