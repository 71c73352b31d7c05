/** A seeded population with known truth: who is in the register, and how each is written down elsewhere, faults included. */
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { normalisePivot, pivotKey } from './normal-form.js'

export interface Inhabitant {
  readonly pivot: PivotIdentity
  readonly former: readonly PivotIdentity[]
  readonly isRegistered: boolean
  readonly isDeceased: boolean
}

/** One asking: how somebody is written down at an agency. */
export interface Asking {
  readonly of: Inhabitant
  readonly fault: string
  readonly pivot: PivotIdentity
}

/** Mulberry32: 32 bits of state are enough for data, and the same everywhere. */
const chance = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    is: (share: number): boolean => next() < share,
    of: <T>(list: readonly T[]): T => list[below(list.length)] as T,
  }
}
type Chance = ReturnType<typeof chance>

const split = (text: string): readonly string[] => text.split(' ')
const men = split(
  'Jean Paul Pierre Michel Étienne Loïc Maël Noé Hugo Karim Moussa Lech Jérôme Jean-Pierre Jean-Luc Joël Tom Élie',
)
const women = split(
  'Marie Anne Léa Zoé Inès Chloé Hélène Aïcha Fatou Maëlle Anne-Sophie Marie-Ange Noëlle Rose Jeanne Éva Lou Célia',
)
const stems = split(
  'Mart Bern Dub Thom Rob Rich Pet Dur Ler Mor Sim Laur Lef Mich Garc Dav Bert Rous Vinc Four Gir Bonn Dup Lamb Font',
)
const endings = split('in ard ois as ert it eau and oux el on ent èvre aud ia ide et eil er ier ard aire ont')
const rareNames = [
  'Müller',
  'Schröder',
  'Le Goff',
  'De La Tour',
  "D'Ys",
  'Łukasz',
  'Lecœur',
  'Nguyen',
  'Diallo',
  'Çelik',
  'Ben Amar',
]
const communes = split(
  '75056 69123 13055 31555 33063 59350 29019 08480 67482 44109 2A004 2B033 2A041 2B096 97411 97415 97209 97302',
)
const countries = split('99352 99350 99330 99216 99139 99132')
const nearNames: Readonly<Record<string, string>> = {
  Léa: 'Léa-Rose',
  Jean: 'Jean-Pierre',
  Anne: 'Anne-Sophie',
  Marie: 'Marie-Ange',
  Noé: 'Noël',
  Maël: 'Maëlo',
}

const two = (value: number): string => String(value).padStart(2, '0')
const dateIn = (c: Chance): string => `${1940 + c.below(84)}-${two(1 + c.below(12))}-${two(1 + c.below(28))}`
const surname = (c: Chance): string => (c.is(0.15) ? c.of(rareNames) : c.of(stems) + c.of(endings))

const givenNames = (c: Chance, gender: string, not = ''): string => {
  const list = (gender === 'male' ? men : women).filter((name) => name !== not)
  const first = c.of(list)
  const count = 1 + c.below(3)
  const others = Array.from({ length: count - 1 }, () => c.of(list.filter((name) => name !== first)))
  return [first, ...new Set(others)].join(' ')
}

const firstOf = (names: string): string => names.split(' ')[0] ?? ''

const somebody = (c: Chance): PivotIdentity => {
  const gender = c.is(0.5) ? 'male' : 'female'
  const isBornAbroad = c.is(0.15)
  const birthdate = dateIn(c)
  const isPresumedThere = isBornAbroad && c.is(0.2)
  return {
    givenName: givenNames(c, gender),
    familyName: surname(c),
    birthdate: isPresumedThere ? `${birthdate.slice(0, 4)}-00-00` : birthdate,
    gender,
    birthplace: isBornAbroad ? '' : c.of(communes),
    birthcountry: isBornAbroad ? c.of(countries) : '99100',
    ...(gender === 'female' && c.is(0.4) && { preferredUsername: surname(c) }),
  }
}

const withoutNameInUse = ({ preferredUsername: _, ...pivot }: PivotIdentity): PivotIdentity => pivot

/** Those who are most easily taken for this person. */
const lookalikesOf = (c: Chance, pivot: PivotIdentity): PivotIdentity[] => {
  const own = withoutNameInUse(pivot)
  const other = pivot.gender === 'male' ? 'female' : 'male'
  const first = firstOf(pivot.givenName)
  switch (c.below(30)) {
    case 0: // a twin
      return [{ ...own, givenName: givenNames(c, pivot.gender, first) }]
    case 1: // a twin of the other sex
      return [{ ...own, gender: other, givenName: givenNames(c, other) }]
    case 2: // a twin of nearly the same name
      return [{ ...own, givenName: nearNames[first] ?? `${first}-${c.of(pivot.gender === 'male' ? men : women)}` }]
    case 3: // a homonym of the same day and commune, with other second names
      return [{ ...own, givenName: `${first} ${givenNames(c, pivot.gender, first)}` }]
    case 4: // the same who has no second name
      return [{ ...own, givenName: first }]
    case 5: // a homonym whose names stand in another order
      return [{ ...own, givenName: pivot.givenName.split(' ').reverse().join(' ') }]
    case 6: // a sibling
      return [{ ...own, givenName: givenNames(c, pivot.gender, first), birthdate: dateIn(c) }]
    case 7: // a homonym of another commune
      return pivot.birthplace === ''
        ? []
        : [{ ...own, birthplace: c.of(communes.filter((each) => each !== pivot.birthplace)) }]
    case 8: // somebody whose birth name is this person's name in use
      return [{ ...own, familyName: pivot.preferredUsername ?? surname(c) }]
    default:
      return []
  }
}

const faults: Readonly<Record<string, (pivot: PivotIdentity, c: Chance) => PivotIdentity>> = {
  'as registered': (pivot) => pivot,
  'without accents': (pivot) => {
    const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()
    return { ...pivot, givenName: plain(pivot.givenName), familyName: plain(pivot.familyName) }
  },
  'only the first given name': (pivot) => ({ ...pivot, givenName: firstOf(pivot.givenName) }),
  'given names in another order': (pivot) => ({ ...pivot, givenName: pivot.givenName.split(' ').reverse().join(' ') }),
  'half of a compound name': (pivot) => ({ ...pivot, givenName: pivot.givenName.replace(/-\S+/, '') }),
  'compound name without hyphen': (pivot) => ({ ...pivot, givenName: pivot.givenName.replaceAll('-', ' ') }),
  digraphs: (pivot) => ({
    ...pivot,
    familyName: pivot.familyName.replaceAll('ü', 'ue').replaceAll('ö', 'oe').replaceAll('è', 'e').replaceAll(' ', ''),
  }),
  'a doubled letter': (pivot) => ({ ...pivot, familyName: pivot.familyName.replace(/[rtnl]/, '$&$&') }),
  'old code of Corsica': (pivot) => ({ ...pivot, birthplace: pivot.birthplace.replace(/^2[AB]/, '20') }),
  'the first of January for a presumed date': (pivot) => ({
    ...pivot,
    birthdate: pivot.birthdate.replace('-00-00', '-01-01'),
  }),
  'a presumed date for a known one': (pivot) => ({ ...pivot, birthdate: `${pivot.birthdate.slice(0, 4)}-00-00` }),
  'no gender': (pivot) => ({ ...pivot, gender: '' }),
  'no birthplace': (pivot) => ({ ...pivot, birthplace: '' }),
  'another birthplace': (pivot, c) => (pivot.birthplace === '' ? pivot : { ...pivot, birthplace: c.of(communes) }),
  'the name in use as birth name': ({ preferredUsername, ...pivot }) => ({
    ...pivot,
    familyName: preferredUsername ?? pivot.familyName,
  }),
  'another name in use': (pivot, c) => ({ ...pivot, preferredUsername: surname(c) }),
  'a given name not registered yet': (pivot, c) => ({
    ...pivot,
    givenName: givenNames(c, pivot.gender, firstOf(pivot.givenName)),
  }),
}

/** Anybody whom nobody could tell from somebody else, by pivot identity alone, is left out: such people need a human. */
const withoutDoubles = (people: readonly Inhabitant[]): Inhabitant[] => {
  const seen = new Set<string>()
  return people.filter(({ pivot, former }) => {
    const keys = [pivot, ...former].map((each) => pivotKey(normalisePivot(each)))
    if (keys.some((key) => seen.has(key))) return false
    for (const key of keys) seen.add(key)
    return true
  })
}

/** How a change of first name, or of first name and sex marker, stands in the register. */
const changed = (c: Chance, pivot: PivotIdentity): { pivot: PivotIdentity; former: PivotIdentity[] } => {
  if (!c.is(0.04)) return { pivot, former: [] }
  const gender = c.is(0.5) ? pivot.gender : pivot.gender === 'male' ? 'female' : 'male'
  return { pivot: { ...pivot, gender, givenName: givenNames(c, gender, firstOf(pivot.givenName)) }, former: [pivot] }
}

/**
 * The people of one seed. Everybody born in the countries of `coverage` is registered, and three in four of the others; with
 * no coverage one in four is missing everywhere.
 */
export const populationOf = (seed: number, size: number, coverage: readonly string[]): Inhabitant[] => {
  const c = chance(seed)
  const people: Inhabitant[] = []
  const settle = (pivot: PivotIdentity): void => {
    const isRegistered = coverage.includes(pivot.birthcountry) || c.is(0.75)
    people.push({ ...changed(c, pivot), isRegistered, isDeceased: c.is(0.02) })
  }
  for (let at = 0; at < size; at++) {
    const pivot = somebody(c)
    settle(pivot)
    for (const lookalike of lookalikesOf(c, pivot)) settle(lookalike)
  }
  return withoutDoubles(people)
}

/** How each of them is written down elsewhere: once as registered, then with a fault, then as before a change. */
export const askingsOf = (seed: number, people: readonly Inhabitant[]): Asking[] => {
  const c = chance(seed)
  const names = Object.keys(faults)
  return people.flatMap((of) => [
    { of, fault: 'as registered', pivot: of.pivot },
    ...[c.of(names), c.of(names)].flatMap((fault) => {
      const pivot = faults[fault]?.(of.pivot, c) ?? of.pivot
      return fault !== 'as registered' && JSON.stringify(pivot) !== JSON.stringify(of.pivot)
        ? [{ of, fault, pivot }]
        : []
    }),
    ...of.former.map((pivot) => ({ of, fault: 'as before a registered change', pivot })),
  ])
}
