import type { Queryable } from '@unefois/chassis/postgres'
import type { Fact } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { ApplicationNeeds } from './application-needs.js'
import type { ProcedureData } from './domain/procedure.js'
import type { RuleRelease } from './domain/release.js'
import { factsOf, factView } from './rpc/facts-given.js'

/**
 * The rule that reads what a person states; without one in force on the day of the deposit the nearest, because a deposit is not
 * refused for that. Undefined for a procedure without a rule.
 */
export const ruleReading = async (
  { book }: Pick<ApplicationNeeds, 'book'>,
  { benefit }: Pick<ProcedureData, 'benefit'>,
  day: string,
  db: Queryable,
): Promise<RuleRelease | undefined> => {
  if (benefit === undefined) return undefined
  const found = await book.onDay(benefit, day, db)
  if ('inForce' in found) return found.inForce.release
  return found.nearest && book.describe(found.nearest)
}

/** What a person states of the facts, each once. Error: FACT_INVALID naming the fact, never its value. */
export const statedFacts = (release: RuleRelease | undefined, given: readonly Fact[]): Fact[] =>
  [...factsOf(release ?? { facts: {} }, given)].map(([name, value]) => factView(name, value))
