import { explain, givenInWords, inLanguage, type Language, languages } from '../domain/explanation.js'
import { readFacts } from '../domain/facts.js'
import { find } from '../domain/finding.js'
import type { FactValue, RuleRelease } from '../domain/release.js'
import { type ReadFile, UsageError } from './read-file.js'

const isLanguage = (text: string): text is Language => languages.some((each) => each === text)

const yesNo: ReadonlyMap<string, boolean> = new Map([
  ['oui', true],
  ['yes', true],
  ['true', true],
  ['non', false],
  ['no', false],
  ['false', false],
])

const valueIn = ({ facts }: RuleRelease, word: string): readonly [string, FactValue] => {
  const at = word.indexOf('=')
  if (at < 1) throw new UsageError(`${word} is no fact=value`)
  const [name, text] = [word.slice(0, at).trim(), word.slice(at + 1).trim()]
  const asked = Object.hasOwn(facts, name) ? facts[name] : undefined
  if (!asked) throw new UsageError(`${name} is no fact of this rule: ${Object.keys(facts).join(', ')}`)
  if (asked.kind === 'number') return [name, text === '' ? Number.NaN : Number(text.replace(',', '.'))]
  return [name, asked.kind === 'yes-no' ? (yesNo.get(text.toLowerCase()) ?? text) : text]
}

/** What a rule finds for some facts, what it asks next, and why. */
export const explainLines = (
  { release, computation }: ReadFile,
  words: readonly string[],
  language: string,
): string[] => {
  if (!isLanguage(language)) throw new UsageError(`${language} is none of ${languages.join(', ')}`)
  const facts = readFacts(
    release,
    words.map((word) => valueIn(release, word)),
  )
  if ('what' in facts) throw new UsageError(`${facts.fact} ${facts.what}`)
  const finding = find(release, computation, facts)
  const { summary, conditions, scope } = explain(release, computation, facts, finding, language)
  const titleOf = (name: string): string => {
    const given = release.gives[name]
    return given ? inLanguage(given.title, language) : name
  }
  const questionOf = (name: string): string => {
    const asked = release.facts[name]
    return asked ? inLanguage(asked.question, language) : ''
  }
  return [
    `${finding.answer}: ${summary}`,
    ...[...finding.gives].map(([name, value]) => `  ${titleOf(name)}: ${givenInWords(release, name, value, language)}`),
    ...conditions.map(
      ({ answer, sentence, hasDecided, reference }) =>
        `${hasDecided ? '*' : ' '} ${answer}: ${sentence} [${reference}]`,
    ),
    ...finding.missing.map((name) => `? ${name}: ${questionOf(name)}`),
    ...scope.map((text) => `- ${text}`),
  ]
}
