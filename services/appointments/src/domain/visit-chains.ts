import type { Span } from './slots.js'

/** A slot that one of the agencies offers for a visit. */
export interface ChainSlot extends Span {
  /** The same for the same slot, and for no other one of all wishes. */
  readonly id: string
}

/** One meeting that is wanted. Wishes of one name want the same, so that it does not matter which of them comes first. */
export interface ChainWish<S extends ChainSlot> {
  readonly name: string
  readonly slots: readonly S[]
}

/** At most so many slots of each wish are looked at, the earliest. */
export const mostSlotsOfWish = 200

interface Step<S> {
  readonly wish: number
  readonly slot: S
  /** By set of wishes: the steps that may come right before this one, where the set is met with this step as its last; the latest first. */
  readonly before: Map<number, readonly Step<S>[]>
}

const earliestEnd = (a: { readonly slot: ChainSlot }, b: { readonly slot: ChainSlot }): number =>
  a.slot.endsAtMs - b.slot.endsAtMs || a.slot.startsAtMs - b.slot.startsAtMs || (a.slot.id < b.slot.id ? -1 : 1)

const earliest = <S extends ChainSlot>(slots: readonly S[]): S[] => {
  const once = [
    ...new Map(slots.filter((each) => each.startsAtMs < each.endsAtMs).map((each) => [each.id, each])).values(),
  ]
  return once.sort((a, b) => a.startsAtMs - b.startsAtMs || a.endsAtMs - b.endsAtMs).slice(0, mostSlotsOfWish)
}

/** The wishes of the same name that come first in the list; of those that want the same, only this order is looked at. */
const sameBefore = (wishes: readonly { readonly name: string }[]): number[] =>
  wishes.map(({ name }, wish) =>
    wishes.slice(0, wish).reduce((set, other, index) => (other.name === name ? set | (1 << index) : set), 0),
  )

/** Every chain of a set of wishes that ends in this step. */
function* chainsTo<S extends ChainSlot>(step: Step<S>, wishes: number): Generator<S[]> {
  const rest = wishes & ~(1 << step.wish)
  if (rest === 0) yield [step.slot]
  else
    for (const earlier of step.before.get(wishes) ?? [])
      for (const chain of chainsTo(earlier, rest)) yield [...chain, step.slot]
}

/**
 * How all wishes are met one after the other, in any order: no two slots overlap, and between two is at most `longestWaitMs`. What
 * ends earliest comes first, at most `most`, none twice. First it is found out for each slot which sets of wishes can have been met
 * when it ends, so that afterwards every step leads to an answer: 4 wishes of 200 slots are some millions of comparisons at most.
 */
export const visitChains = <S extends ChainSlot>(
  wishes: readonly ChainWish<S>[],
  longestWaitMs: number,
  most: number,
): S[][] => {
  const same = sameBefore(wishes)
  const steps: Step<S>[] = wishes
    .flatMap(({ slots }, wish) => earliest(slots).map((slot) => ({ wish, slot, before: new Map() })))
    .sort(earliestEnd)
  const all = (1 << wishes.length) - 1
  const chains: S[][] = []
  for (const [index, step] of steps.entries()) {
    const own = 1 << step.wish
    const { startsAtMs } = step.slot
    const near: Step<S>[] = []
    for (let at = index - 1; at >= 0; at--) {
      const earlier = steps[at] as Step<S>
      if (earlier.slot.endsAtMs < startsAtMs - longestWaitMs) break
      if (earlier.slot.endsAtMs <= startsAtMs) near.push(earlier)
    }
    for (let set = own; set <= all; set++) {
      const rest = set & ~own
      if (!(set & own) || (rest & (same[step.wish] as number)) !== same[step.wish]) continue
      const before = near.filter((earlier) => earlier.before.has(rest))
      if (rest === 0 || before.length > 0) step.before.set(set, before)
    }
    if (!step.before.has(all)) continue
    for (const chain of chainsTo(step, all)) {
      chains.push(chain)
      if (chains.length === most) return chains
    }
  }
  return chains
}

/** Whether meetings, in any order given, follow each other without overlap and with at most `longestWaitMs` between two. */
export const isChain = (meetings: readonly Span[], longestWaitMs: number): boolean => {
  const inOrder = [...meetings].sort((a, b) => a.startsAtMs - b.startsAtMs)
  return inOrder.every(({ startsAtMs, endsAtMs }, index) => {
    const before = inOrder[index - 1]
    if (endsAtMs <= startsAtMs) return false
    return !before || (before.endsAtMs <= startsAtMs && startsAtMs - before.endsAtMs <= longestWaitMs)
  })
}
