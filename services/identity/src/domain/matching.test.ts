import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mother, presumed, twins } from '../people.fixture.js'
import { type Candidate, matchAmong, matchPair } from './matching.js'
import { normalisePivot, pivotKey } from './normal-form.js'
import { personIdFrom } from './person.js'

const person = (byte: number) => personIdFrom(Buffer.alloc(16, byte))
const [twin, brother] = twins
const complete = ['99100']
const held = (byte: number, pivot: typeof mother, more: Partial<Candidate> = {}): Candidate => ({
  person: person(byte),
  pivot,
  former: [],
  isDeceased: false,
  ...more,
})

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
    ['a presumed date of another year', { birthdate: '1987-00-00' }],
    ['a presumed date of another month', { birthdate: '1988-04-00' }],
    ['another birth name', { familyName: 'Le Goff' }],
    ['two other elements', { gender: 'male', birthplace: '29232' }],
  ])('answers different for %s', (_, changed) => {
    expect(matchPair(mother, { ...mother, ...changed })).toBe('different')
  })

  it.each([
    ['another given name', { givenName: 'Solenn' }],
    ['fewer given names, between two alone', { givenName: 'Amélie' }],
    ['another given name and gender together', { givenName: 'Erwan', gender: 'male' }],
    ['a presumed date in the place of a known one', { birthdate: '1988-03-00' }],
    ['a presumed month in the place of a known one', { birthdate: '1988-00-00' }],
    ['joined particles', { familyName: 'Legoffdys' }],
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
    ['the two codes of a commune in Corsica', { birthplace: '2A004' }, { birthplace: '20004' }],
    ['a stroke through a letter', { familyName: 'Łukasz' }, { familyName: 'LUKASZ' }],
    ['another name in use', { preferredUsername: 'Abalain' }, { preferredUsername: 'Quéré' }],
    ['ligatures', { familyName: 'Lecœur' }, { familyName: 'LECOEUR' }],
    ['no birthplace on either side of somebody born abroad', ...foreignBorn()],
  ])('answers same in spite of %s', (_, left, right) => {
    expect(matchPair({ ...mother, ...left }, { ...mother, ...right })).toBe('same')
  })

  it('is symmetric', () => {
    fc.assert(fc.property(pairs, ([a, b]) => matchPair(a, b) === matchPair(b, a)))
  })

  it('never answers same when the birthdates differ, and asks only where one is presumed', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        if (a.birthdate === b.birthdate) return
        const answer = matchPair(a, b)
        expect(answer).not.toBe('same')
        if (answer === 'ask-human') expect(a.birthdate + b.birthdate).toContain('-00')
      }),
    )
  })

  it.each([
    ['the name in use as birth name', { preferredUsername: 'Abalain' }, { familyName: 'Abalain' }, 'ask-human'],
    ['an umlaut in two letters', { familyName: 'Müller' }, { familyName: 'Mueller' }, 'ask-human'],
    [
      'a department of Algeria before 1962',
      { birthdate: '1950-02-03', birthplace: '91352' },
      { birthdate: '1950-02-03', birthplace: '', birthcountry: '99352' },
      'ask-human',
    ],
    [
      'the same department after it',
      { birthdate: '1970-02-03', birthplace: '91352' },
      { birthdate: '1970-02-03', birthplace: '', birthcountry: '99352' },
      'different',
    ],
    ['a commune of La Réunion', { birthplace: '97411' }, { birthplace: '97411' }, 'same'],
    ['two communes of La Réunion', { birthplace: '97411' }, { birthplace: '97415' }, 'ask-human'],
  ])('answers for %s', (_, left, right, answer) => {
    expect(matchPair({ ...mother, ...left }, { ...mother, ...right })).toBe(answer)
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
    expect(matchAmong(mother, [], complete)).toEqual({ kind: 'different' })
  })

  it('asks a human between two who are both the same', () => {
    const candidates = [held(1, mother), held(2, { ...mother, givenName: 'Amélie' })]
    expect(matchAmong(mother, candidates, complete)).toMatchObject({ kind: 'ask-human' })
  })

  it('asks a human when fewer given names leave a twin possible', () => {
    const candidates = [held(1, twin), held(2, brother)]
    expect(matchAmong({ ...twin, givenName: 'Maël' }, candidates, complete)).toMatchObject({ kind: 'ask-human' })
  })

  it('asks a human for half of a compound name, although a twin has just that name', () => {
    const candidates = [held(1, { ...twin, givenName: 'Jean' }), held(2, { ...twin, givenName: 'Jean-Luc' })]
    expect(matchAmong({ ...twin, givenName: 'Jean' }, candidates, complete)).toMatchObject({ kind: 'ask-human' })
  })

  it('asks a human for fewer given names where the register does not hold everybody', () => {
    const asked = { ...mother, givenName: 'Amélie' }
    expect(matchAmong(asked, [held(1, mother)], [])).toMatchObject({ kind: 'ask-human' })
    expect(matchAmong(asked, [held(1, mother)], complete)).toEqual({ kind: 'same', person: person(1) })
  })

  it('asks a human about somebody who has died', () => {
    const candidates = [held(1, mother, { isDeceased: true })]
    expect(matchAmong(mother, candidates, complete)).toEqual({ kind: 'ask-human', candidates: [person(1)] })
  })

  it('knows a person by a complete former identity, and asks when it is mixed with the new one or incomplete', () => {
    const now = { ...mother, givenName: 'Erwan Rose', gender: 'male' }
    const candidates = [held(1, now, { former: [mother] })]
    expect(matchAmong(mother, candidates, complete)).toEqual({ kind: 'same', person: person(1) })
    expect(matchAmong(now, candidates, complete)).toEqual({ kind: 'same', person: person(1) })
    for (const asked of [
      { ...now, gender: 'female' },
      { ...mother, givenName: 'Amélie' },
    ])
      expect(matchAmong(asked, candidates, complete)).toMatchObject({ kind: 'ask-human' })
  })

  it('asks a human when a former identity is somebody else’s present one', () => {
    const candidates = [held(1, { ...mother, givenName: 'Solenn' }, { former: [mother] }), held(2, mother)]
    expect(matchAmong(mother, candidates, complete)).toMatchObject({ kind: 'ask-human' })
  })

  it('tells twins apart by their complete given names', () => {
    const candidates = [held(1, twin), held(2, brother)]
    expect(matchAmong(brother, candidates, complete)).toEqual({ kind: 'same', person: person(2) })
  })
})

function foreignBorn(): [object, object] {
  const abroad = { birthplace: '', birthcountry: '99352' }
  return [abroad, abroad]
}
