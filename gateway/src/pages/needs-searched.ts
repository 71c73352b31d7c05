import { languageTag } from '../rest/calendar-schemas.js'
import type { AccessibilityName } from '../rest/calendar-views.js'
import { accessibilityInWords, accessibilityNames, languageInWords, languageTags } from './booking-words.js'
import { boxField, selectField } from './form-fields.js'
import { type Html, html } from './html.js'
import type { Visit } from './visit.js'

/** What somebody says they need of the times that they look for. */
export interface NeedsSearched {
  /** All of them. */
  readonly accessibility: readonly AccessibilityName[]
  /** BCP 47, one that the agent speaks; empty: any. */
  readonly language: string
  readonly isAccompanied: boolean
}

/** Reads them from the query of a search; what is none is left out. */
export const needsIn = ({ access, language, accompanied }: Readonly<Record<string, unknown>>): NeedsSearched => {
  const named: readonly unknown[] = Array.isArray(access) ? access : [access]
  const tag = languageTag.safeParse(typeof language === 'string' ? language.trim() : '')
  return {
    accessibility: accessibilityNames.filter((one) => named.includes(one)),
    language: tag.data ?? '',
    isAccompanied: accompanied === 'yes',
  }
}

/** The same as pairs of a query; the value is empty of what was left open. */
export const needsPairs = ({ accessibility, language, isAccompanied }: NeedsSearched): [string, string][] => [
  ...accessibility.map((one): [string, string] => ['access', one]),
  ['language', language],
  ['accompanied', isAccompanied ? 'yes' : ''],
]

/** Their fields in the form of a search; all of them may be left open. */
export const needsFields = (visit: Visit, { accessibility, language, isAccompanied }: NeedsSearched): Html => {
  const { say } = visit
  return html`<fieldset><legend>${say('Si vous en avez besoin', 'If you need it')}</legend>${boxField({
    name: 'accompanied',
    value: 'yes',
    title: say(
      'Je suis accompagné, ou c’est difficile pour moi : aucun justificatif demandé',
      'I am accompanied, or this is hard for me: no proof is asked',
    ),
    isChecked: isAccompanied,
  })}${accessibilityNames.map((one) =>
    boxField({
      name: 'access',
      value: one,
      title: accessibilityInWords(visit, one),
      isChecked: accessibility.includes(one),
    }),
  )}</fieldset>
${selectField({
  name: 'language',
  label: say('Un agent qui parle', 'An agent who speaks'),
  value: language,
  choices: [
    { value: '', title: say('Peu importe', 'No matter') },
    ...languageTags.map((tag) => ({ value: tag, title: languageInWords(visit, tag) })),
  ],
})}`
}
