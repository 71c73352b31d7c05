import { parisDay } from '@unefois/chassis/clock'
import type { Queryable } from '@unefois/chassis/postgres'
import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Fact, FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { readFacts } from './domain/facts.js'
import { find, type RuleFinding } from './domain/finding.js'
import type { ProcedureData } from './domain/procedure.js'
import type { Facts, FactValue, RuleRelease } from './domain/release.js'
import type { ReadRelease, RuleBook } from './rule-book.js'

/** What a rule comes to for the file of an application. */
export interface Ruling {
  readonly read: ReadRelease
  readonly facts: Facts
  readonly finding: RuleFinding
  /** Each value that the rule was applied to, once, and whence it came. */
  readonly used: readonly FactUsed[]
}

const stated = (fact: Fact): FactUsed => ({
  fact,
  isSelfDeclared: true,
  provider: '',
  source: undefined,
  exchangeId: '',
  version: 0,
  asOfMs: 0,
})

const valueIn = ({ fact }: FactUsed): readonly [string, FactValue][] =>
  fact?.value ? [[fact.name, fact.value.value]] : []

/** Those values of a file that this release takes; what it does not ask for, or not so, is as if it were unknown. */
export const takenBy = (release: RuleRelease, used: readonly FactUsed[]): FactUsed[] =>
  used.filter((each) => {
    const given = valueIn(each)
    return given.length > 0 && !('what' in readFacts(release, given))
  })

/** The known facts of some uses. */
export const factsUsed = (used: readonly FactUsed[]): Facts => new Map(used.flatMap(valueIn))

/**
 * What a file knows. Of a fact that both told, the person's own answer counts, and is marked; where the other says the same, it
 * is confirmed, and no longer the person's word alone.
 */
export const knownIn = ({ facts, used }: Pick<Application, 'facts' | 'used'>): FactUsed[] => {
  const told = new Map(used.flatMap((each) => (each.fact ? [[each.fact.name, each] as const] : [])))
  const own = facts.map((fact) => {
    const other = told.get(fact.name)
    told.delete(fact.name)
    return other?.fact?.value !== undefined && other.fact.value.value === fact.value?.value ? other : stated(fact)
  })
  return [...own, ...told.values()]
}

/** The day of the law for an application: that of its deposit (Europe/Paris), whenever it is examined. */
export const dayOfLaw = ({ depositedAtMs }: Pick<Application, 'depositedAtMs'>): string =>
  parisDay({ nowMs: () => depositedAtMs, monotonicMs: () => 0 })

/**
 * Applies the rule of a procedure to what the file of an application knows. Undefined where no rule takes part: the procedure has
 * none, none was in force on the day of the deposit, or nothing is known to which it could be applied.
 */
export const rulingOn = async (
  book: RuleBook,
  application: Application,
  { benefit }: Pick<ProcedureData, 'benefit'>,
  db?: Queryable,
): Promise<Ruling | undefined> => {
  if (benefit === undefined) return undefined
  const found = await book.onDay(benefit, dayOfLaw(application), db)
  if (!('inForce' in found)) return undefined
  const { release, computation } = found.inForce
  const used = takenBy(release, knownIn(application))
  if (used.length === 0) return undefined
  const facts = factsUsed(used)
  return { read: found.inForce, facts, used, finding: find(release, computation, facts) }
}
