import type { Direction } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import type { RuleFinding } from './finding.js'
import type { FactValue } from './release.js'
import { directionNamed } from './review-state.js'

/** What a rule comes to, as far as it matters to the person. */
export type Found = Pick<RuleFinding, 'answer' | 'gives'>

/** By the names of gifts: whether more of it is better for the person, or less. */
export type Better = Readonly<Record<string, 'more' | 'less'>>

const { favourable, unfavourable, same, unknown } = directionNamed

/** A gift that one of the two does not know, or of which nobody says what is better, cannot be compared unless it is the same. */
const ofGift = (
  then: number | string | undefined,
  now: number | string | undefined,
  better: 'more' | 'less' | undefined,
): Direction => {
  if (then === now) return same
  if (typeof then !== 'number' || typeof now !== 'number' || better === undefined) return unknown
  return now > then === (better === 'more') ? favourable : unfavourable
}

/** Gains in one thing and losses in another are for a person to weigh. */
const together = (directions: readonly Direction[]): Direction => {
  const told = new Set(directions.filter((each) => each !== same))
  const [only = same] = told
  return told.size > 1 ? unknown : only
}

/** What it would mean to the person if what a rule finds now came in the place of what it found then. */
export const directionOf = (then: Found, now: Found, better: Better): Direction => {
  if (then.answer === 'unknown' || now.answer === 'unknown') return unknown
  if (then.answer !== now.answer) return now.answer === 'yes' ? favourable : unfavourable
  const names = [...new Set([...then.gives.keys(), ...now.gives.keys()])]
  const ways = (name: string) => (Object.hasOwn(better, name) ? better[name] : undefined)
  return together(names.map((name) => ofGift(then.gives.get(name), now.gives.get(name), ways(name))))
}

/** What was told, by names; undefined for what is no single value. */
export type Told = readonly (readonly [name: string, value: FactValue | undefined])[]

/** The same where no rule says what comes of it: only that nothing changed can be known without a person. */
export const directionOfValues = (then: Told, now: Told): Direction => {
  const before = new Map(then)
  const after = new Map(now)
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const isSame = names.every((name) => before.get(name) !== undefined && before.get(name) === after.get(name))
  return isSame && names.length > 0 ? same : unknown
}
