import type { Computation } from './engine.js'
import type { RuleFinding } from './finding.js'
import type { Answer, Bilingual, Facts, FactValue, RuleRelease, ThreeTexts } from './release.js'
import { written } from './units.js'

/** French, English, or easy-to-read French (FALC), as BCP 47 writes them. */
export const languages = ['fr', 'en', 'fr-x-falc'] as const
export type Language = (typeof languages)[number]

export interface ConditionExplained {
  readonly name: string
  readonly title: string
  readonly answer: Answer
  readonly sentence: string
  readonly hasDecided: boolean
  readonly reference: string
}

/** Why a rule finds what it finds, in whole sentences that can be read aloud. */
export interface RuleExplanation {
  readonly language: Language
  readonly summary: string
  readonly conditions: readonly ConditionExplained[]
  readonly scope: readonly string[]
}

const plain = (language: Language): 'fr' | 'en' => (language === 'en' ? 'en' : 'fr')
/** A text in the language asked for; where there is no easy one, the French. */
export const inLanguage = (texts: Bilingual | ThreeTexts, language: Language): string =>
  language === 'fr-x-falc' && 'falc' in texts ? texts.falc : texts[plain(language)]

export const placeholders = (text: string): string[] => [...text.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name)

const notKnown: Bilingual = { fr: 'non connu', en: 'not known' }
const yesNo = (value: boolean): Bilingual => (value ? { fr: 'oui', en: 'yes' } : { fr: 'non', en: 'no' })

/** A fact, a table's amount, a gift or what a rule comes to, as a person reads it. */
export const valueInWords = (
  { facts, tables, gives }: RuleRelease,
  name: string,
  { value, unit: computed }: { readonly value: FactValue | undefined; readonly unit?: string | undefined },
  language: Language,
): string => {
  if (value === undefined) return inLanguage(notKnown, language)
  if (typeof value === 'boolean') return inLanguage(yesNo(value), language)
  const asked = facts[name]
  const given = gives[name]
  if (typeof value === 'string') {
    const choices = asked?.kind === 'choice' ? asked.choices : given?.kind === 'choice' ? given.choices : {}
    const title = choices[value]
    return title ? inLanguage(title, language) : value
  }
  const unit = asked?.kind === 'number' ? asked.unit : given?.kind === 'amount' ? given.unit : tables[name]?.unit
  return written(value, unit ?? computed ?? '', plain(language)).trim()
}

/** An amount or a form of a right in words. */
export const givenInWords = (release: RuleRelease, name: string, value: number | string, language: Language): string =>
  valueInWords(release, name, { value }, language)

/** Writes why, from the sentences of the release and the values that were compared. */
export const explain = (
  release: RuleRelease,
  computation: Computation,
  facts: Facts,
  finding: RuleFinding,
  language: Language,
): RuleExplanation => {
  computation.take(facts)
  const filled = (text: string): string =>
    text.replace(/\{([^{}]+)\}/g, (_, name: string) =>
      valueInWords(release, name, facts.has(name) ? { value: facts.get(name) } : computation.compute(name), language),
    )
  const { conditions, references } = release
  return {
    language,
    summary: filled(inLanguage(release.summary[finding.answer], language)),
    conditions: [...finding.conditions].flatMap(([name, answer]) => {
      const condition = conditions[name]
      if (!condition) return []
      return [
        {
          name,
          title: inLanguage(condition.title, language),
          answer,
          sentence: filled(inLanguage(condition[answer], language)),
          hasDecided: finding.decidedBy.includes(name),
          reference: references[condition.reference]?.citation ?? '',
        },
      ]
    }),
    scope: release.scope.map((text) => inLanguage(text, language)),
  }
}
