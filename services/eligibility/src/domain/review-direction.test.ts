import { Direction } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Better, directionOf, directionOfValues, type Found, type Told } from './review-direction.js'

const { DIRECTION_FAVOURABLE, DIRECTION_UNFAVOURABLE, DIRECTION_SAME, DIRECTION_UNKNOWN } = Direction

const no: Found = { answer: 'no', gives: new Map() }
const unknown: Found = { answer: 'unknown', gives: new Map() }
const yes = (gives: Readonly<Record<string, number | string>> = {}): Found => ({
  answer: 'yes',
  gives: new Map(Object.entries(gives)),
})

const names = ['aid', 'price', 'form', 'rest'] as const
const better: Better = { aid: 'more', price: 'less' }
const gift = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('one', 'other'))
const gives = fc.dictionary(fc.constantFrom(...names), gift, { noNullPrototype: true })
const found: fc.Arbitrary<Found> = fc.oneof(fc.constant(no), fc.constant(unknown), gives.map(yes))
const isEqual = (one: Found, other: Found): boolean =>
  one.answer === other.answer &&
  one.gives.size === other.gives.size &&
  [...one.gives].every(([name, value]) => other.gives.get(name) === value)
const turned = new Map<Direction, Direction>([
  [DIRECTION_FAVOURABLE, DIRECTION_UNFAVOURABLE],
  [DIRECTION_UNFAVOURABLE, DIRECTION_FAVOURABLE],
  [DIRECTION_SAME, DIRECTION_SAME],
  [DIRECTION_UNKNOWN, DIRECTION_UNKNOWN],
])

describe('the direction of a review', () => {
  it('is never told where something is not known', () => {
    for (const other of [no, unknown, yes({ aid: 1 })]) {
      expect(directionOf(unknown, other, better)).toBe(DIRECTION_UNKNOWN)
      expect(directionOf(other, unknown, better)).toBe(DIRECTION_UNKNOWN)
    }
    expect(directionOf(yes({ aid: 1 }), yes(), better)).toBe(DIRECTION_UNKNOWN)
    expect(directionOf(yes({ aid: 1 }), yes({ aid: 2 }), {})).toBe(DIRECTION_UNKNOWN)
    expect(directionOf(yes({ form: 'one' }), yes({ form: 'other' }), { form: 'more' })).toBe(DIRECTION_UNKNOWN)
    expect(directionOf(yes({ toString: 1 }), yes({ toString: 2 }), {})).toBe(DIRECTION_UNKNOWN)
  })

  it('is for a person to weigh where there is a gain in one thing and a loss in another', () => {
    expect(directionOf(yes({ aid: 1, price: 1 }), yes({ aid: 2, price: 2 }), better)).toBe(DIRECTION_UNKNOWN)
    expect(directionOf(yes({ aid: 1, rest: 1 }), yes({ aid: 2, rest: 2 }), better)).toBe(DIRECTION_UNKNOWN)
  })

  it('follows the answer, and then what the procedure says is better', () => {
    expect(directionOf(no, yes(), better)).toBe(DIRECTION_FAVOURABLE)
    expect(directionOf(yes({ aid: 9 }), no, better)).toBe(DIRECTION_UNFAVOURABLE)
    expect(directionOf(no, no, better)).toBe(DIRECTION_SAME)
    expect(directionOf(yes({ price: 3 }), yes({ price: 2 }), better)).toBe(DIRECTION_FAVOURABLE)
    expect(directionOf(yes({ price: 3, aid: 1 }), yes({ price: 4, aid: 1 }), better)).toBe(DIRECTION_UNFAVOURABLE)
  })

  it('turns round when then and now change places', () => {
    fc.assert(
      fc.property(found, found, (then, now) => {
        expect(directionOf(now, then, better)).toBe(turned.get(directionOf(then, now, better)))
      }),
    )
  })

  it('is the same only where answer and gifts are', () => {
    fc.assert(
      fc.property(found, found, (then, now) => {
        const isSame = directionOf(then, now, better) === DIRECTION_SAME
        expect(isSame).toBe(isEqual(then, now) && then.answer !== 'unknown')
      }),
    )
  })

  it('never gets worse as more is given', () => {
    const order: Direction[] = [DIRECTION_UNFAVOURABLE, DIRECTION_SAME, DIRECTION_FAVOURABLE]
    const amount = fc.integer({ min: 0, max: 4 })
    fc.assert(
      fc.property(amount, amount, amount, (then, now, further) => {
        const rank = (aid: number, direction = directionOf(yes({ aid: then }), yes({ aid }), better)) =>
          order.indexOf(direction)
        const price = (of: number) => order.indexOf(directionOf(yes({ price: then }), yes({ price: of }), better))
        expect(rank(now)).toBeGreaterThanOrEqual(0)
        expect(rank(now + further)).toBeGreaterThanOrEqual(rank(now))
        expect(price(now + further)).toBeLessThanOrEqual(price(now))
      }),
    )
  })
})

describe('the direction of what no rule reads', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 1 }), fc.boolean(), fc.constant(undefined))
  const told: fc.Arbitrary<Told> = fc
    .dictionary(fc.constantFrom('one', 'two'), value, { noNullPrototype: true })
    .map((values) => Object.entries(values))

  it('is not known where something else was told, or nothing, or what cannot be compared', () => {
    const one: Told = [['one', 1]]
    for (const other of [[], [['one', 2]], [['one', undefined]], [['two', 1]], [...one, ['two', 1]]] as Told[])
      expect(directionOfValues(one, other)).toBe(DIRECTION_UNKNOWN)
    expect(directionOfValues([], [])).toBe(DIRECTION_UNKNOWN)
    expect(directionOfValues([['one', undefined]], [['one', undefined]])).toBe(DIRECTION_UNKNOWN)
    expect(directionOfValues(one, one)).toBe(DIRECTION_SAME)
  })

  it('is the same for both ways round, and never for or against anybody', () => {
    fc.assert(
      fc.property(told, told, (then, now) => {
        const direction = directionOfValues(then, now)
        expect([DIRECTION_SAME, DIRECTION_UNKNOWN]).toContain(direction)
        expect(directionOfValues(now, then)).toBe(direction)
      }),
    )
  })
})
