import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitting } from './page-budget.js'

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0)

describe('a page that must fit into a message', () => {
  it('has the first item, however large', () => {
    expect(fitting([500, 1], (size) => size, 100)).toEqual([500])
    expect(fitting([], (size: number) => size, 100)).toEqual([])
  })

  it('has as many as fit, from the first, and never leaves one out in between', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), fc.nat(100), (sizes, most) => {
        const page = fitting(sizes, (size) => size, most)
        expect(page).toEqual(sizes.slice(0, page.length))
        if (page.length > 1) expect(sum(page)).toBeLessThanOrEqual(most)
        if (page.length < sizes.length) expect(sum(sizes.slice(0, page.length + 1))).toBeGreaterThan(most)
      }),
    )
  })
})
