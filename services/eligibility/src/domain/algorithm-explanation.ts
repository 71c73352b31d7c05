import { textIn } from './algorithm-notice.js'
import type { Computation } from './engine.js'
import { inLanguage, type Language, type RuleExplanation, valueInWords } from './explanation.js'
import type { ApplicationTerms } from './procedure-application.js'
import type { Answer, Bilingual, Facts, RuleRelease } from './release.js'
import { lookUp } from './tables.js'

/** A value to which the rule was applied, and whence it came. */
export interface ValueUsed {
  readonly fact: string
  /** The name of the member that told it; undefined: the person stated it. */
  readonly toldBy: string | undefined
  readonly asOfMs: number
}

export interface DataPart {
  readonly title: string
  readonly value: string
  readonly source: string
  readonly asOfMs: number
}

export interface ParameterPart {
  readonly title: string
  readonly value: string
  readonly weight: string
  readonly legalReference: string
}

/** What a person may ask of a decision on which an algorithm had part, in the order of CRPA R311-3-1-2. */
export interface AlgorithmExplained {
  readonly contribution: string
  readonly data: readonly DataPart[]
  readonly parameters: readonly ParameterPart[]
  readonly operations: readonly string[]
}

/** Bytes of UTF-8 of the four parts together; the explanation of the finding has its own limit. */
export const longestParts = 20 * 1024

interface ThreeWords extends Bilingual {
  readonly falc: string
}
const words = {
  stated: { fr: 'Vous l’avez déclaré.', en: 'You stated it.', falc: 'Vous l’avez dit.' },
  decided: { fr: 'A décidé du résultat.', en: 'It decided the result.', falc: 'Cela a compté.' },
  other: {
    fr: 'N’a pas décidé du résultat.',
    en: 'It did not decide the result.',
    falc: 'Cela n’a pas compté.',
  },
  table: {
    fr: 'Montant du barème auquel vos valeurs sont comparées.',
    en: 'Amount of the scale with which your values are compared.',
    falc: 'C’est la limite.',
  },
  signed: {
    fr: 'Un agent a lu le dossier, a décidé et a signé.',
    en: 'An agent read the file, decided and signed.',
    falc: 'Une personne a lu votre dossier. Cette personne a décidé.',
  },
  alone: {
    fr: 'La décision vous est favorable : elle a été prise sans qu’un agent signe.',
    en: 'The decision is in your favour: it was taken without an agent signing.',
    falc: 'L’ordinateur a dit oui.',
  },
} satisfies Record<string, ThreeWords>

const answers: Readonly<Record<Answer, Bilingual>> = {
  yes: { fr: 'oui', en: 'yes' },
  no: { fr: 'non', en: 'no' },
  unknown: { fr: 'non connu', en: 'not known' },
}

const more = {
  fr: (count: number, sha256: string) => `Et ${count} autres opérations, dans la règle publiée ${sha256}.`,
  en: (count: number, sha256: string) => `And ${count} more operations, in the published rule ${sha256}.`,
}

/** An expression of a rule on one line, as its author wrote it. */
const onOneLine = (expression: unknown): string => {
  if (Array.isArray(expression)) return expression.map(onOneLine).join(' ; ')
  if (typeof expression !== 'object' || expression === null) return String(expression)
  return Object.entries(expression)
    .map(([key, value]) => (Array.isArray(value) ? `${key} (${onOneLine(value)})` : `${key} : ${onOneLine(value)}`))
    .join(', ')
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

/** As many lines as there is room for, and how many more there are. */
const fitting = (lines: readonly string[], room: number, left: (count: number) => string): string[] => {
  let used = 0
  const count = lines.findIndex((line) => {
    used += bytesOf(line) + 1
    return used > room - bytesOf(left(lines.length)) - 1
  })
  return count < 0 ? [...lines] : [...lines.slice(0, count), left(lines.length - count)]
}

const parametersOf = (
  { tables, references, ...release }: RuleRelease,
  facts: Facts,
  { conditions }: Pick<RuleExplanation, 'conditions'>,
  language: Language,
): ParameterPart[] => [
  ...conditions.map(({ title, answer, hasDecided, reference }) => ({
    title,
    value: inLanguage(answers[answer], language),
    weight: inLanguage(hasDecided ? words.decided : words.other, language),
    legalReference: reference,
  })),
  ...Object.entries(tables).flatMap(([name, table]) => {
    const at = facts.get(table.by)
    const value = typeof at === 'number' ? lookUp(table, at) : undefined
    if (value === undefined) return []
    return [
      {
        title: name,
        value: valueInWords({ ...release, tables, references }, name, { value }, language),
        weight: inLanguage(words.table, language),
        legalReference: references[table.reference]?.citation ?? '',
      },
    ]
  }),
]

/**
 * The four parts, from what a decision file keeps and the release that it names: to what degree and how the algorithm
 * contributed, the data and whence they came, the parameters and what they weighed for this person, the operations. In
 * easy-to-read French the operations are its sentences; otherwise each rule as it was written, with what it came to. Undefined
 * where the parts are longer than they may be.
 */
export const explainAlgorithm = (
  { release, computation, sha256 }: { release: RuleRelease; computation: Computation; sha256: string },
  terms: NonNullable<ApplicationTerms['algorithm']>,
  { facts, used, explanation, isSigned }: Applied,
  language: Language,
): AlgorithmExplained | undefined => {
  computation.take(facts)
  const contribution = [
    textIn(terms.purpose, language),
    textIn(terms.contribution, language),
    inLanguage(isSigned ? words.signed : words.alone, language),
  ].join(' ')
  const data = used.flatMap(({ fact, toldBy, asOfMs }) => {
    const asked = release.facts[fact]
    if (!asked || !facts.has(fact)) return []
    return [
      {
        title: inLanguage(asked.title, language),
        value: valueInWords(release, fact, { value: facts.get(fact) }, language),
        source: toldBy ?? inLanguage(words.stated, language),
        asOfMs,
      },
    ]
  })
  const parameters = parametersOf(release, facts, explanation, language)
  const lines =
    language === 'fr-x-falc'
      ? explanation.conditions.map(({ sentence }) => sentence)
      : Object.entries(release.rules).map(([name, expression]) => {
          const value = valueInWords(release, name, computation.compute(name), language)
          return `${name} = ${onOneLine(expression)} → ${value}`
        })
  const room = longestParts - bytesOf({ contribution, data, parameters, operations: [] })
  const left = (count: number): string => more[language === 'en' ? 'en' : 'fr'](count, sha256)
  if (room < bytesOf(left(lines.length)) + 1) return undefined
  return { contribution, data, parameters, operations: fitting(lines, room, left) }
}

/** What the rule was applied to, and what came out, in the language asked for. */
export interface Applied {
  readonly facts: Facts
  readonly used: readonly ValueUsed[]
  readonly explanation: Pick<RuleExplanation, 'conditions'>
  /** Whether an agent signed the decision. */
  readonly isSigned: boolean
}
