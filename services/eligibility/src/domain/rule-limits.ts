import type { Fault } from './release.js'

// What a rule may be made of. Everything here costs at most as much as it is long, so the limits bound the work of a load and of
// each evaluation. What repeats an evaluation (`contexte`, inversion, circular references) or invents a value (`par défaut`) is absent.
const mechanisms: ReadonlySet<string> = new Set([
  ...['valeur', 'unité', 'variations', 'si', 'alors', 'sinon'],
  ...['toutes ces conditions', 'une de ces conditions'],
  ...['somme', 'produit', 'moyenne', 'le minimum de', 'le maximum de', 'plafond', 'plancher', 'abattement', 'arrondi'],
  ...['barème', 'grille', 'taux progressif', 'assiette', 'multiplicateur', 'tranches', 'taux', 'montant'],
])
const mostRules = 300
const longestExpression = 400
const deepest = 20

const faultsIn = (node: unknown, at: string, depth: number): Fault[] => {
  if (depth > deepest) return [{ at, what: `is nested deeper than ${deepest}: name its parts as rules of their own` }]
  if (typeof node === 'number') return []
  if (typeof node === 'string')
    return node.length <= longestExpression
      ? []
      : [{ at, what: `is longer than ${longestExpression} characters: name its parts as rules of their own` }]
  if (Array.isArray(node)) return node.flatMap((each, index) => faultsIn(each, `${at}/${index}`, depth + 1))
  if (typeof node !== 'object' || node === null) return [{ at, what: 'is empty, or true or false: write oui or non' }]
  return Object.entries(node).flatMap(([key, each]) =>
    mechanisms.has(key)
      ? faultsIn(each, `${at}/${key}`, depth + 1)
      : [{ at: `${at}/${key}`, what: `is not allowed; a rule is made of ${[...mechanisms].join(', ')}` }],
  )
}

/** Why rules are not even read: too many, too deep, too long, or made of something that is not allowed. */
export const faultsOfSize = (rules: Readonly<Record<string, unknown>>): Fault[] => {
  const names = Object.keys(rules)
  if (names.length > mostRules) return [{ at: 'rules', what: `are ${names.length}; ${mostRules} at most` }]
  return names.flatMap((name) => faultsIn(rules[name], `rules/${name}`, 0))
}
