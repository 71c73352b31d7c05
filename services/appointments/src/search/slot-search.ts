import type { Queryable } from '@unefois/chassis/postgres'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type Calendar, type KnownSchedule, offeredBy } from '../domain/calendar.js'
import { isFull, seatsLeft, type TakenTimes } from '../domain/free-slots.js'
import { longestOpeningMs } from '../domain/longest-opening.js'
import { compareKeys, type SlotKey, SlotQueue } from '../domain/slot-queue.js'
import type { Suitable } from '../domain/slot-wish.js'
import { type GridSlot, isReleased, meetingMs, type Span, slotsOf } from '../domain/slots.js'
import type { FoundOpening } from '../store/free-openings.js'
import type { KeptOpening } from '../store/openings.js'
import type { FullOpenings } from './full-openings.js'
import { type OpeningSource, ofFewSchedules, ofManySchedules, type Wanted } from './opening-sources.js'

/** What is searched, checked. */
export interface SlotSearch {
  readonly calendar: Calendar
  readonly type: ServiceType
  readonly suitable: Suitable
  readonly units: number
  /** Between which moments slots of a schedule's zone begin. */
  readonly spanIn: (zone: string) => Span
  /** After which slot it goes on. */
  readonly after: SlotKey
  readonly kept: 'shown' | 'hidden'
  readonly nowMs: number
  readonly limit: number
}

/** A slot that nobody has. */
export interface FreeSlot extends Span {
  readonly known: KnownSchedule
  readonly isReserved: boolean
  readonly seatsLeft: number
}

/** What was found, and after which slot a further search goes on; undefined: that was all. */
export interface FoundSlots {
  readonly slots: readonly FreeSlot[]
  readonly upTo: SlotKey | undefined
}

interface Needs {
  readonly db: Queryable
  readonly fullOpenings: FullOpenings
}

/** An opening with what is left of its slots, and what is taken of its resources. */
interface Candidate {
  readonly opening: KeptOpening
  readonly known: KnownSchedule
  readonly slots: Iterator<GridSlot>
  slot: GridSlot
  readonly taken: TakenTimes
  /** Whether the search found something in it. */
  hasFree: boolean
}

// Few enough to ask for each of them apart.
const fewSchedules = 200
// A search that finds nothing in so many openings answers what it has, and where to go on.
const mostLooked = 2000
const minuteMs = 60_000

const keyOf = ({ known, slot }: Candidate): SlotKey => ({ startsAtMs: slot.startsAtMs, scheduleNo: known.no })

const sourceOf = (db: Queryable, search: SlotSearch): OpeningSource => {
  const { suitable, calendar, type, units, after, limit, nowMs } = search
  const spans = suitable.zones.map(search.spanIn)
  const untilMs = Math.max(...spans.map(({ endsAtMs }) => endsAtMs))
  const fromMs = Math.min(...spans.map(({ startsAtMs }) => startsAtMs))
  // Schedules count from 1: a slot at the very beginning comes after this.
  const beginning = { startsAtMs: fromMs, scheduleNo: 0 }
  const from = compareKeys(after, beginning) > 0 ? after : beginning
  const lengthMs = meetingMs(type, units)
  const lengths = { lengthMs, stepMs: lengthMs + type.gapMinutes * minuteMs, longestMs: longestOpeningMs(calendar) }
  const wanted: Wanted = { db, suitable, from, untilMs, ...lengths, limit, nowMs }
  return suitable.nos.length <= fewSchedules ? ofFewSchedules(wanted) : ofManySchedules(wanted)
}

/** Puts a candidate where its next slot stands. Answers whether it has one. */
const goOn = (candidate: Candidate, search: SlotSearch, queue: SlotQueue<Candidate>): boolean => {
  const { type, after, kept, nowMs } = search
  const { endsAtMs } = search.spanIn(candidate.known.place.zone)
  for (;;) {
    const next = candidate.slots.next()
    if (next.done || next.value.startsAtMs >= endsAtMs) return false
    if (kept === 'hidden' && next.value.isKept && !isReleased(next.value, type, nowMs)) continue
    candidate.slot = next.value
    if (compareKeys(keyOf(candidate), after) <= 0) continue
    queue.add(keyOf(candidate), candidate)
    return true
  }
}

/** An opening in which a search finds nothing costs every search a look, until it is known to be full. */
const suspect = (needs: Needs, { calendar }: SlotSearch, { known, opening, taken, hasFree }: Candidate): void => {
  if (hasFree) return
  if (isFull(known, offeredBy(known, calendar), opening, taken)) needs.fullOpenings.suspect(opening.openingNo)
}

/** Takes openings that were not known yet into the queue. */
const takeIn = (
  found: readonly FoundOpening[],
  search: SlotSearch,
  known: Set<number>,
  queue: SlotQueue<Candidate>,
): void => {
  for (const { opening, taken } of found) {
    const schedule = search.suitable.byNo.get(opening.scheduleNo)
    if (!schedule || known.has(opening.openingNo)) continue
    known.add(opening.openingNo)
    const { startsAtMs } = search.spanIn(schedule.place.zone)
    const fromMs = Math.max(opening.startsAtMs, startsAtMs, search.after.startsAtMs)
    if (fromMs >= opening.endsAtMs) continue
    const slots = slotsOf({ ...opening, startsAtMs: fromMs }, search.type, search.units)
    const none: GridSlot = { startsAtMs: 0, endsAtMs: 0, isKept: false }
    goOn({ opening, known: schedule, slots, slot: none, taken, hasFree: false }, search, queue)
  }
}

/** Free slots, the earliest first. */
export const findSlots = async (needs: Needs, asked: SlotSearch): Promise<FoundSlots> => {
  const { suitable, type, limit } = asked
  const spans = new Map(suitable.zones.map((zone) => [zone, asked.spanIn(zone)]))
  const search = { ...asked, spanIn: (zone: string) => spans.get(zone) ?? asked.spanIn(zone) }
  if (suitable.schedules.length === 0) return { slots: [], upTo: undefined }
  const source = sourceOf(needs.db, search)
  const queue = new SlotQueue<Candidate>()
  const known = new Set<number>()
  const slots: FreeSlot[] = []
  let last = search.after
  for (;;) {
    const { first } = queue
    const { reached } = source
    if (reached && (!first || compareKeys(first.key, reached) > 0)) {
      // Whatever comes up to here was looked at, also where it has no slot for this search.
      if (known.size >= mostLooked) return { slots, upTo: reached }
      takeIn(await source.more(), search, known, queue)
      continue
    }
    // One more than wanted tells whether a further search finds anything.
    if (!first) return { slots, upTo: undefined }
    const { item } = first
    const left = seatsLeft(item.known, type, item.slot, item.taken)
    if (left > 0) {
      if (slots.length === limit) return { slots, upTo: last }
      const { startsAtMs, endsAtMs, isKept } = item.slot
      const isReserved = isKept && !isReleased(item.slot, type, search.nowMs)
      slots.push({ startsAtMs, endsAtMs, known: item.known, isReserved, seatsLeft: left })
      item.hasFree = true
    }
    last = first.key
    queue.take()
    if (!goOn(item, search, queue)) suspect(needs, search, item)
  }
}
