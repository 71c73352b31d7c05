import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorisation, members, startMs } from '../federation.fixture.js'
import { fieldRefusal } from './evidence.js'
import { answerValidityMs, type PreviewAnswer, previewed, previewRefusal } from './preview.js'
import type { Release } from './release.js'

const { iss: _, ...terms } = authorisation({ mode: 'explicit-request' })
const inForce = { ...terms, provider: members.provider }
const released: Release = {
  kind: 'released',
  value: { amount: 700 },
  version: 3,
  asOfMs: startMs,
  fields: ['amount'],
  predicates: [],
  keepUntilMs: startMs + 1,
}
const confirmed: PreviewAnswer = {
  answer: 'confirmed',
  evidenceVersion: 3,
  authorisation: inForce.id,
  validUntilMs: startMs + answerValidityMs,
}
const refusal = (answer: PreviewAnswer | undefined, release: Release = released, nowMs = startMs) =>
  previewRefusal(inForce, release, answer, nowMs)

describe('a preview', () => {
  it('is required', () => {
    expect(refusal(undefined)).toBe('PREVIEW_REQUIRED')
  })

  it('that was declined releases nothing', () => {
    expect(refusal({ ...confirmed, answer: 'declined' })).toBe('PREVIEW_DECLINED')
  })

  it('counts for an hour and not a millisecond more', () => {
    expect(refusal(confirmed, released, confirmed.validUntilMs - 1)).toBeUndefined()
    expect(refusal(confirmed, released, confirmed.validUntilMs)).toBe('PREVIEW_REQUIRED')
  })

  it('of another version, older or newer, is none of what would be released', () => {
    for (const evidenceVersion of [0, 2, 4]) expect(refusal({ ...confirmed, evidenceVersion })).toBe('PREVIEW_REQUIRED')
  })

  it('under another authorisation showed other fields', () => {
    expect(refusal({ ...confirmed, authorisation: 'another' })).toBe('PREVIEW_REQUIRED')
  })

  it('is not owed where nothing is released', () => {
    for (const kind of ['absent', 'stale', 'unreachable'] as const) expect(refusal(undefined, { kind })).toBeUndefined()
  })

  it('lets something be released only after a yes to exactly that', () => {
    const answer = fc.record<PreviewAnswer>({
      answer: fc.constantFrom('confirmed', 'declined'),
      evidenceVersion: fc.integer({ min: 2, max: 4 }),
      authorisation: fc.constantFrom(inForce.id, 'another'),
      validUntilMs: fc.integer({ min: startMs - 2, max: startMs + 2 }),
    })
    fc.assert(
      fc.property(fc.option(answer, { nil: undefined }), (given) => {
        const isExactYes =
          given?.answer === 'confirmed' &&
          given.evidenceVersion === 3 &&
          given.authorisation === inForce.id &&
          given.validUntilMs > startMs
        expect(refusal(given) === undefined).toBe(isExactYes)
      }),
    )
  })

  it('shows all that could be released, questions about the person themselves included', () => {
    expect(previewed(inForce)).toEqual({
      fields: inForce.fields,
      predicates: [{ id: 'low-income', argument: undefined }],
    })
  })
})

describe('a question about two people', () => {
  it('is refused where a preview is owed, because nobody could have seen its answer', () => {
    const asked = [{ id: 'child-of', argument: 'p1.1.bob' }]
    expect(fieldRefusal(inForce, [], asked)).toBe('FIELD_NOT_AUTHORISED')
    expect(fieldRefusal({ ...inForce, mode: 'information' }, [], asked)).toBeUndefined()
  })
})
