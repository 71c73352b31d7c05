import type { Queryable } from '@unefois/chassis/postgres'
import { compareKeys, type SlotKey } from '../domain/slot-queue.js'
import type { Suitable } from '../domain/slot-wish.js'
import {
  type FoundOpening,
  type InTime,
  nextOpeningsOf,
  openingsInTime,
  type WantedSlots,
} from '../store/free-openings.js'

/** Openings that come into question, more of them each time. */
export interface OpeningSource {
  /** Up to this key it has given every opening with a slot; undefined: it has given all. */
  readonly reached: SlotKey | undefined
  more(): Promise<readonly FoundOpening[]>
}

/** What of the openings is wanted. */
export interface Wanted extends WantedSlots {
  readonly db: Queryable
  readonly suitable: Suitable
  /** How many slots the search answers at most. */
  readonly limit: number
}

const before: SlotKey = { startsAtMs: Number.NEGATIVE_INFINITY, scheduleNo: 0 }
const mostAtOnce = 1024

const bounded = (count: number): number => Math.max(1, Math.min(Math.ceil(count), mostAtOnce))

// One that is not full has some slots, but others may be first.
const openingsForSlot = 2
const sizeOf = ({ limit }: Wanted): number => bounded(limit * openingsForSlot)

const earlier = (a: SlotKey | undefined, b: SlotKey | undefined): SlotKey | undefined =>
  a && b ? (compareKeys(a, b) < 0 ? a : b) : (a ?? b)

/** Up to which key an answer has all: to its last where it was cut, and of a schedule that may have more, to the end of what it has. */
const reachedBy = (
  found: readonly FoundOpening[],
  { each, all }: { readonly each: number; readonly all: number },
): SlotKey | undefined => {
  const counts = new Map<number, number>()
  let reached = found.length < all ? undefined : found.at(-1)?.next
  for (const { opening } of found) {
    const count = (counts.get(opening.scheduleNo) ?? 0) + 1
    counts.set(opening.scheduleNo, count)
    if (count === each) reached = earlier(reached, { startsAtMs: opening.endsAtMs, scheduleNo: 0 })
  }
  return reached
}

/** Of a few schedules, each looked at by itself: the next of each, then more. */
export const ofFewSchedules = (wanted: Wanted, after = wanted.from): OpeningSource => {
  const { db, suitable, limit } = wanted
  // An opening that is not full has about two slots at least.
  let each = bounded(limit / suitable.nos.length / 2)
  let all = sizeOf(wanted)
  let at = after
  let reached: SlotKey | undefined = before
  return {
    get reached() {
      return reached
    },
    more: async () => {
      const found = await nextOpeningsOf(db, wanted, suitable.nos, at, { each, all })
      reached = reachedBy(found, { each, all })
      at = reached ?? at
      each = bounded(each * 2)
      all = bounded(all * 2)
      return found
    },
  }
}

// Where so much was read in the order of time, and not as much as wanted is of these schedules, each of them is looked at.
const mostReadings = 3

/** Of many schedules, in the order of time. */
export const ofManySchedules = (wanted: Wanted): OpeningSource => {
  const { db, suitable, from, limit } = wanted
  let most = sizeOf(wanted)
  let [readings, useful] = [0, 0]
  let at: Pick<InTime, 'goingOn' | 'coming'> = { goingOn: from, coming: from }
  let others: OpeningSource | undefined
  return {
    get reached() {
      if (readings === 0) return before
      return others ? others.reached : earlier(at.goingOn, at.coming)
    },
    more: async () => {
      const { goingOn, coming } = at
      if (coming && !goingOn && readings >= mostReadings && useful < limit) others ??= ofFewSchedules(wanted, coming)
      if (others) return others.more()
      const { found, ...rest } = await openingsInTime(db, wanted, { of: suitable.noSet, goingOn, coming, most })
      at = rest
      readings += 1
      useful += found.filter(({ opening }) => suitable.byNo.has(opening.scheduleNo)).length
      most = bounded(most * 2)
      return found
    },
  }
}
