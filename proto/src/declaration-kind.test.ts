import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DeclarationKind,
  declarationKindFormat,
  declaredPaths,
  readDeclared,
  saidSha256,
} from './declaration-kind.js'
import { saidInStep } from './declaration-said.js'

const both = { fr: 'un', en: 'one' }
const groups: DeclarationKind['groups'] = [
  {
    id: 'home',
    title: both,
    fields: [
      { id: 'street', title: both, kind: 'text', mostCharacters: 10 },
      { id: 'code', title: both, kind: 'text', mostCharacters: 8, pattern: '[0-9]{5}', isOptional: true },
    ],
  },
  {
    id: 'move',
    title: both,
    fields: [
      { id: 'day', title: both, kind: 'date' },
      { id: 'secret', title: both, kind: 'choice', choices: ['yes', 'no'].map((id) => ({ id, title: both })) },
    ],
  },
]
const right = { home: { street: '4 Lane' }, move: { day: '2026-11-22', secret: 'no' } }
const faultsOf = (given: unknown) => {
  const read = readDeclared({ groups }, given)
  return 'faults' in read ? read.faults.map(({ path, fault }) => `${path}: ${fault}`) : []
}

describe('what somebody declares', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['that is no object', [], [': not-as-asked']],
    ['that is nothing', null, [': not-as-asked']],
    ['without a group', { home: right.home }, ['move.day: missing', 'move.secret: missing']],
    ['with a group that is a list', { ...right, home: ['4 Lane'] }, ['home: not-as-asked']],
    ['with a group that nobody asked for', { ...right, more: {} }, ['more: unknown']],
    ['with a field that nobody asked for', { ...right, home: { street: 'x', nir: '1' } }, ['home.nir: unknown']],
    ['with a number for a text', { ...right, home: { street: 4 } }, ['home.street: not-as-asked']],
    ['with nothing but blanks', { ...right, home: { street: ' \u00a0' } }, ['home.street: missing']],
    ['that is too long', { ...right, home: { street: 'x'.repeat(11) } }, ['home.street: too-long']],
    ['with a control character', { ...right, home: { street: 'a\u0000b' } }, ['home.street: not-as-asked']],
    ['that turns the writing round', { ...right, home: { street: 'a\u202eb' } }, ['home.street: not-as-asked']],
    [
      'that matches its pattern in part',
      { ...right, home: { street: 'x', code: 'A08000' } },
      ['home.code: not-as-asked'],
    ],
    [
      'of a day that does not exist',
      { ...right, move: { ...right.move, day: '2026-02-30' } },
      ['move.day: not-as-asked'],
    ],
    ['of a day in words', { ...right, move: { ...right.move, day: 'tomorrow' } }, ['move.day: not-as-asked']],
    [
      'with a choice that is none',
      { ...right, move: { ...right.move, secret: 'maybe' } },
      ['move.secret: not-as-asked'],
    ],
    ['with what every object has', { ...right, home: Object.create({ street: 'x' }) }, ['home.street: missing']],
  ])('%s is refused, each fault at its place', (_, given, faults) => {
    expect(faultsOf(given)).toEqual(faults)
  })

  it('is read the same, whatever a browser made of its blanks and accents', () => {
    const given = { ...right, home: { street: '  rue de l’E\u0301te\u0301 ', code: '' } }
    const read = readDeclared({ groups }, { ...given, home: { ...given.home, street: ' l’E\u0301te\u0301 ' } })
    expect(read).toEqual({ declared: { ...right, home: { street: 'l’\u00c9t\u00e9' } } })
  })

  it('reads as itself once it was read, and names every path that was filled in', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 })
    const given = fc.record({
      home: fc.record({
        street: text,
        code: fc.option(fc.stringMatching(/^[0-9]{4,6}$/), { nil: undefined as never }),
      }),
      move: fc.record({
        day: fc.constantFrom('2026-01-31', '2026-13-01', ' 2024-02-29 '),
        secret: fc.constantFrom('yes', 'no', ''),
      }),
    })
    fc.assert(
      fc.property(given, (one) => {
        const read = readDeclared({ groups }, one)
        if ('faults' in read) return read.faults.length > 0
        expect(readDeclared({ groups }, read.declared)).toEqual(read)
        expect(saidSha256(JSON.parse(JSON.stringify(read.declared)))).toBe(saidSha256(read.declared))
        return declaredPaths(read.declared).every((path) => /^(home\.(street|code)|move\.(day|secret))$/.test(path))
      }),
    )
  })
})

describe('a kind of declaration', () => {
  const kind = {
    id: 'move',
    title: both,
    textVersion: '1',
    text: both,
    minimumAcr: 'eidas1',
    groups,
    receivers: [{ member: 'fund', use: both, legalReference: 'a', service: both, address: 'x', telephone: '1' }],
  }

  it('is none with a pattern that is no pattern, a choice of one, nobody to receive it, or a field more', () => {
    const [home] = groups
    const withField = (field: object) => ({ ...kind, groups: [{ ...home, fields: [field] }] })
    const odd = [
      withField({ id: 'x', title: both, kind: 'text', mostCharacters: 5, pattern: '[' }),
      withField({ id: 'x', title: both, kind: 'choice', choices: [{ id: 'yes', title: both }] }),
      withField({ id: 'x', title: both, kind: 'file' }),
      { ...kind, receivers: [] },
      { ...kind, receivers: [{ ...kind.receivers[0], telephone: '' }] },
      { ...kind, nir: true },
    ]
    expect(declarationKindFormat.safeParse(kind).success).toBe(true)
    for (const each of odd) expect(declarationKindFormat.safeParse(each).success).toBe(false)
  })
})

describe('what was said in a step', () => {
  it('is flat, and the same for whoever reads the message', () => {
    const answer = (given: object) =>
      ({ step: { $case: 'answer', value: { answer: given, answeredBy: 'A B' } } }) as never
    const of = { contentJson: '{"home":{"street":"4 Lane"}}' }
    expect(saidInStep(of, { step: { $case: 'received', value: {} } } as never)).toEqual({ home: { street: '4 Lane' } })
    expect(saidInStep(of, answer({ $case: 'needsMore', value: { what: 'A lease', untilMs: 5 } }))).toEqual({
      outcome: 'needs-more',
      words: 'A lease',
      until_ms: 5,
      answered_by: 'A B',
    })
    expect(saidInStep(of, { step: undefined } as never)).toEqual({})
  })
})
