import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startMs } from '../federation.fixture.js'
import { longestCollectionMs, markerEndMs, purposeLockRefusal } from './proactive.js'
import { keepUntilMs } from './release.js'

const collected = { mode: 'proactive', purpose: 'benefit-found' } as const
const uses = ['inform', 'attribute', 'manage', 'control'] as const

describe('the purpose lock', () => {
  it('refuses to read what was collected proactively for control, and for anything else', () => {
    expect(purposeLockRefusal(collected, 'fraud-control', 'control')).toBe('PURPOSE_LOCKED')
    for (const use of uses) expect(purposeLockRefusal(collected, 'other', use)).toBe('PURPOSE_LOCKED')
  })

  it('refuses to read it for no named purpose', () => {
    expect(purposeLockRefusal(collected, undefined, undefined)).toBe('PURPOSE_LOCKED')
  })

  it('stays locked when the purpose of that name has become one of control, or has gone', () => {
    for (const use of ['control', 'manage', undefined] as const)
      expect(purposeLockRefusal(collected, collected.purpose, use)).toBe('PURPOSE_LOCKED')
  })

  it('opens for its own purpose while that informs or attributes', () => {
    for (const use of ['inform', 'attribute'] as const)
      expect(purposeLockRefusal(collected, collected.purpose, use)).toBeUndefined()
  })

  it('holds whoever names another purpose, in every mode', () => {
    const mode = fc.constantFrom('information', 'consent', 'explicit-request', 'proactive', 'none')
    fc.assert(
      fc.property(mode, fc.string(), fc.constantFrom(...uses, undefined), (of, named, use) => {
        fc.pre(named !== 'own')
        expect(purposeLockRefusal({ mode: of as 'none', purpose: 'own' }, named, use)).toBe('PURPOSE_LOCKED')
      }),
    )
  })

  it('asks for no name where the person was told or asked', () => {
    for (const mode of ['information', 'consent', 'explicit-request', 'none'] as const)
      expect(purposeLockRefusal({ mode, purpose: 'own' }, undefined, undefined)).toBeUndefined()
  })
})

describe('what is collected proactively', () => {
  it('is kept for 12 months at the most, whatever the authorisation says', () => {
    const years = { retentionSeconds: 3 * 365 * 86_400, mode: 'proactive' } as const
    expect(keepUntilMs(years, startMs)).toBe(startMs + longestCollectionMs)
    expect(keepUntilMs({ ...years, mode: 'information' }, startMs)).toBe(startMs + 3 * longestCollectionMs)
    expect(keepUntilMs({ retentionSeconds: 60, mode: 'proactive' }, startMs)).toBe(startMs + 60_000)
  })
})

describe('the marker of an opposition', () => {
  it.each([
    ['2026-01-31T10:00:00Z', 12, '2027-01-31T10:00:00.000Z'],
    ['2024-02-29T10:00:00Z', 12, '2025-03-01T10:00:00.000Z'],
    ['2026-11-22T10:00:00Z', 24, '2028-11-22T10:00:00.000Z'],
  ])('made at %s for %d months is kept until %s', (from, months, until) => {
    expect(new Date(markerEndMs(Date.parse(from), months)).toISOString()).toBe(until)
  })
})
