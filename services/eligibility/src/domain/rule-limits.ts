import type { Fault } from './release.js'

// What a rule may be made of. Everything here costs at most as much as it is long, so the limits bound the work of a load and of
// each evaluation. Absent is what repeats an evaluation (`contexte`, inversion, circular references), what invents a value
// (`par défaut`), and what the library gets wrong while a fact is not known: of `barème` and `grille` it makes a number all the
// same, of `le maximum de` and `le minimum de` a circle.
const mechanisms: ReadonlySet<string> = new Set([
  ...['valeur', 'unité', 'variations', 'si', 'alors', 'sinon'],
  ...['toutes ces conditions', 'une de ces conditions'],
  ...['somme', 'produit', 'plafond', 'plancher', 'abattement', 'arrondi'],
])
/** The library writes what they apply to three times, each time one stands in another. */
const multiplying: readonly string[] = ['plafond', 'plancher', 'abattement', 'arrondi']
const longestList = 50
const mostRules = 300
const longestExpression = 400
const heaviest = 150_000
// Each list in a list doubles what the library writes.
const deepest = 10

const keysOf = (branch: unknown): string =>
  typeof branch === 'object' && branch !== null ? Object.keys(branch).sort().join(' ') : ''

/** Without a `sinon` a rule has no value for some facts, and nothing that could still be asked. */
const faultsOfVariations = (branches: unknown, at: string): Fault[] => {
  if (!Array.isArray(branches)) return [{ at, what: 'is a list' }]
  const keys = branches.map(keysOf)
  return keys.length > 1 && keys.every((each, index) => each === (index < keys.length - 1 ? 'alors si' : 'sinon'))
    ? []
    : [{ at, what: 'are "si" with "alors", one or more, and at the end one "sinon"' }]
}

const faultsIn = (node: unknown, at: string, depth: number): Fault[] => {
  if (depth > deepest) return [{ at, what: `is nested deeper than ${deepest}: name its parts as rules of their own` }]
  if (typeof node === 'number') return Number.isFinite(node) ? [] : [{ at, what: 'is a number' }]
  if (typeof node === 'string')
    return node.length <= longestExpression
      ? []
      : [{ at, what: `is longer than ${longestExpression} characters: name its parts as rules of their own` }]
  if (Array.isArray(node))
    return node.length > longestList
      ? [{ at, what: `has ${node.length} parts; ${longestList} at most` }]
      : node.flatMap((each, index) => faultsIn(each, `${at}/${index}`, depth + 1))
  if (typeof node !== 'object' || node === null) return [{ at, what: 'is empty, or true or false: write oui or non' }]
  const parts = Object.entries(node)
  const mustBeFlat = parts.some(([key]) => multiplying.includes(key))
  return parts.flatMap(([key, each]) => {
    const here = `${at}/${key}`
    if (!mechanisms.has(key))
      return [{ at: here, what: `is not allowed; a rule is made of ${[...mechanisms].join(', ')}` }]
    if (mustBeFlat && typeof each === 'object')
      return [{ at: here, what: `is one expression beside ${multiplying.join(', ')}: name it as a rule of its own` }]
    return [...(key === 'variations' ? faultsOfVariations(each, here) : []), ...faultsIn(each, here, depth + 1)]
  })
}

/** How much the library makes of a rule, in characters: each list writes its parts twice, each ceiling three times. */
const weightOf = (node: unknown, times: number): number => {
  if (typeof node !== 'object' || node === null) return `${node}`.length * times
  if (Array.isArray(node)) return node.reduce((sum: number, each) => sum + weightOf(each, times * 2), 0)
  const ceilings = Object.keys(node).filter((key) => multiplying.includes(key)).length
  return Object.values(node).reduce((sum: number, each) => sum + weightOf(each, times * 3 ** ceilings), 0)
}

/** Why rules are not even read: too many, too deep, too long, or made of something that is not allowed. */
export const faultsOfSize = (rules: Readonly<Record<string, unknown>>): Fault[] => {
  const names = Object.keys(rules)
  if (names.length > mostRules) return [{ at: 'rules', what: `are ${names.length}; ${mostRules} at most` }]
  const faults = names.flatMap((name) => faultsIn(rules[name], `rules/${name}`, 0))
  if (faults.length > 0) return faults
  const weight = names.reduce((sum, name) => sum + weightOf(rules[name], 1), 0)
  return weight <= heaviest
    ? []
    : [{ at: 'rules', what: `come to ${weight} characters written out; ${heaviest} at most` }]
}
