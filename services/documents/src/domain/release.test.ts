import { describe, expect, it } from 'vitest'
import { authorisation, person, startMs } from '../federation.fixture.js'
import type { Holding } from './evidence.js'
import { decideRelease, releaseOutcome } from './release.js'

const { iss: provider, ...terms } = authorisation()
const authorised = { ...terms, provider }
const whole = { amount: 700, year: 2026, address: { street: 'Main Street' }, children: [{ name: 'Bob', born: '2019' }] }
const found: Holding = {
  kind: 'found',
  evidence: {
    value: whole,
    version: 3,
    asOfMs: startMs,
    related: [{ relation: 'children', subject: person('bob') }],
  },
}
const everything = { fields: [], predicates: [] }
const nothing = { fields: [], predicates: [], evidence_version: 0 }

describe('a release', () => {
  it.each([
    [{ kind: 'absent' }, { kind: 'absent' }],
    [{ kind: 'unreachable' }, { kind: 'unreachable' }],
    [
      { kind: 'later', retryAfterMs: 500 },
      { kind: 'pending', retryAfterMs: 500 },
    ],
  ] as const)('of %o is %o, and its record names no field', (holding, release) => {
    expect(decideRelease(authorised, holding, everything, startMs)).toEqual(release)
    expect(releaseOutcome(release)).toEqual({ kind: 'release', outcome: release.kind, reason: 'none', ...nothing })
  })

  it('of evidence that is too old is stale', () => {
    const later = startMs + authorised.maximumAgeSeconds * 1000 + 1
    expect(decideRelease(authorised, found, everything, later)).toEqual({ kind: 'stale' })
  })

  it('is absent when nothing of what was asked is there', () => {
    const empty: Holding = { kind: 'found', evidence: { ...found.evidence, value: { year: 2026 } } }
    const lowIncome = [{ id: 'low-income', argument: undefined }]
    expect(decideRelease(authorised, empty, { fields: ['amount'], predicates: lowIncome }, startMs)).toEqual({
      kind: 'absent',
    })
  })

  it('contains what the authorisation lists, dated and with the end of its retention', () => {
    const release = decideRelease(authorised, found, everything, startMs + 0.5)
    expect(release).toEqual({
      kind: 'released',
      value: { amount: 700, year: 2026, children: [{ name: 'Bob' }] },
      version: 3,
      asOfMs: startMs,
      fields: authorised.fields,
      predicates: [],
      keepUntilMs: startMs + 3_600_000,
    })
  })

  it('of a predicate alone contains its answer and no field', () => {
    const childOf = [{ id: 'child-of', argument: person('bob') }]
    const release = decideRelease(authorised, found, { fields: [], predicates: childOf }, startMs)
    expect(release).toMatchObject({ kind: 'released', value: {}, fields: [], predicates: [{ holds: true }] })
    expect(releaseOutcome(release)).toEqual({
      kind: 'release',
      outcome: 'released',
      reason: 'none',
      fields: [],
      predicates: ['child-of'],
      evidence_version: 3,
    })
  })
})
