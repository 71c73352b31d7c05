import type { FactValue } from '../domain/release.js'

// What the texts say of each benefit, computed apart from the rules: in whole cents, with figures of its own.

export type Household = Readonly<Record<string, FactValue>>
export interface Expected {
  readonly isEntitled: boolean
  readonly gives?: Readonly<Record<string, number | string>>
}
export interface Oracle {
  readonly benefit: string
  /** Amounts at which an answer or a gift changes, in cents, for a household of that many. */
  ceilings(size: number): readonly number[]
  /** A household of that many; the amount of money is in cents. */
  household(size: number, cents: number, chance: () => number): Household
  expected(household: Household): Expected
  /** The fact that holds the money; with more of it nobody becomes entitled. */
  readonly money?: string
}

const cents = (value: FactValue | undefined): number => Math.round(Number(value) * 100)
const euros = (amount: number): number => amount / 100
const maybe = (chance: () => number, share = 0.5): boolean => chance() < share

/** Order of 2025: so much for one, two, three, four people, and for each one more. */
const healthCeiling = (people: number, [one = 0, two = 0, three = 0, four = 0, more = 0]: readonly number[]): number =>
  100 * (people <= 4 ? ([one, two, three, four][people - 1] ?? 0) : four + more * (people - 4))
const withoutContribution = [10339, 15508, 18609, 21711, 4135]
const withContribution = [13957, 20936, 25123, 29311, 5583]

const healthCover: Oracle = {
  benefit: 'complementaire-sante-solidaire',
  money: 'foyer . ressources',
  ceilings: (size) => [healthCeiling(size, withoutContribution), healthCeiling(size, withContribution)],
  household: (size, money, chance) => ({
    'résidence stable': maybe(chance, 0.9),
    rsa: maybe(chance, 0.2),
    'foyer . personnes': size,
    'foyer . ressources': euros(money),
  }),
  expected: (one) => {
    const people = Number(one['foyer . personnes'])
    const isFree = one.rsa === true || cents(one['foyer . ressources']) <= healthCeiling(people, withoutContribution)
    const isBelow = isFree || cents(one['foyer . ressources']) <= healthCeiling(people, withContribution)
    if (one['résidence stable'] !== true || !isBelow) return { isEntitled: false }
    return { isEntitled: true, gives: { forme: isFree ? 'sans-participation' : 'avec-participation' } }
  },
}

/** Half a percent of the quotient, half a cent upwards, from one to six euros. */
const mealCents = (quotient: number): number => Math.min(600, Math.max(100, Math.floor((quotient + 100) / 200)))

const schoolMeals: Oracle = {
  benefit: 'school-meals',
  ceilings: () => [20_000, 20_100, 60_100, 119_900, 120_000],
  household: (_, money, chance) => ({
    'école de la commune': maybe(chance, 0.9),
    'enfant à charge': maybe(chance, 0.9),
    'quotient familial': euros(money),
  }),
  expected: (one) =>
    one['école de la commune'] === true && one['enfant à charge'] === true
      ? { isEntitled: true, gives: { 'prix du repas': euros(mealCents(cents(one['quotient familial']))) } }
      : { isEntitled: false },
}

const hourlyWage = 1188
const familyBase = 47_437
// In tenths of the hourly wage, for one to eight children.
const scholarshipCeilings: readonly (readonly number[])[] = [
  [15562, 19153, 22744, 26335, 29927, 33518, 37109, 40700],
  [8412, 10354, 12295, 14237, 16178, 18119, 20061, 22002],
  [2968, 3653, 4338, 5023, 5708, 6393, 7078, 7763],
]
const scholarshipRates = [2560, 7091, 11075]
const scholarshipCeiling = (level: number, children: number): number =>
  100 * Math.round(((scholarshipCeilings[level - 1]?.[Math.min(children, 8) - 1] ?? 0) * hourlyWage) / 1000)
const scholarshipAmount = (level: number): number =>
  3 * Math.round((familyBase * (scholarshipRates[level - 1] ?? 0)) / (10_000 * 100 * 3))

const scholarship: Oracle = {
  benefit: 'college-scholarship',
  money: 'revenu fiscal',
  ceilings: (size) => [1, 2, 3].map((level) => scholarshipCeiling(level, size)),
  household: (size, money, chance) => ({
    'collégien à charge': maybe(chance, 0.9),
    'foyer . enfants': size,
    'revenu fiscal': euros(money),
  }),
  expected: (one) => {
    const income = cents(one['revenu fiscal'])
    const level = [3, 2, 1].find((each) => income <= scholarshipCeiling(each, Number(one['foyer . enfants'])))
    return one['collégien à charge'] === true && level !== undefined
      ? { isEntitled: true, gives: { échelon: `echelon-${level}`, montant: scholarshipAmount(level) } }
      : { isEntitled: false }
  },
}

const solidarityFare: Oracle = {
  benefit: 'solidarity-fare',
  ceilings: () => [],
  household: (_size, _money, chance) => ({
    'complémentaire santé': maybe(chance),
    'avec participation': maybe(chance),
  }),
  expected: (one) =>
    one['complémentaire santé'] === true
      ? { isEntitled: true, gives: { abonnement: one['avec participation'] === true ? 12 : 8 } }
      : { isEntitled: false },
}

/** The base for one; half more for the second person, three tenths for each of the next up to two children, then four tenths. */
const incomeFloor = (children: number, isCouple: boolean): number => {
  const base = 65_169
  const tenths = [10, 15, 18, 22].map((share) =>
    isCouple ? ([15, 18, 21, 25][[10, 15, 18, 22].indexOf(share)] ?? 0) : share,
  )
  const row = Math.round((base * (tenths[Math.min(children, 3)] ?? 0)) / 10)
  return row + Math.max(0, children - 3) * Math.round((base * 4) / 10)
}

const incomeSupport: Oracle = {
  benefit: 'rsa',
  money: 'foyer . ressources',
  ceilings: (size) => [incomeFloor(size - 1, false), incomeFloor(Math.max(0, size - 2), true)],
  household: (size, money, chance) => {
    const isCouple = size > 1 && maybe(chance)
    return {
      'résidence stable': maybe(chance, 0.9),
      âge: 16 + Math.floor(chance() * 60),
      'foyer . enfants': size - (isCouple ? 2 : 1),
      'foyer . en couple': isCouple,
      étudiant: maybe(chance, 0.2),
      'foyer . ressources': euros(money),
    }
  },
  expected: (one) => {
    const children = Number(one['foyer . enfants'])
    const isOfAge = Number(one.âge) >= 25 || children > 0
    const isFreeToWork = one.étudiant !== true || children > 0
    const isBelow = cents(one['foyer . ressources']) < incomeFloor(children, one['foyer . en couple'] === true)
    return { isEntitled: one['résidence stable'] === true && isOfAge && isFreeToWork && isBelow }
  },
}

const oldAge: Oracle = {
  benefit: 'aspa',
  money: 'foyer . ressources',
  ceilings: (size) => [size === 1 ? 1_252_314 : 1_944_221],
  household: (size, money, chance) => ({
    âge: 55 + Math.floor(chance() * 25),
    'retraite anticipée': maybe(chance, 0.3),
    'neuf mois en France': maybe(chance, 0.9),
    'foyer . personnes': Math.min(size, 2),
    'foyer . ressources': euros(money),
  }),
  expected: (one) => {
    const isOfAge = Number(one.âge) >= (one['retraite anticipée'] === true ? 62 : 65)
    const ceiling = one['foyer . personnes'] === 2 ? 1_944_221 : 1_252_314
    return { isEntitled: isOfAge && one['neuf mois en France'] === true && cents(one['foyer . ressources']) <= ceiling }
  },
}

export const oracles: readonly Oracle[] = [healthCover, schoolMeals, scholarship, solidarityFare, incomeSupport, oldAge]
