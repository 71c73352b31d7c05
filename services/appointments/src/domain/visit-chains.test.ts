import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChainSlot, type ChainWish, isChain, mostSlotsOfWish, visitChains } from './visit-chains.js'

type Wish = ChainWish<ChainSlot>
const slot = (name: string, startsAtMs: number, endsAtMs: number): ChainSlot => ({
  id: `${name}@${startsAtMs}-${endsAtMs}`,
  startsAtMs,
  endsAtMs,
})

/** Every choice of one slot for each wish, as it is defined. */
const choices = (wishes: readonly Wish[]): ChainSlot[][] =>
  wishes.reduce<ChainSlot[][]>(
    (chosen, { slots }) => chosen.flatMap((some) => slots.map((each) => [...some, each])),
    [[]],
  )
const inOrder = (chosen: readonly ChainSlot[]) => [...chosen].sort((a, b) => a.startsAtMs - b.startsAtMs)
const named = (chosen: readonly ChainSlot[]) => chosen.map(({ id }) => id).join(' ')
const allChains = (wishes: readonly Wish[], longestWaitMs: number): ChainSlot[][] => {
  const good = choices(wishes)
    .filter((chosen) => isChain(chosen, longestWaitMs))
    .map(inOrder)
  return [...new Map(good.map((each) => [named(each), each])).values()]
}
const endOf = (chain: readonly ChainSlot[]): number => chain.at(-1)?.endsAtMs ?? 0

const wish = (name: string): fc.Arbitrary<Wish> =>
  fc
    .array(fc.record({ at: fc.integer({ min: 0, max: 24 }), length: fc.integer({ min: 1, max: 5 }) }), { maxLength: 6 })
    .map((times) => ({ name, slots: times.map(({ at, length }) => slot(name, at, at + length)) }))
/** Some wishes have one name, and then the same slots. */
const wishes = fc
  .tuple(
    fc.array(fc.nat(3), { minLength: 2, maxLength: 4 }),
    fc.tuple(...['a', 'b', 'c', 'd'].map((name) => wish(name))),
  )
  .map(([chosen, kinds]) => chosen.map((kind) => kinds[kind] as Wish))

describe('whether meetings are a chain', () => {
  it('is denied where two overlap, or the wait is longer than it may be', () => {
    expect(isChain([slot('a', 0, 10), slot('b', 9, 20)], 100)).toBe(false)
    expect(isChain([slot('a', 0, 10), slot('b', 0, 10)], 100)).toBe(false)
    expect(isChain([slot('a', 0, 10), slot('b', 21, 30)], 10)).toBe(false)
    expect(isChain([slot('a', 0, 10), slot('b', 20, 20)], 10)).toBe(false)
    expect(isChain([slot('b', 20, 30), slot('a', 0, 10)], 10)).toBe(true)
    expect(isChain([slot('a', 0, 10), slot('b', 10, 20)], 0)).toBe(true)
  })
})

describe('chains of a visit', () => {
  it('are none where a wish has no slot, or only slots that end before they begin', () => {
    expect(
      visitChains(
        [
          { name: 'a', slots: [slot('a', 0, 1)] },
          { name: 'b', slots: [] },
        ],
        10,
        5,
      ),
    ).toEqual([])
    const inverted = { name: 'b', slots: [slot('b', 3, 2), slot('b', 2, 2)] }
    expect(visitChains([{ name: 'a', slots: [slot('a', 0, 1)] }, inverted], 10, 5)).toEqual([])
  })

  it('are those that every choice of slots would find, the earliest ends first, none twice', () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 8 }), (wanted, wait, most) => {
        const found = visitChains(wanted, wait, most)
        const all = allChains(wanted, wait)
        expect(found.map(endOf)).toEqual(
          all
            .map(endOf)
            .sort((a, b) => a - b)
            .slice(0, most),
        )
        const known = new Set(all.map(named))
        expect(found.map(named).filter((each) => !known.has(each))).toEqual([])
        expect(new Set(found.map(named)).size).toBe(found.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('do not depend on the order of the wishes', () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 0, max: 12 }), (wanted, wait) => {
        const ends = (some: readonly Wish[]) => visitChains(some, wait, 20).map(endOf)
        expect(ends([...wanted].reverse())).toEqual(ends(wanted))
      }),
    )
  })

  it('are found among the most slots that all agencies may answer, also where nearly everything follows everything', () => {
    const crowded = (name: string): Wish => ({
      name,
      slots: Array.from({ length: mostSlotsOfWish * 2 }, (_, at) => slot(name, at, at + 1)),
    })
    const found = visitChains(['a', 'b', 'c', 'd'].map(crowded), 1000, 20)
    expect(found).toHaveLength(20)
    expect(found.map(endOf).every((end) => end === 4)).toBe(true)
    // Nothing is met, however near it comes: all slots are at the same time.
    const same = ['a', 'b', 'c', 'd'].map((name) => ({
      name,
      slots: Array.from({ length: mostSlotsOfWish }, (_, at) => ({ ...slot(name, 5, 6), id: `${name}${at}` })),
    }))
    expect(visitChains(same, 1000, 20)).toEqual([])
  })
})
