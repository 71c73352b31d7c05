import type { Bilingual } from './release.js'

/** The units in which facts and amounts are given, as publicodes writes them, and as a person reads them after a number. */
const words: Readonly<Record<string, { readonly one: Bilingual; readonly many: Bilingual }>> = {
  '€': { one: { fr: '€', en: '€' }, many: { fr: '€', en: '€' } },
  '€/an': { one: { fr: '€ par an', en: '€ a year' }, many: { fr: '€ par an', en: '€ a year' } },
  '€/mois': { one: { fr: '€ par mois', en: '€ a month' }, many: { fr: '€ par mois', en: '€ a month' } },
  '€/repas': { one: { fr: '€ par repas', en: '€ a meal' }, many: { fr: '€ par repas', en: '€ a meal' } },
  '%': { one: { fr: '%', en: '%' }, many: { fr: '%', en: '%' } },
  personne: { one: { fr: 'personne', en: 'person' }, many: { fr: 'personnes', en: 'people' } },
  enfant: { one: { fr: 'enfant', en: 'child' }, many: { fr: 'enfants', en: 'children' } },
  an: { one: { fr: 'an', en: 'year' }, many: { fr: 'ans', en: 'years' } },
  mois: { one: { fr: 'mois', en: 'month' }, many: { fr: 'mois', en: 'months' } },
  part: { one: { fr: 'part', en: 'share' }, many: { fr: 'parts', en: 'shares' } },
}

/** The units that a release may use. */
export const units: ReadonlySet<string> = new Set(Object.keys(words))

const locales = { fr: 'fr-FR', en: 'en-GB' } as const
const formats = new Map<string, Intl.NumberFormat>()
const formatOf = (language: 'fr' | 'en', decimals: number): Intl.NumberFormat => {
  const key = `${language}${decimals}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locales[language], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  formats.set(key, made)
  return made
}

/** Money has its cents where there are any; anything else has what it needs. */
const decimalsOf = (amount: number, unit: string): number => {
  if (Number.isInteger(amount)) return 0
  return unit.startsWith('€') ? 2 : Math.min(3, `${amount}`.split('.')[1]?.length ?? 0)
}

/** An amount as a person reads it: `10 339 € par an`. An unknown unit stands as it is. */
export const written = (amount: number, unit: string, language: 'fr' | 'en'): string => {
  const number = formatOf(language, decimalsOf(amount, unit)).format(amount)
  const word = words[unit]
  // French counts from two; English takes everything but one for many.
  const isOne = language === 'fr' ? Math.abs(amount) < 2 : amount === 1
  return `${number} ${word ? (isOne ? word.one : word.many)[language] : unit}`
}
