import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { PersonId } from './person.js'

/**
 * Whether two pivot identities are one person: same, different, or a question for a human. A wrong "same" shows one
 * person's file to another, so every doubt goes to a human. E-mail and telephone play no part: families share them.
 */
export type PairMatch = 'same' | 'different' | 'ask-human'

export interface Candidate {
  readonly person: PersonId
  readonly pivot: PivotIdentity
}

export type Matching =
  | { readonly kind: 'same'; readonly person: PersonId }
  | { readonly kind: 'different' }
  | { readonly kind: 'ask-human'; readonly candidates: number }

/** A pivot identity as it is compared. */
export interface NormalisedPivot {
  readonly birthName: string
  /** In the order of the civil register; a compound name is one of them. */
  readonly givenNames: readonly string[]
  readonly birthdate: string
  readonly gender: string
  readonly birthplace: string
  readonly birthcountry: string
}

const bornInFrance = '99100'

// Ligatures are letters of their own to Unicode, which NFD leaves whole.
const normaliseName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replaceAll('Œ', 'OE')
    .replaceAll('Æ', 'AE')
    .replace(/[\p{Pd}\p{Z}\s'’‘ʼ`]+/gu, ' ')
    .trim()

/** Accents, case, hyphens, apostrophes and spaces make no difference afterwards. */
export const normalisePivot = (pivot: PivotIdentity): NormalisedPivot => ({
  birthName: normaliseName(pivot.familyName),
  givenNames: pivot.givenName.split(/\s+/u).map(normaliseName).filter(Boolean),
  birthdate: pivot.birthdate,
  gender: pivot.gender,
  birthplace: pivot.birthplace.toUpperCase(),
  birthcountry: pivot.birthcountry,
})

/** One text for each normalised pivot: equal exactly when two pivots are equal after normalisation. */
export const pivotKey = ({ birthName, givenNames, ...rest }: NormalisedPivot): string =>
  JSON.stringify([birthName, givenNames.join(' '), rest.birthdate, rest.gender, rest.birthplace, rest.birthcountry])

/** Equal for all pivots that could be the same person: nobody else is looked at. */
export const candidateKey = ({ birthName, birthdate }: NormalisedPivot): string =>
  JSON.stringify([birthName, birthdate])

/** A date of which the day or the month is not known, written 00. */
const isPresumed = (birthdate: string): boolean => /-00/.test(birthdate)

const isPrefix = (shorter: readonly string[], longer: readonly string[]): boolean =>
  shorter.length > 0 && shorter.length <= longer.length && shorter.every((name, index) => name === longer[index])

const agreeOnGivenNames = (a: NormalisedPivot, b: NormalisedPivot): boolean => {
  if (a.givenNames.length === 0 || b.givenNames.length === 0) return false
  if (a.givenNames.join(' ') === b.givenNames.join(' ')) return true
  return isPrefix(a.givenNames, b.givenNames) || isPrefix(b.givenNames, a.givenNames)
}

/** A missing element never agrees, save the birthplace of somebody born abroad, who has none. */
const agreeOnBirthplace = (a: NormalisedPivot, b: NormalisedPivot): boolean =>
  a.birthplace === b.birthplace &&
  (a.birthplace !== '' || (a.birthcountry !== bornInFrance && b.birthcountry !== bornInFrance))

const agreeOn = (a: string, b: string): boolean => a === b && a !== ''

const matchNormalised = (a: NormalisedPivot, b: NormalisedPivot): PairMatch => {
  if (!agreeOn(a.birthName, b.birthName) || !agreeOn(a.birthdate, b.birthdate)) return 'different'
  const agreements = [
    agreeOnGivenNames(a, b),
    agreeOn(a.gender, b.gender),
    agreeOnBirthplace(a, b),
    agreeOn(a.birthcountry, b.birthcountry),
  ]
  const doubts = agreements.filter((agrees) => !agrees).length
  if (doubts > 1) return 'different'
  return doubts === 1 || isPresumed(a.birthdate) ? 'ask-human' : 'same'
}

/** Compares two pivot identities; symmetric. */
export const matchPair = (a: PivotIdentity, b: PivotIdentity): PairMatch =>
  matchNormalised(normalisePivot(a), normalisePivot(b))

/** Finds a person among candidates: the only one who is the same, unless somebody else could be meant. */
export const matchAmong = (pivot: PivotIdentity, candidates: readonly Candidate[]): Matching => {
  const asked = normalisePivot(pivot)
  const judged = candidates.map(({ person, pivot: held }) => {
    const normalised = normalisePivot(held)
    return { person, match: matchNormalised(asked, normalised), isEqual: pivotKey(asked) === pivotKey(normalised) }
  })
  const possible = judged.filter(({ match }) => match !== 'different')
  const same = possible.filter(({ match }) => match === 'same')
  const [first] = same
  if (!first) return possible.length === 0 ? { kind: 'different' } : { kind: 'ask-human', candidates: possible.length }
  // A twin makes fewer given names doubtful, but not the complete ones.
  const isSure = same.length === 1 && (first.isEqual || possible.length === 1)
  return isSure ? { kind: 'same', person: first.person } : { kind: 'ask-human', candidates: possible.length }
}
