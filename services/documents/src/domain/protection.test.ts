import type { Authorisation } from '@unefois/proto/federation-list'
import type { JsonObject, JsonValue } from '@unefois/proto/mask'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AskedPredicate, Holding } from './evidence.js'
import {
  arePlacesOwn,
  asRequesterMaySee,
  concernsPlaces,
  mustHaveEndedBy,
  ownViewRefusal,
  type Protected,
  peopleOf,
  previewGraceMs,
  withoutPlaces,
} from './protection.js'
import { decideRelease } from './release.js'

const marker = 'MARKER-OF-A-PLACE'
const nowMs = 1_800_000_000_000
const protectionOf = (...marks: string[]) => ({ untilMs: nowMs + 1, marks })
const knownOf = (...subjects: string[]): Protected => new Map(subjects.map((subject) => [subject, protectionOf('m')]))

const authorisation = (given: Partial<Authorisation> = {}): Authorisation => ({
  provider: 'provider' as never,
  id: 'an-authorisation',
  requester: 'requester' as never,
  evidenceType: 'household',
  purpose: 'rate',
  fields: ['amount', 'address', 'members'],
  predicates: [
    { id: 'child-of', kind: 'related-subject', relation: 'children' },
    { id: 'low', kind: 'at-most', field: 'amount', constant: 10 },
    { id: 'near', kind: 'at-most', field: 'address.number', constant: 10 },
  ],
  mode: 'information',
  legalReference: 'an article',
  habilitation: 'a habilitation',
  maximumAgeSeconds: 3600,
  retentionSeconds: 3600,
  predicatesPerDay: 10,
  nbf: 0,
  exp: nowMs,
  ...given,
})
const type = { places: ['address', 'members[].school', 'members[].name'] }
const value = {
  amount: 5,
  address: { street: marker, number: 4 },
  members: [
    { name: marker, school: { name: marker }, age: 7 },
    { name: marker, age: 9 },
  ],
}
const found = (given: JsonObject = value, related: readonly string[] = ['ex', 'child']): Holding => ({
  kind: 'found',
  evidence: {
    value: given,
    version: 3,
    asOfMs: nowMs,
    related: related.map((subject) => ({ relation: 'members', subject })),
  },
})
const everything = { fields: [], predicates: [] }
const release = (
  known: Protected,
  asked: { fields: readonly string[]; predicates: readonly AskedPredicate[] } = everything,
  given: Partial<Authorisation> = {},
) => {
  const by = authorisation(given)
  return decideRelease(by, asRequesterMaySee(found(), type, asked, known), asked, nowMs)
}

describe('a release about a protected person', () => {
  it('has no place, in a list neither, and says nowhere that anything is withheld', () => {
    const withheld = release(knownOf('mother'))
    expect(withheld).toEqual({
      kind: 'released',
      value: { amount: 5, members: [{ age: 7 }, { age: 9 }] },
      version: 3,
      asOfMs: nowMs,
      fields: ['amount', 'members'],
      predicates: [],
      keepUntilMs: nowMs + 3_600_000,
    })
    const { address: _, members, ...rest } = value
    const without = found({ ...rest, members: members.map(({ age }) => ({ age })) })
    // The very answer that a register gives which has none of it.
    expect(withheld).toEqual(decideRelease(authorisation(), without, everything, nowMs))
  })

  it('is absent, with the other routes, when nothing but places was asked for', () => {
    expect(release(knownOf('mother'), { fields: ['address.street'], predicates: [] })).toEqual({ kind: 'absent' })
  })

  it('answers no predicate about a place, as if the figure were missing', () => {
    const asked = (id: string) => ({ fields: ['amount'], predicates: [{ id, argument: undefined }] })
    expect(release(knownOf('mother'), asked('near'))).toMatchObject({ value: { amount: 5 }, predicates: [] })
    expect(release(knownOf('mother'), asked('low'))).toMatchObject({ predicates: [{ predicate: 'low', holds: true }] })
  })

  it('answers nothing at all to a question about a protected second person, whatever is asked beside', () => {
    const asked = { fields: ['amount'], predicates: [{ id: 'child-of', argument: 'child' }] }
    expect(release(knownOf('child'), asked)).toEqual({ kind: 'absent' })
    expect(release(knownOf('mother', 'ex'), asked)).toMatchObject({ kind: 'released' })
  })

  it('leaves what is stale, pending or unreachable as it is', () => {
    for (const holding of [{ kind: 'absent' }, { kind: 'unreachable' }, { kind: 'later', retryAfterMs: 1 }] as const)
      expect(asRequesterMaySee(holding, type, everything, knownOf('mother'))).toEqual(holding)
  })
})

describe('the people whose protection counts', () => {
  const peopleFor = (fields: string[], predicates: AskedPredicate[] = [], given: Partial<Authorisation> = {}) =>
    peopleOf(authorisation(given), type, found(), { fields, predicates }, 'mother')

  it('are the person and everybody whom the evidence names, where a place is asked for', () => {
    for (const fields of [[], ['address'], ['address.street'], ['members'], ['amount', 'members[].school.name']])
      expect(peopleFor(fields)).toEqual(['mother', 'ex', 'child'])
    expect(peopleFor(['amount'], [{ id: 'near', argument: undefined }])).toEqual(['mother', 'ex', 'child'])
  })

  it('are nobody where no place is, so that no exchange without places looks anybody up', () => {
    expect(peopleFor(['amount', 'members[].age'])).toEqual([])
    expect(concernsPlaces(authorisation({ fields: ['amount'], predicates: [] }), type)).toBe(false)
    expect(concernsPlaces(authorisation({ fields: ['members[].age'], predicates: [] }), type)).toBe(false)
  })

  it('are a second person who is asked about, and nobody for a requester whom the law lets know', () => {
    expect(peopleFor(['amount'], [{ id: 'child-of', argument: 'child' }])).toEqual(['child'])
    expect(peopleFor([], [], { protectedPlacesBy: 'a text' })).toEqual([])
  })

  it('are everybody of a type of which nobody has said what its places are, and then nothing is told', () => {
    expect(concernsPlaces(authorisation({ fields: ['amount'], predicates: [] }), {})).toBe(true)
    expect(withoutPlaces(value, {})).toEqual({})
    expect(withoutPlaces(value, { places: [] })).toEqual(value)
  })
})

describe('a person’s own view', () => {
  it('is refused to a helper whatever the login, and to a weak login, of a protected person alone', () => {
    expect(ownViewRefusal(protectionOf(), { acr: 'eidas3', actor: { sub: 'helper' } })).toBe('CALLER_NOT_ALLOWED')
    for (const acr of ['eidas1', '', undefined, 'EIDAS2', 'eidas4'])
      expect(ownViewRefusal(protectionOf(), { acr })).toBe('ASSURANCE_TOO_LOW')
    for (const acr of ['eidas2', 'eidas3']) expect(ownViewRefusal(protectionOf(), { acr })).toBeUndefined()
    expect(ownViewRefusal(undefined, { acr: 'eidas1' })).toBeUndefined()
  })

  it('hides the places of a file that names somebody else who is protected', () => {
    const evidence = { related: [{ relation: 'members', subject: 'mother' }] }
    expect(arePlacesOwn(evidence, 'ex', knownOf('mother'))).toBe(false)
    expect(arePlacesOwn(evidence, 'ex', knownOf('ex'))).toBe(true)
    expect(arePlacesOwn(evidence, 'mother', knownOf('mother'))).toBe(true)
  })

  it('of two protected people hides them from each other, unless one decision protects both', () => {
    const evidence = { related: [{ relation: 'members', subject: 'ex' }] }
    const both = (mine: string, theirs: string): Protected =>
      new Map([
        ['mother', protectionOf(mine)],
        ['ex', protectionOf(theirs)],
      ])
    expect(arePlacesOwn(evidence, 'mother', both('a', 'b'))).toBe(false)
    expect(arePlacesOwn(evidence, 'mother', both('', ''))).toBe(false)
    expect(arePlacesOwn(evidence, 'mother', both('a', 'a'))).toBe(true)
  })
})

describe('the end of a protection', () => {
  it('counts at once, but in the mode with a preview only once no preview of before can be answered', () => {
    expect(mustHaveEndedBy({ mode: 'consent' }, nowMs)).toBe(nowMs)
    expect(mustHaveEndedBy({ mode: 'explicit-request' }, nowMs)).toBe(nowMs - previewGraceMs)
    expect(previewGraceMs).toBeGreaterThanOrEqual(13 * 3_600_000)
  })
})

/** Any value, with the marker in every place and nowhere else, and the places that were chosen. */
const names = ['a', 'b']
const tree: fc.Arbitrary<JsonValue> = fc.letrec<{ node: JsonValue }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(1, null, 'text', true),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('node'), { minKeys: 1, maxKeys: 2 }),
  ),
})).node
const path = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.constantFrom('', '[]')), { minLength: 1, maxLength: 3 })
  .map((steps) => steps.map(([name, list]) => name + list).join('.'))
const object = tree.map(
  (node): JsonObject =>
    typeof node === 'object' && node !== null && !Array.isArray(node) ? (node as JsonObject) : { a: node },
)

/** The value with the marker wherever a place leads. */
const marked = (node: JsonValue, steps: readonly string[]): JsonValue => {
  const [step, ...further] = steps
  if (step === undefined) return marker
  if (Array.isArray(node)) return step === '[]' ? node.map((each) => marked(each, further)) : node
  if (typeof node !== 'object' || node === null) return node
  return step in node ? { ...node, [step]: marked((node as JsonObject)[step] as JsonValue, further) } : node
}
const stepsOf = (place: string): string[] => place.replaceAll('[]', '.[]').split('.')

describe('no place of a protected person leaves', () => {
  it('for any evidence, places, authorised and asked fields, and any relation', () => {
    const leaks: string[] = []
    fc.assert(
      fc.property(
        object,
        fc.array(path, { minLength: 1, maxLength: 4 }),
        fc.array(path, { minLength: 1, maxLength: 4 }),
        fc.array(path, { maxLength: 3 }),
        fc.subarray(['mother', 'ex', 'child']),
        fc.constantFrom('mother', 'ex', 'child', 'stranger'),
        (given, places, fields, askedFields, related, protectedOne) => {
          const secret = places.reduce<JsonValue>((at, place) => marked(at, stepsOf(place)), given) as JsonObject
          const holding = found(secret, related)
          const by = authorisation({ fields })
          const asked = { fields: askedFields, predicates: [] }
          const people = peopleOf(by, { places }, holding, asked, 'mother')
          const known: Protected = people.includes(protectedOne) ? knownOf(protectedOne) : new Map()
          const released = decideRelease(by, asRequesterMaySee(holding, { places }, asked, known), asked, nowMs)
          const concerned = protectedOne === 'mother' || related.includes(protectedOne)
          const isTold = JSON.stringify(released).includes(marker)
          if (isTold) leaks.push(concerned ? 'protected' : 'free')
          expect(isTold && concerned).toBe(false)
        },
      ),
      { numRuns: 3000, seed: 14 },
    )
    // The same places do leave where nobody in the evidence is protected: the property looks at something.
    expect(leaks.length).toBeGreaterThan(50)
  })

  it('and withholding twice, or what has no place, changes nothing', () => {
    fc.assert(
      fc.property(object, fc.array(path, { maxLength: 4 }), (given, places) => {
        const once = withoutPlaces(given, { places })
        expect(withoutPlaces(once, { places })).toEqual(once)
        expect(withoutPlaces(given, { places: [] })).toEqual(given)
      }),
      { numRuns: 1000, seed: 14 },
    )
  })
})
