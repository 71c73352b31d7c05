import Publicodes, { type ASTNode, type EvaluatedNode, isPublicodesError, parseUnit, serializeUnit } from 'publicodes'
import type { FactAskedFor, Facts, FactValue, Fault, RuleRelease, Table } from './release.js'
import { cycleIn, type Needs, needsOf } from './rule-needs.js'
import { complaintsOfParts, outcomesOf } from './rule-parts.js'
import { lookUp } from './tables.js'

/** What one rule comes to. Undefined: not known yet, for want of the facts named, the most telling first. */
export interface Computed {
  readonly value: FactValue | undefined
  /** Of a number, as publicodes writes it; absent where it has none. */
  readonly unit?: string | undefined
  readonly missing: readonly string[]
}

/** Computes the named rules of one release; which library does it is known here alone. */
export interface Computation {
  /** Takes these facts for all that is computed until the next call. */
  take(facts: Facts): void
  compute(rule: string): Computed
  /** The facts that a rule may come to need. */
  factsFor(rule: string): ReadonlySet<string>
  /** The texts that a rule may come to, whichever branch is taken. */
  outcomesOf(rule: string): ReadonlySet<string>
  /** What is wrong in any part of any rule, also where the facts taken do not lead; every fact must be known. */
  complaintsOfParts(): ReadonlySet<string>
  /** What the library found wrong with the facts taken; a rule of which it said anything is not to be believed. */
  readonly complaints: ReadonlySet<string>
}

type Engine = Publicodes<string>
type Rule = Engine['baseContext']['parsedRules'][string]

const unitOf = (asked: FactAskedFor): string | undefined => (asked.kind === 'number' ? asked.unit : undefined)
const input = (unit: string | undefined) => (unit === undefined ? { question: '-' } : { question: '-', unité: unit })

const oneLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('['))
    .join(' ')
    .slice(0, 400)

/** What the library does not foresee comes as an error of its own, in words that help nobody. */
const reasonOf = (thrown: unknown): string => {
  if (thrown instanceof RangeError) return 'are too deep to be read'
  return isPublicodesError(thrown)
    ? oneLine(thrown.message)
    : 'name something that does not exist, or are no expression'
}

/** Namespaces that names like `foyer . taille` stand in. */
const namespacesOf = (names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const steps = name.split(' . ')
    return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join(' . '))
  })

/** The library asks for each rule whether its situation has another value. It never has one here. */
const withoutSituation = (rule: Rule | undefined): void => {
  const whole = rule?.explanation.valeur
  if (!rule || whole?.nodeKind !== 'condition') return
  const { si, alors } = whole.explanation
  const isSituation =
    si.nodeKind === 'est non défini' &&
    si.explanation.nodeKind === 'reference' &&
    si.explanation.dottedName === `${rule.dottedName} . $SITUATION`
  if (isSituation) rule.explanation.valeur = alors
}

/** Facts and tables are inputs of the library: what is known of them is put into its cache, which is several times faster than its situation. */
class PublicodesComputation implements Computation {
  readonly #release: RuleRelease
  readonly #engine: Engine
  readonly #rules: Readonly<Record<string, Rule>>
  readonly #units: ReadonlyMap<string, ReturnType<typeof parseUnit>>
  readonly #needs: Needs
  readonly #inputs: { readonly facts: readonly string[]; readonly tables: readonly (readonly [string, Table])[] }
  readonly complaints: Set<string>

  constructor(release: RuleRelease, engine: Engine, needs: Needs, complaints: Set<string>) {
    this.#release = release
    this.#needs = needs
    this.complaints = complaints
    this.#engine = engine
    this.#rules = engine.baseContext.parsedRules
    const { facts, tables, rules } = release
    this.#inputs = { facts: Object.keys(facts), tables: Object.entries(tables) }
    for (const name of Object.keys(rules)) withoutSituation(this.#rules[name])
    const units = [
      ...Object.entries(facts).map(([name, asked]) => [name, unitOf(asked)] as const),
      ...Object.entries(tables).map(([name, { unit }]) => [name, unit] as const),
    ]
    this.#units = new Map(units.flatMap(([name, unit]) => (unit === undefined ? [] : [[name, parseUnit(unit)]])))
  }

  take(facts: Facts): void {
    this.complaints.clear()
    this.#engine.resetCache()
    for (const name of this.#inputs.facts) this.#know(name, facts.get(name))
    for (const [name, table] of this.#inputs.tables) {
      const at = facts.get(table.by)
      this.#know(name, typeof at === 'number' ? lookUp(table, at) : undefined)
    }
  }

  compute(rule: string): Computed {
    const node = Object.hasOwn(this.#rules, rule) ? this.#rules[rule] : undefined
    if (!node) return { value: undefined, missing: [] }
    try {
      const { nodeValue, missingVariables, unit } = this.#engine.evaluateNode(node)
      const value = nodeValue ?? undefined
      if (value === undefined) return { value, missing: this.#factsOf(missingVariables) }
      if (typeof value === 'number' && !Number.isFinite(value)) return this.#complain('come to no number')
      return { value: value as FactValue, unit: serializeUnit(unit), missing: [] }
    } catch (thrown) {
      return this.#complain(reasonOf(thrown))
    }
  }

  factsFor(rule: string): ReadonlySet<string> {
    const { facts, tables } = this.#release
    const found = new Set<string>()
    const seen = new Set<string>()
    const walk = (name: string): void => {
      if (seen.has(name)) return
      seen.add(name)
      const by = Object.hasOwn(tables, name) ? tables[name]?.by : undefined
      if (by !== undefined) found.add(by)
      if (Object.hasOwn(facts, name)) found.add(name)
      for (const each of this.#needs.get(name) ?? []) walk(each)
    }
    walk(rule)
    return found
  }

  outcomesOf(rule: string): ReadonlySet<string> {
    return outcomesOf(this.#rules, rule)
  }

  complaintsOfParts(): ReadonlySet<string> {
    for (const each of complaintsOfParts(this.#release, this.#engine)) this.complaints.add(each)
    return this.complaints
  }

  #complain(what: string): Computed {
    this.complaints.add(what)
    return { value: undefined, missing: [] }
  }

  #know(name: string, value: FactValue | undefined): void {
    const node = this.#rules[name]
    if (!node) return
    // All that is read of an input, known or not: copying the whole node, or computing it, is half of the work for a person.
    const missingVariables = value === undefined ? { [name]: 1 } : {}
    const known = { nodeValue: value, unit: this.#units.get(name), missingVariables }
    this.#engine.cache.nodes.set(node as ASTNode, known as unknown as EvaluatedNode)
  }

  /** A table that is not known yet waits for the fact by which it is looked up. */
  #factsOf(missing: Readonly<Record<string, number>>): string[] {
    const { tables } = this.#release
    const scores = new Map<string, number>()
    for (const [name, score] of Object.entries(missing)) {
      const fact = (Object.hasOwn(tables, name) ? tables[name]?.by : undefined) ?? name
      scores.set(fact, (scores.get(fact) ?? 0) + score)
    }
    const order = Object.keys(this.#release.facts)
    return [...scores]
      .sort(([one, a], [other, b]) => b - a || order.indexOf(one) - order.indexOf(other))
      .map(([name]) => name)
  }
}

/** Reads the rules of a release. What the library warns of (units above all) is a fault: a rule that half fits is wrong. */
export const readRules = (release: RuleRelease): Computation | readonly Fault[] => {
  const complaints = new Set<string>()
  const note = (message: string) => complaints.add(oneLine(message))
  const fault = (what: string): Fault => ({ at: 'rules', what })
  const { facts, tables, rules } = release
  const named = {
    ...Object.fromEntries(Object.entries(facts).map(([name, asked]) => [name, input(unitOf(asked))])),
    ...Object.fromEntries(Object.entries(tables).map(([name, { unit }]) => [name, input(unit)])),
    ...rules,
  }
  const spaces = Object.fromEntries(namespacesOf(Object.keys(named)).map((name) => [name, null]))
  try {
    const engine: Engine = new Publicodes({ ...spaces, ...named } as ConstructorParameters<typeof Publicodes>[0], {
      logger: { log: note, warn: note, error: note },
      strict: true,
    })
    const needs = needsOf(engine)
    const cycle = cycleIn(needs)
    if (cycle) return [fault(`need each other in a circle: ${cycle.join(' → ')}`)]
    if (complaints.size > 0) return [...complaints].map(fault)
    return new PublicodesComputation(release, engine, needs, complaints)
  } catch (thrown) {
    return [fault(reasonOf(thrown))]
  }
}
