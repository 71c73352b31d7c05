import type { FactAskedFor, Facts, FactValue, RuleRelease } from './release.js'

/** Why a fact cannot be used: which, and what it should be. */
export interface FactFault {
  /** Empty for a name that the rule does not have: it may be anything. */
  readonly fact: string
  readonly what: string
}

const hasAtMost = (decimals: number, value: number): boolean => {
  const scaled = value * 10 ** decimals
  return Math.abs(scaled - Math.round(scaled)) < 1e-6
}

const faultOf = (asked: FactAskedFor, value: FactValue): string | undefined => {
  switch (asked.kind) {
    case 'yes-no':
      return typeof value === 'boolean' ? undefined : 'is yes or no'
    case 'choice':
      return typeof value === 'string' && Object.hasOwn(asked.choices, value)
        ? undefined
        : `is one of ${Object.keys(asked.choices).join(', ')}`
    case 'number': {
      const { minimum, maximum, decimals, unit } = asked
      const isGood = typeof value === 'number' && value >= minimum && value <= maximum && hasAtMost(decimals, value)
      return isGood
        ? undefined
        : `is a number of ${unit} from ${minimum} to ${maximum}, with ${decimals} decimals at most`
    }
  }
}

/** Reads the facts given for a rule. One given twice alike is one; given twice differently, or out of its bounds, is a fault. */
export const readFacts = (
  { facts: asked }: Pick<RuleRelease, 'facts'>,
  given: readonly (readonly [name: string, value: FactValue])[],
): Facts | FactFault => {
  const facts = new Map<string, FactValue>()
  for (const [name, value] of given) {
    const one = Object.hasOwn(asked, name) ? asked[name] : undefined
    if (!one) return { fact: '', what: 'One of them is no fact of this rule' }
    const what = faultOf(one, value)
    if (what !== undefined) return { fact: name, what }
    if (facts.has(name) && facts.get(name) !== value)
      return { fact: name, what: 'is given twice, with values that contradict' }
    facts.set(name, value)
  }
  return facts
}
