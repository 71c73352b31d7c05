import type { Answer, Requirement } from './release.js'

/** The value of one condition. */
export type ValueFor = (condition: string) => Answer

const parts = (requirement: Exclude<Requirement, string>): readonly Requirement[] =>
  'all' in requirement ? requirement.all : requirement.any

/** The conditions that a requirement names, each once, in its order. */
export const conditionsOf = (requirement: Requirement): string[] =>
  typeof requirement === 'string' ? [requirement] : [...new Set(parts(requirement).flatMap(conditionsOf))]

/** Kleene's strong three-valued logic: what is unknown is no only where nothing unknown could make it yes, and the reverse. */
export const answerOf = (requirement: Requirement, valueFor: ValueFor): Answer => {
  if (typeof requirement === 'string') return valueFor(requirement)
  const settling: Answer = 'all' in requirement ? 'no' : 'yes'
  const answers = parts(requirement).map((each) => answerOf(each, valueFor))
  if (answers.includes(settling)) return settling
  if (answers.includes('unknown')) return 'unknown'
  return settling === 'no' ? 'yes' : 'no'
}

/** The conditions that made the answer what it is; of an unknown one, those that are still open. */
export const decidedBy = (requirement: Requirement, valueFor: ValueFor): string[] => {
  if (typeof requirement === 'string') return [requirement]
  const answer = answerOf(requirement, valueFor)
  const same = parts(requirement).filter((each) => answerOf(each, valueFor) === answer)
  return [...new Set(same.flatMap((each) => decidedBy(each, valueFor)))]
}
