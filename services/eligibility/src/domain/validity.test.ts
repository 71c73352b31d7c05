import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWithin, nearestTo, publicationFault, type Standing, type Validity } from './validity.js'

const dayAt = (offset: number): string => new Date(Date.UTC(2024, 0, 1 + offset)).toISOString().slice(0, 10)
const validity = fc.record({ start: fc.nat(60), length: fc.option(fc.nat(20), { nil: undefined }) }).map(
  ({ start, length }): Validity => ({
    from: dayAt(start),
    to: length === undefined ? undefined : dayAt(start + length),
  }),
)
const days = Array.from({ length: 100 }, (_, offset) => dayAt(offset))

describe('publicationFault', () => {
  it('never lets two releases stand on one day, and refuses nothing else', () => {
    fc.assert(
      fc.property(fc.array(validity, { maxLength: 8 }), (wanted) => {
        const standing: Standing[] = []
        for (const [at, each] of wanted.entries()) {
          const clashes = standing.some((one) => days.some((day) => isWithin(one.validity, day) && isWithin(each, day)))
          expect(publicationFault(standing, each, undefined) !== undefined).toBe(clashes)
          if (!clashes) standing.push({ sha256: `${at}`, validity: each })
        }
      }),
    )
  })

  it('lets a release take the place of the one that began on the same day, and of no other', () => {
    const open: Standing = { sha256: 'a', validity: { from: '2025-04-01', to: undefined } }
    expect(publicationFault([open], { from: '2025-04-01', to: '2026-03-31' }, 'a')).toBeUndefined()
    expect(publicationFault([open], { from: '2025-05-01', to: undefined }, 'a')).toEqual({ fault: 'replaces-nothing' })
    expect(publicationFault([open], { from: '2025-04-01', to: undefined }, 'b')).toEqual({ fault: 'replaces-nothing' })
    expect(publicationFault([open], { from: '2025-04-01', to: undefined }, undefined)).toEqual({
      fault: 'overlaps',
      other: open,
    })
  })
})

describe('nearestTo', () => {
  it('names the last that ended, or else the first to come', () => {
    const [first, second]: Standing[] = [
      { sha256: 'a', validity: { from: '2025-04-01', to: '2026-03-31' } },
      { sha256: 'b', validity: { from: '2027-04-01', to: undefined } },
    ]
    const both = [second, first].filter((each) => each !== undefined)
    expect(nearestTo(both, '2026-11-22')).toBe(first)
    expect(nearestTo(both, '2024-01-01')).toBe(first)
    expect(nearestTo(both, '2028-01-01')).toBe(second)
    expect(nearestTo([], '2028-01-01')).toBeUndefined()
  })
})
