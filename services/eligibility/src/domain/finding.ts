import type { Computation } from './engine.js'
import type { Answer, Facts, FactValue, RuleRelease } from './release.js'
import { answerOf, conditionsOf, decidedBy } from './requirement.js'

/** What a rule finds for some facts. */
export interface RuleFinding {
  readonly answer: Answer
  /** Each condition of the right, in the order in which the right names them. */
  readonly conditions: ReadonlyMap<string, Answer>
  readonly decidedBy: readonly string[]
  /** What the right is worth; empty unless the answer is yes. */
  readonly gives: ReadonlyMap<string, number | string>
  /** What is still to be asked, in the order that decides soonest. */
  readonly missing: readonly string[]
}

const answered = (value: FactValue | undefined): Answer => {
  if (value === true) return 'yes'
  return value === false ? 'no' : 'unknown'
}

/** Computed amounts carry the error of binary fractions, far below what they are rounded to. */
const computingError = 1e-9

/** Rounded half away from zero. */
const rounded = (amount: number, decimals: number): number => {
  const scale = 10 ** decimals
  const nearest = Math.round((Math.abs(amount) + computingError) * scale) / scale
  return amount < 0 ? -nearest : nearest
}

const once = <T>(all: readonly T[]): T[] => [...new Set(all)]

/** Applies a rule. An answer that the library had complaints of is unknown. */
export const find = (
  { entitledWhen, gives: given }: Pick<RuleRelease, 'entitledWhen' | 'gives'>,
  computation: Computation,
  facts: Facts,
): RuleFinding => {
  computation.take(facts)
  const computed = new Map(conditionsOf(entitledWhen).map((name) => [name, computation.compute(name)]))
  const hasComplaints = computation.complaints.size > 0
  const valueFor = (name: string): Answer => (hasComplaints ? 'unknown' : answered(computed.get(name)?.value))
  const answer = answerOf(entitledWhen, valueFor)
  const deciding = decidedBy(entitledWhen, valueFor)

  const gives = new Map<string, number | string>()
  const forGifts: string[] = []
  if (answer !== 'no')
    for (const [name, what] of Object.entries(given)) {
      const { value, missing } = computation.compute(name)
      forGifts.push(...missing)
      if (answer !== 'yes') continue
      if (what.kind === 'amount' && typeof value === 'number') gives.set(name, rounded(value, what.decimals))
      if (what.kind === 'choice' && typeof value === 'string') gives.set(name, value)
    }

  // An open condition that needs least may settle the answer soonest; a sort is stable, so the order of the right decides ties.
  const open = answer === 'unknown' ? deciding.map((name) => computed.get(name)?.missing ?? []) : []
  const forAnswer = open.sort((one, other) => one.length - other.length).flat()
  return {
    answer,
    conditions: new Map([...computed.keys()].map((name) => [name, valueFor(name)])),
    decidedBy: deciding,
    gives,
    missing: once([...forAnswer, ...forGifts]),
  }
}
