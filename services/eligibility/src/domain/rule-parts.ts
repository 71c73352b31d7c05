import { type ASTNode, type EvaluatedNode, reduceAST, serializeUnit } from 'publicodes'
import type { RuleRelease } from './release.js'

/** What is used of the library's engine. */
interface PartEngine {
  readonly baseContext: { readonly parsedRules: Readonly<Record<string, ASTNode>> }
  evaluateNode(node: ASTNode): EvaluatedNode
}
type Node<Kind extends ASTNode['nodeKind']> = Extract<ASTNode, { nodeKind: Kind }>

const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>='])
const sums: ReadonlySet<string> = new Set(['+', '-'])
const products: ReadonlySet<string> = new Set(['*', '/'])
const logic: ReadonlySet<string> = new Set(['et', 'ou'])

const isConstant = (node: ASTNode): node is Node<'constant'> => node.nodeKind === 'constant'
/** Nothing of anything is nothing; the library, too, drops the unit of much that comes to 0. */
const isNothing = ({ nodeValue }: EvaluatedNode): boolean => (nodeValue ?? 0) === 0
const kindOf = ({ nodeValue }: EvaluatedNode): string => (nodeValue === null ? 'nothing' : typeof nodeValue)
const unitOf = ({ unit }: EvaluatedNode): string => serializeUnit(unit) ?? ''
const named = (unit: string): string => (unit === '' ? 'no unit' : unit)

/** The parts of a rule, each once; the library writes each several times. */
const partsOf = (rule: ASTNode): ReadonlySet<ASTNode> => {
  const parts = new Set<ASTNode>()
  reduceAST<boolean>(
    (found, part) => {
      if (parts.has(part)) return found
      parts.add(part)
      return undefined
    },
    false,
    rule,
  )
  return parts
}

const complaintsOfOperation = (
  { facts, tables }: RuleRelease,
  { operationKind: kind, explanation: [left, right] }: Node<'operation'>,
  evaluate: (node: ASTNode) => EvaluatedNode,
): string[] => {
  const [one, other] = [evaluate(left), evaluate(right)]
  const kinds = [kindOf(one), kindOf(other)]
  const are = (wanted: string): boolean => kinds.every((each) => each === wanted || each === 'nothing')
  const written = `what stands on both sides of "${kind}"`
  if (logic.has(kind)) return are('boolean') ? [] : [`${written} is yes or no: found ${kinds.join(' and ')}`]
  if (kind === '=' || kind === '!=') {
    // The library writes comparisons of its own with false, around each plafond and plancher.
    if ([left, right].some((node) => isConstant(node) && node.nodeValue === false)) return []
    if (kinds[0] !== kinds[1]) return [`${written} is of one kind: found ${kinds.join(' and ')}`]
    const [text, name] = isConstant(left) ? [left, right] : [right, left]
    const asked = name.nodeKind === 'reference' && name.dottedName !== undefined ? facts[name.dottedName] : undefined
    if (asked?.kind === 'choice' && isConstant(text) && !Object.hasOwn(asked.choices, `${text.nodeValue}`))
      return [`'${text.nodeValue}' is none of the choices ${Object.keys(asked.choices).join(', ')}`]
  } else if (![comparisons, sums, products].some((known) => known.has(kind))) return [`"${kind}" is not allowed`]
  else if (!are('number')) return [`${written} is a number: found ${kinds.join(' and ')}`]

  if (kind === '/') {
    const name = right.nodeKind === 'reference' ? (right.dottedName ?? '') : ''
    const asked = Object.hasOwn(facts, name) ? facts[name] : undefined
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined
    const isNeverZero =
      (isConstant(right) && right.nodeValue !== 0) ||
      (asked?.kind === 'number' && asked.minimum > 0) ||
      (table?.rows.every(([, amount]) => amount > 0) === true && (table.further ?? 0) >= 0)
    return isNeverZero ? [] : ['what divides is a number, or a fact or table that is always above 0']
  }
  const [unit, otherUnit] = [unitOf(one), unitOf(other)]
  const isMeasured = !products.has(kind) && !are('boolean') && !are('string')
  const isFree = [one, other].some(isNothing) || (sums.has(kind) && otherUnit === '%')
  return isMeasured && !isFree && (unit === '') !== (otherUnit === '')
    ? [`${written} has a unit: found ${named(unit)} and ${named(otherUnit)}`]
    : []
}

const complaintsOfVariations = (
  { explanation }: Node<'variations'>,
  evaluate: (node: ASTNode) => EvaluatedNode,
): string[] => {
  const found = explanation.map(({ condition, consequence }) => [evaluate(condition), evaluate(consequence)] as const)
  const kinds = [...new Set(found.map(([, consequence]) => kindOf(consequence)))]
  const measured = found.flatMap(([, consequence]) => (isNothing(consequence) ? [] : [unitOf(consequence)]))
  const units = [...new Set(measured)]
  return [
    ...(found.every(([condition]) => kindOf(condition) === 'boolean') ? [] : ['each "si" is yes or no']),
    ...(kinds.length === 1 ? [] : [`each "alors" and "sinon" is of one kind: found ${kinds.join(' and ')}`]),
    ...(units.length <= 1
      ? []
      : [`each "alors" and "sinon" has the same unit: found ${units.map(named).join(' and ')}`]),
  ]
}

/**
 * What is wrong in any part of any rule. The library hears of a wrong unit only where it computes, so each part is computed by
 * itself, also those in branches that these facts do not reach.
 */
export const complaintsOfParts = (release: RuleRelease, engine: PartEngine): string[] => {
  const evaluate = (node: ASTNode): EvaluatedNode => engine.evaluateNode(node)
  const complaintsOf = (part: ASTNode): string[] => {
    try {
      if (part.nodeKind === 'operation') return complaintsOfOperation(release, part, evaluate)
      return part.nodeKind === 'variations' ? complaintsOfVariations(part, evaluate) : []
    } catch {
      return ['has a part that cannot be computed']
    }
  }
  return Object.keys(release.rules).flatMap((name) => {
    const rule = engine.baseContext.parsedRules[name]
    const found = rule ? [...partsOf(rule)].flatMap(complaintsOf) : []
    return [...new Set(found)].map((each) => `${name}: ${each}`)
  })
}

/** The texts that a rule may come to, whichever branch is taken. */
export const outcomesOf = (rules: Readonly<Record<string, ASTNode>>, name: string): ReadonlySet<string> => {
  const outcomes = new Set<string>()
  const seen = new Set<ASTNode>()
  const walk = (node: ASTNode | undefined): void => {
    if (!node || seen.has(node)) return
    seen.add(node)
    if (node.nodeKind === 'constant' && typeof node.nodeValue === 'string') outcomes.add(node.nodeValue)
    if (node.nodeKind === 'rule') walk(node.explanation.valeur)
    if (node.nodeKind === 'reference') walk(rules[node.dottedName ?? ''])
    if (node.nodeKind === 'variations') for (const { consequence } of node.explanation) walk(consequence)
    if (node.nodeKind === 'condition') for (const each of [node.explanation.alors, node.explanation.sinon]) walk(each)
  }
  walk(rules[name])
  return outcomes
}
