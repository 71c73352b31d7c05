import { foldName, isPresumed, mayStandFor, type NormalisedPivot } from './normal-form.js'

/** An element on which two pivot identities do not plainly agree. */
export type Doubt = 'name' | 'given-names' | 'birthdate' | 'gender' | 'birthplace' | 'birthcountry'

/**
 * How close two pivot identities are. `equal`: every element, complete. `fewer`: only that one side has fewer given names.
 * `near`: one doubt. `namesake`: one doubt, and the given names are others, as a twin's are. `far`: given names and gender
 * both, as after a change of both, and as a boy's and a girl's who are twins.
 */
export type Closeness = 'equal' | 'fewer' | 'near' | 'namesake' | 'far' | 'different'

export interface Comparison {
  readonly closeness: Closeness
  readonly doubts: readonly Doubt[]
}

const bornInFrance = '99100'
const algeria = '99352'

type GivenNames = 'equal' | 'fewer' | 'alike' | 'other'

const isPrefix = (shorter: readonly string[], longer: readonly string[]): boolean =>
  shorter.length <= longer.length && shorter.every((name, index) => name === longer[index])

/** Names of which one could be the other, badly copied: halved compounds, another order, another spelling. */
const isAlike = (a: readonly string[], b: readonly string[]): boolean => {
  const [wordsA, wordsB] = [a, b].map((names) => names.join(' ').split(' ').map(foldName)) as [string[], string[]]
  const [few, many] = wordsA.length <= wordsB.length ? [wordsA, wordsB] : [wordsB, wordsA]
  return few.every((word) => many.includes(word)) || wordsA.join('') === wordsB.join('')
}

const compareGivenNames = ({ givenNames: a }: NormalisedPivot, { givenNames: b }: NormalisedPivot): GivenNames => {
  if (a.length === 0 || b.length === 0) return 'alike'
  if (a.join(' ') === b.join(' ')) return 'equal'
  if (isPrefix(a, b) || isPrefix(b, a)) return 'fewer'
  return isAlike(a, b) ? 'alike' : 'other'
}

const shareAName = (a: NormalisedPivot, b: NormalisedPivot): boolean => {
  const names = ({ birthName, nameInUse }: NormalisedPivot) => [birthName, nameInUse].filter(Boolean).map(foldName)
  return names(a).some((name) => names(b).includes(name))
}

const agreeOn = (a: string, b: string): boolean => a === b && a !== ''

/** A missing element never agrees, save the birthplace of somebody born abroad, who has none. */
const agreeOnBirthplace = (a: NormalisedPivot, b: NormalisedPivot): boolean =>
  a.birthplace === b.birthplace &&
  (a.birthplace !== '' || (a.birthcountry !== bornInFrance && b.birthcountry !== bornInFrance))

/** Births in Algeria before its independence were given French departments, 91 to 94; registers hold either. */
const isFormerDepartment = (a: NormalisedPivot, b: NormalisedPivot): boolean =>
  a.birthdate < '1962-07-06' &&
  [a, b].some(({ birthcountry, birthplace }) => birthcountry === bornInFrance && /^9[1-4]/.test(birthplace)) &&
  [a, b].some(({ birthcountry }) => birthcountry === algeria)

const closenessOf = (doubts: readonly Doubt[], givenNames: GivenNames, isDoubtfulDate: boolean): Closeness => {
  const [first] = doubts
  if (doubts.length === 2 && doubts.includes('given-names') && doubts.includes('gender')) return 'far'
  if (doubts.length > 1) return 'different'
  if (first !== undefined) return first === 'given-names' && givenNames === 'other' ? 'namesake' : 'near'
  if (isDoubtfulDate) return 'near'
  return givenNames === 'fewer' ? 'fewer' : 'equal'
}

/** Compares two normalised pivot identities; symmetric. E-mail and telephone play no part: families share them. */
export const compare = (a: NormalisedPivot, b: NormalisedPivot): Comparison => {
  const isDateEqual = agreeOn(a.birthdate, b.birthdate)
  const isNameEqual = agreeOn(a.birthName, b.birthName)
  if ((!isDateEqual && !mayStandFor(a.birthdate, b.birthdate)) || (!isNameEqual && !shareAName(a, b)))
    return { closeness: 'different', doubts: [] }
  const givenNames = compareGivenNames(a, b)
  const isSamePlace = agreeOnBirthplace(a, b)
  const isSameCountry = agreeOn(a.birthcountry, b.birthcountry)
  const isOnePlace = isFormerDepartment(a, b)
  const found: readonly [Doubt, boolean][] = [
    ['name', !isNameEqual],
    ['given-names', givenNames === 'alike' || givenNames === 'other'],
    ['birthdate', !isDateEqual],
    ['gender', !agreeOn(a.gender, b.gender)],
    ['birthplace', !isSamePlace],
    ['birthcountry', !isSameCountry && !isOnePlace],
  ]
  const doubts = found.filter(([, isDoubtful]) => isDoubtful).map(([doubt]) => doubt)
  return { closeness: closenessOf(doubts, givenNames, isPresumed(a.birthdate)), doubts }
}
