import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'

/** A pivot identity as it is compared. */
export interface NormalisedPivot {
  readonly birthName: string
  /** Empty when none is given. */
  readonly nameInUse: string
  /** In the order of the civil register; a compound name is one of them. */
  readonly givenNames: readonly string[]
  readonly birthdate: string
  readonly gender: string
  readonly birthplace: string
  readonly birthcountry: string
}

// Letters of their own to Unicode, which NFD leaves whole.
const letters: Readonly<Record<string, string>> = { Œ: 'OE', Æ: 'AE', Ø: 'O', Đ: 'D', Ð: 'D', Ł: 'L', Þ: 'TH', ẞ: 'SS' }

const normaliseName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[ŒÆØĐÐŁÞẞ]/gu, (letter) => letters[letter] ?? letter)
    .replace(/[\p{Pd}\p{Z}\s'’‘ʼ`]+/gu, ' ')
    .trim()

/** Corsica was department 20 until 1976; its communes kept their numbers when it became 2A and 2B. */
const normalisePlace = (place: string): string => place.toUpperCase().replace(/^2[AB]/, '20')

/** Accents, case, hyphens, apostrophes, spaces and the two codes of Corsica make no difference afterwards. */
export const normalisePivot = (pivot: PivotIdentity): NormalisedPivot => ({
  birthName: normaliseName(pivot.familyName),
  nameInUse: normaliseName(pivot.preferredUsername ?? ''),
  givenNames: pivot.givenName.split(/\s+/u).map(normaliseName).filter(Boolean),
  birthdate: pivot.birthdate,
  gender: pivot.gender,
  birthplace: normalisePlace(pivot.birthplace),
  birthcountry: pivot.birthcountry,
})

/**
 * One text for each normalised pivot: equal exactly when two pivots are equal after normalisation. The name in use is no
 * part of it: it changes with life and makes nobody another person.
 */
export const pivotKey = ({ birthName, givenNames, ...rest }: NormalisedPivot): string =>
  JSON.stringify([birthName, givenNames.join(' '), rest.birthdate, rest.gender, rest.birthplace, rest.birthcountry])

/** How a name sounds to whoever copies it: transcribed umlauts, doubled letters, joined particles. Only ever a doubt. */
export const foldName = (name: string): string =>
  name
    .replaceAll(' ', '')
    .replace(/([AOU])E/g, '$1')
    .replaceAll('PH', 'F')
    .replaceAll('TH', 'T')
    .replaceAll('CK', 'K')
    .replaceAll('Y', 'I')
    .replace(/(.)\1+/g, '$1')

/** A date of which the day or the month is not known, written 00. */
export const isPresumed = (birthdate: string): boolean => /-00/.test(birthdate)

/** What registers write that cannot hold a presumed date. */
const isStandIn = (birthdate: string): boolean => /-(01-01|12-31)$/.test(birthdate)

/** Whether one of these unequal dates is presumed and may stand for the other. */
export const mayStandFor = (a: string, b: string): boolean => {
  if (!isPresumed(a) && !isPresumed(b)) return false
  if (a.slice(0, 4) !== b.slice(0, 4)) return false
  const [monthA, monthB] = [a.slice(5, 7), b.slice(5, 7)]
  return monthA === monthB || monthA === '00' || monthB === '00' || isStandIn(a) || isStandIn(b)
}

const yearOf = (birthdate: string): string => `~${birthdate.slice(0, 4)}`

const heldDates = (birthdate: string): string[] => {
  if (isPresumed(birthdate)) return [yearOf(birthdate)]
  return isStandIn(birthdate) ? [birthdate, yearOf(birthdate)] : [birthdate]
}
const askedDates = (birthdate: string): string[] =>
  isPresumed(birthdate) ? [yearOf(birthdate)] : [birthdate, yearOf(birthdate)]

const keysOf = ({ birthName, nameInUse }: NormalisedPivot, dates: readonly string[]): string[] =>
  [...new Set([birthName, nameInUse].filter(Boolean).map(foldName))].flatMap((name) =>
    dates.map((date) => JSON.stringify([name, date])),
  )

/** The keys under which a registered pivot is found. */
export const heldKeys = (pivot: NormalisedPivot): string[] => keysOf(pivot, heldDates(pivot.birthdate))

/** The keys under which everybody is found who could be this person: nobody else is looked at. */
export const askedKeys = (pivot: NormalisedPivot): string[] => keysOf(pivot, askedDates(pivot.birthdate))
