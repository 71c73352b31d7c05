import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kilometresBetween } from './distance.js'

const paris = { latitude: 48.8566, longitude: 2.3522 }
const point = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
})

describe('a distance', () => {
  it.each([
    ['Lyon', { latitude: 45.764, longitude: 4.8357 }, 392],
    ['Saint-Denis de La Réunion', { latitude: -20.8823, longitude: 55.4504 }, 9355],
    ['the other side of the earth', { latitude: -48.8566, longitude: -177.6478 }, 20_015],
  ])('from Paris to %s', (_, there, kilometres) => {
    expect(Math.abs(kilometresBetween(paris, there) - kilometres)).toBeLessThan(kilometres / 100)
  })

  it('is the same both ways, none from a point to itself, and never longer by a way round', () => {
    fc.assert(
      fc.property(point, point, point, (a, b, c) => {
        expect(kilometresBetween(a, b)).toBeCloseTo(kilometresBetween(b, a), 6)
        expect(kilometresBetween(a, a)).toBe(0)
        expect(kilometresBetween(a, c)).toBeLessThanOrEqual(kilometresBetween(a, b) + kilometresBetween(b, c) + 1e-3)
      }),
    )
  })
})
