import type { Queryable } from '@unefois/chassis/postgres'
import type { SlotKey } from '../domain/slot-queue.js'
import type { Span } from '../domain/slots.js'
import { comingOpenings, freeOpeningsOf, type GoingOn, openingsGoingOn } from '../store/free-openings.js'
import { type KeptOpening, longestMs } from '../store/openings.js'

/** Openings that come into question, more of them each time. */
export interface OpeningSource {
  /** Up to this key it has given every opening with a slot; undefined: it has given all. */
  readonly reached: SlotKey | undefined
  more(): Promise<readonly KeptOpening[]>
}

/** What of the openings is wanted: slots after a key that begin before a moment. */
export interface Wanted {
  readonly db: Queryable
  /** Undefined: of all schedules. */
  readonly scheduleNos: readonly number[] | undefined
  readonly after: SlotKey
  readonly untilMs: number
}

const dayMs = 86_400_000
const fewOpenings = 256
const before: SlotKey = { startsAtMs: Number.NEGATIVE_INFINITY, scheduleNo: 0 }

/** Of a few schedules: all of some days, then of the days that follow. */
export const ofFewSchedules = (wanted: Wanted, scheduleNos: readonly number[]): OpeningSource => {
  let days = Math.max(1, Math.ceil(fewOpenings / Math.max(1, scheduleNos.length) / 2))
  let fromMs = wanted.after.startsAtMs - longestMs
  let reached: SlotKey | undefined = before
  return {
    get reached() {
      return reached
    },
    more: async () => {
      const toMs = Math.min(wanted.untilMs, Math.max(fromMs, wanted.after.startsAtMs) + days * dayMs)
      const begin: Span = { startsAtMs: fromMs, endsAtMs: toMs }
      const found = await freeOpeningsOf(wanted.db, scheduleNos, begin, wanted.after.startsAtMs)
      if (found.length < fewOpenings) days *= 2
      fromMs = toMs
      reached = toMs >= wanted.untilMs ? undefined : { startsAtMs: toMs, scheduleNo: 0 }
      return found
    },
  }
}

/** Of many schedules, those that begin after the key: some, in the order of their beginning. */
export const thatCome = ({ db, scheduleNos, after, untilMs }: Wanted, size: number): OpeningSource => {
  let [at, limit] = [after, size]
  let reached: SlotKey | undefined = before
  return {
    get reached() {
      return reached
    },
    more: async () => {
      const found = await comingOpenings(db, at, untilMs, scheduleNos, limit)
      const last = found.at(-1)
      reached = found.length < limit ? undefined : last
      at = last ?? at
      limit = Math.min(limit * 2, 1024)
      return found
    },
  }
}

/** Of many schedules, those that began at the key or before: some, in the order of their first slot after it. */
export const thatGoOn = (db: Queryable, going: GoingOn, size: number): OpeningSource => {
  let [at, limit] = [going.from, size]
  let reached: SlotKey | undefined = before
  return {
    get reached() {
      return reached
    },
    more: async () => {
      const found = await openingsGoingOn(db, going, at, limit)
      const last = found.at(-1)?.next
      reached = found.length < limit ? undefined : last
      at = last ?? at
      limit *= 4
      return found.map(({ opening }) => opening)
    },
  }
}
