import { Answer, FactKind, type Finding, type MissingFact } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { explain, givenInWords, inLanguage, type Language } from '../domain/explanation.js'
import { find } from '../domain/finding.js'
import type { FactAskedFor, Facts, Answer as RuleAnswer, RuleRelease } from '../domain/release.js'
import type { ReadRelease, RuleBook } from '../rule-book.js'
import { releaseView } from './release-view.js'

const answers: Record<RuleAnswer, Answer> = {
  yes: Answer.ANSWER_YES,
  no: Answer.ANSWER_NO,
  unknown: Answer.ANSWER_UNKNOWN,
}
const kinds: Record<FactAskedFor['kind'], FactKind> = {
  number: FactKind.FACT_KIND_NUMBER,
  'yes-no': FactKind.FACT_KIND_YES_NO,
  choice: FactKind.FACT_KIND_CHOICE,
}

/** What is asked of the person for a fact; nothing for a name that is none. */
export const missingView = ({ facts }: RuleRelease, name: string, language: Language): MissingFact[] => {
  const asked = facts[name]
  if (!asked) return []
  const isNumber = asked.kind === 'number'
  return [
    {
      name,
      kind: kinds[asked.kind],
      question: inLanguage(asked.question, language),
      hint: asked.hint ? inLanguage(asked.hint, language) : '',
      unit: isNumber ? asked.unit : '',
      minimum: isNumber ? asked.minimum : 0,
      maximum: isNumber ? asked.maximum : 0,
      decimals: isNumber ? asked.decimals : 0,
      choices:
        asked.kind === 'choice'
          ? Object.entries(asked.choices).map(([value, title]) => ({ value, title: inLanguage(title, language) }))
          : [],
      sources: [...asked.sources],
    },
  ]
}

/** Applies a release to facts, and writes why. */
export const findingView = (book: RuleBook, read: ReadRelease, facts: Facts, language: Language): Finding => {
  const { release, computation, stored } = read
  const found = find(release, computation, facts)
  const { conditions, ...explanation } = explain(release, computation, facts, found, language)
  return {
    answer: answers[found.answer],
    release: releaseView(book, stored),
    gives: [...found.gives].flatMap(([name, value]) => {
      const given = release.gives[name]
      if (!given) return []
      return [
        {
          name,
          title: inLanguage(given.title, language),
          value: typeof value === 'number' ? { $case: 'amount' as const, value } : { $case: 'choice' as const, value },
          unit: given.kind === 'amount' ? given.unit : '',
          text: givenInWords(release, name, value, language),
        },
      ]
    }),
    missing: found.missing.flatMap((name) => missingView(release, name, language)),
    explanation: {
      ...explanation,
      scope: [...explanation.scope],
      conditions: conditions.map(({ answer, reference, ...condition }) => ({
        ...condition,
        answer: answers[answer],
        legalReference: reference,
      })),
    },
  }
}
