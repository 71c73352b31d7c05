import { placeholders } from './explanation.js'
import type { Bilingual, Fault, RuleRelease, ThreeTexts } from './release.js'

const longestExplanation = 20 * 1024

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
/** A number with its unit, or what a choice is called. */
const longestNumber = 60
const longestOf = (texts: readonly Bilingual[]): number =>
  Math.max(longestNumber, ...texts.flatMap(({ fr, en }) => [bytesOf(fr), bytesOf(en)]))

/** At most what an explanation is in the language in which it is longest, with the longest values. */
export const faultsOfLength = ({ conditions, summary, scope, facts, gives, references }: RuleRelease): Fault[] => {
  const choices = [...Object.values(facts), ...Object.values(gives)].flatMap((one) =>
    one.kind === 'choice' ? Object.values(one.choices) : [],
  )
  const longestValue = longestOf(choices)
  const written = (text: string): number => bytesOf(text) + placeholders(text).length * longestValue
  const longest = (...texts: readonly ThreeTexts[]): number =>
    Math.max(...texts.flatMap(({ fr, en, falc }) => [fr, en, falc].map(written)))
  const ofConditions = Object.entries(conditions).map(
    ([name, { title, yes, no, unknown, reference }]) =>
      bytesOf(name) + longestOf([title]) + longest(yes, no, unknown) + bytesOf(references[reference]?.citation ?? ''),
  )
  const ofScope = scope.map(({ fr, en }) => Math.max(bytesOf(fr), bytesOf(en)))
  const length = [...ofConditions, ...ofScope, longest(...Object.values(summary))].reduce((sum, each) => sum + each, 0)
  return length <= longestExplanation
    ? []
    : [{ at: 'conditions', what: `explain in up to ${length} bytes; ${longestExplanation} at most` }]
}
