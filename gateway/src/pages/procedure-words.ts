import type { Language } from '../language.js'
import type { ProcedureView, WayView } from '../rest/eligibility-views.js'
import { typeset } from './typography.js'
import type { Visit } from './visit.js'

// Procedures, units and amounts in a person's words.

type Two = readonly [french: string, english: string]

const ways: Readonly<Record<WayView, Two>> = {
  online: ['En ligne', 'Online'],
  counter: ['Au guichet', 'At the counter'],
  telephone: ['Par téléphone', 'By telephone'],
  post: ['Par courrier', 'By post'],
  'home-visit': ['Chez vous, sur demande', 'At your home, on request'],
  unknown: ['Autrement : demandez-nous', 'Another way: ask us'],
}

/** A way in which a step can be done. */
export const wayInWords = ({ say }: Visit, way: WayView): string => say(...ways[way])

const terms: Readonly<Record<string, { readonly one: Two; readonly many: Two }>> = {
  days: { one: ['jour', 'day'], many: ['jours', 'days'] },
  weeks: { one: ['semaine', 'week'], many: ['semaines', 'weeks'] },
  months: { one: ['mois', 'month'], many: ['mois', 'months'] },
}

/** A period: `2 mois`. */
export const termInWords = (
  { say }: Visit,
  { count, unit }: { readonly count: number; readonly unit: string },
): string => {
  const words = terms[unit]?.[count === 1 ? 'one' : 'many']
  return words ? `${count}\u00a0${say(...words)}` : `${count}`
}

/** What the agency's silence means. */
export const silenceInWords = (visit: Visit, silence: NonNullable<ProcedureView['silence']>): string => {
  const { say } = visit
  const term = termInWords(visit, silence)
  switch (silence.means) {
    case 'acceptance':
      return say(
        `Si nous n’avons pas répondu au bout de ${term}, c’est oui : votre demande est acceptée. Ce délai part du jour où votre dossier est complet.`,
        `If we have not answered after ${term}, it is a yes: your request is accepted. This period begins on the day when your file is complete.`,
      )
    case 'rejection':
      return say(
        `Si nous n’avons pas répondu au bout de ${term}, c’est non : votre demande est rejetée, et vous pouvez la contester.`,
        `If we have not answered after ${term}, it is a no: your request is rejected, and you may contest it.`,
      )
    case 'none':
      return say(
        'Il n’y a rien à décider : ce que vous dites est enregistré.',
        'There is nothing to decide: what you say is recorded.',
      )
    case 'unknown':
      return say('Demandez-nous ce que veut dire notre silence.', 'Ask us what our silence means.')
  }
}

const units: Readonly<Record<string, { readonly one: Two; readonly many: Two }>> = Object.fromEntries(
  (
    [
      ['€/an', '€ par an', '€ a year'],
      ['€/mois', '€ par mois', '€ a month'],
      ['€/repas', '€ par repas', '€ a meal'],
      ['personne', 'personne', 'person', 'personnes', 'people'],
      ['enfant', 'enfant', 'child', 'enfants', 'children'],
      ['an', 'an', 'year', 'ans', 'years'],
      ['mois', 'mois', 'month', 'mois', 'months'],
      ['part', 'part', 'share', 'parts', 'shares'],
    ] as const
  ).map(([unit, fr, en, manyFr = fr, manyEn = en]) => [unit, { one: [fr, en], many: [manyFr, manyEn] }]),
)

/** A unit as it is read before an input: `€ par an`; an unknown one stands as it is. */
export const unitInWords = ({ say }: Visit, unit: string): string => {
  const words = units[unit]
  return words ? say(...words.many) : unit
}

const locales: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' }

/** A number as a person reads it: `12 000,50`. */
export const numberInWords = ({ language }: Visit, value: number): string =>
  new Intl.NumberFormat(locales[language], {
    minimumFractionDigits: Number.isInteger(value) ? 0 : 2,
    maximumFractionDigits: 3,
  }).format(value)

/** A number with its unit: `12 000 € par an`. */
export const amountInWords = (visit: Visit, value: number, unit: string): string => {
  // French counts from two; English takes everything but one for many.
  const isOne = visit.language === 'fr' ? Math.abs(value) < 2 : value === 1
  const words = units[unit]?.[isOne ? 'one' : 'many']
  return typeset(`${numberInWords(visit, value)} ${words ? visit.say(...words) : unit}`.trim()).replace(' ', '\u00a0')
}
