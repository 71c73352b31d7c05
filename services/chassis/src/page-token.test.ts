import { MeshError } from '@unefois/proto/reasons'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PageTokens, requireKnown } from './page-token.js'

const reasonOf = (act: () => unknown): string => {
  try {
    act()
    return 'nothing'
  } catch (thrown) {
    return thrown instanceof MeshError ? thrown.reason : 'another error'
  }
}
const filters = fc.record({ state: fc.constantFrom('', 'open', 'ended'), since: fc.constantFrom(0, 1, 1000) })
const position = fc.stringMatching(/^[0-9a-z.-]{1,40}$/)

describe('a page token', () => {
  it('is refused under any other filters than its own, and of another list', () => {
    fc.assert(
      fc.property(position, filters, filters, (at, own, others) => {
        fc.pre(JSON.stringify(own) !== JSON.stringify(others))
        const token = new PageTokens('things', own).after(at)
        expect(reasonOf(() => new PageTokens('things', others).positionIn(token))).toBe('PAGE_TOKEN_MISMATCH')
      }),
    )
    const token = new PageTokens('things', { state: 'open' }).after(7)
    expect(reasonOf(() => new PageTokens('others', { state: 'open' }).positionIn(token))).toBe('PAGE_TOKEN_MISMATCH')
  })

  it('goes on at its position, in whatever order the filters stand', () => {
    fc.assert(
      fc.property(position, filters, (at, { state, since }) => {
        const token = new PageTokens('things', { state, since }).after(at)
        expect(new PageTokens('things', { since, state }).positionIn(token)).toBe(at)
      }),
    )
  })

  it('is the position alone without filters, and empty where nothing follows', () => {
    const tokens = new PageTokens('things', { state: '', since: 0 })
    expect([tokens.after(12), tokens.positionIn('12'), tokens.after(undefined), tokens.positionIn('')]).toEqual([
      '12',
      '12',
      '',
      '',
    ])
    expect(new PageTokens('things', { state: 'open' }).positionIn('')).toBe('')
  })
})

describe('a filter', () => {
  it('refuses a value that nothing could have, naming those that something could', () => {
    const facts = (() => {
      try {
        return requireKnown('purpose', 'nonsense', ['a', 'b']) ?? {}
      } catch (thrown) {
        return thrown instanceof MeshError ? { reason: thrown.reason, ...thrown.facts } : {}
      }
    })()
    expect(facts).toEqual({ reason: 'FILTER_UNKNOWN', field: 'purpose', allowed: 'a, b' })
    const many = Array.from({ length: 41 }, (_, each) => `v${each}`)
    expect(() => requireKnown('purpose', 'nonsense', many)).toThrow(MeshError)
    expect(reasonOf(() => requireKnown('purpose', 'v40', many))).toBe('nothing')
    expect(reasonOf(() => requireKnown('purpose', '', []))).toBe('nothing')
  })
})
