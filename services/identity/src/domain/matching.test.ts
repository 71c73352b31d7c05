import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mother, presumed, twins } from '../people.fixture.js'
import { matchAmong, matchPair, normalisePivot, pivotKey } from './matching.js'
import { personIdFrom } from './person.js'

const person = (byte: number) => personIdFrom(Buffer.alloc(16, byte))
const [twin, brother] = twins

const word = fc.stringMatching(/^[A-Za-zÀ-ÿ]{1,8}([-' ][A-Za-zÀ-ÿ]{1,6})?$/)
const pivots = fc.record({
  givenName: fc
    .array(fc.constantFrom('Anne', 'Marie', 'Jean-Luc', 'Zoé'), { minLength: 1, maxLength: 3 })
    .map((n) => n.join(' ')),
  familyName: fc.oneof(fc.constantFrom('Martin', "L'Hôte", 'Nguyen'), word),
  birthdate: fc.constantFrom('1990-01-02', '1990-01-03', '1990-01-00', '1990-00-00'),
  gender: fc.constantFrom('male', 'female', ''),
  birthplace: fc.constantFrom('75056', '2A004', ''),
  birthcountry: fc.constantFrom('99100', '99330', ''),
})

/** Two pivots that share each element about as often as not. */
const pairs = fc
  .tuple(pivots, pivots, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
  .map(([a, other, differs]) => {
    const entries = Object.keys(a).map((key, index) => [key, (differs[index] ? other : a)[key as keyof typeof a]])
    return [a, Object.fromEntries(entries) as typeof a] as const
  })

describe('matching two pivot identities', () => {
  it.each([
    ['another birthdate', { birthdate: '1988-09-03' }],
    ['a presumed date in the place of a known one', { birthdate: '1988-03-00' }],
    ['another birth name', { familyName: 'Le Goff' }],
    ['two other elements', { gender: 'male', birthplace: '29232' }],
  ])('answers different for %s', (_, changed) => {
    expect(matchPair(mother, { ...mother, ...changed })).toBe('different')
  })

  it.each([
    ['another given name', { givenName: 'Solenn' }],
    ['given names in another order', { givenName: 'Rose Amélie' }],
    ['half of a compound given name', { givenName: 'Amélie-Rose Anne' }],
    ['another gender', { gender: 'male' }],
    ['no gender', { gender: '' }],
    ['another birthplace', { birthplace: '2A004' }],
    ['no birthplace in France', { birthplace: '' }],
    ['another country of birth', { birthcountry: '99101' }],
    ['one other element besides fewer given names', { givenName: 'Amélie', birthplace: '29232' }],
  ])('asks a human for %s', (_, changed) => {
    expect(matchPair(mother, { ...mother, ...changed })).toBe('ask-human')
  })

  it('asks a human for a presumed birthdate, which many share', () => {
    expect(matchPair(presumed, presumed)).toBe('ask-human')
  })

  it('asks a human when both lack the same element', () => {
    expect(matchPair({ ...mother, gender: '' }, { ...mother, gender: '' })).toBe('ask-human')
  })

  it('does not take the half of a compound given name for fewer given names', () => {
    expect(matchPair({ ...mother, givenName: 'Jean' }, { ...mother, givenName: 'Jean-Pierre Marie' })).toBe('ask-human')
  })

  it.each([
    ['accents, case and ligatures', { givenName: 'AMELIE ROSE' }, {}],
    ['hyphens, apostrophes and spaces', { familyName: 'LE  GOFF D’YS' }, {}],
    ['fewer given names on one side', { givenName: 'Amélie' }, {}],
    ['ligatures', { familyName: 'Lecœur' }, { familyName: 'LECOEUR' }],
    ['no birthplace on either side of somebody born abroad', ...foreignBorn()],
  ])('answers same in spite of %s', (_, left, right) => {
    expect(matchPair({ ...mother, ...left }, { ...mother, ...right })).toBe('same')
  })

  it('is symmetric', () => {
    fc.assert(fc.property(pairs, ([a, b]) => matchPair(a, b) === matchPair(b, a)))
  })

  it('never answers same when the birthdates differ, and then never asks anybody', () => {
    fc.assert(fc.property(pairs, ([a, b]) => a.birthdate === b.birthdate || matchPair(a, b) === 'different'))
  })

  it('never answers same for another birth name, gender, birthplace or country', () => {
    let same = 0
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        if (matchPair(a, b) !== 'same') return
        same += 1
        const strip = (p: typeof a) => ({ ...normalisePivot(p), givenNames: [] })
        expect(pivotKey(strip(a))).toBe(pivotKey(strip(b)))
      }),
      // About one pair in a hundred is the same, so few runs would prove little.
      { numRuns: 5000 },
    )
    expect(same).toBeGreaterThan(0)
  })
})

describe('matching among candidates', () => {
  it('answers different when there is nobody', () => {
    expect(matchAmong(mother, [])).toEqual({ kind: 'different' })
  })

  it('asks a human between two who are both the same', () => {
    const candidates = [
      { person: person(1), pivot: mother },
      { person: person(2), pivot: { ...mother, givenName: 'Amélie' } },
    ]
    expect(matchAmong(mother, candidates)).toEqual({ kind: 'ask-human', candidates: 2 })
  })

  it('asks a human when fewer given names leave a twin possible', () => {
    const candidates = [
      { person: person(1), pivot: twin },
      { person: person(2), pivot: brother },
    ]
    expect(matchAmong({ ...twin, givenName: 'Maël' }, candidates)).toEqual({ kind: 'ask-human', candidates: 2 })
  })

  it('tells twins apart by their complete given names', () => {
    const candidates = [
      { person: person(1), pivot: twin },
      { person: person(2), pivot: brother },
    ]
    expect(matchAmong(brother, candidates)).toEqual({ kind: 'same', person: person(2) })
  })
})

function foreignBorn(): [object, object] {
  const abroad = { birthplace: '', birthcountry: '99352' }
  return [abroad, abroad]
}
