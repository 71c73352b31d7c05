import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { AfterFreed } from '../booking/freed.js'
import { type Calendar, type KnownSchedule, resourceNosOf } from '../domain/calendar.js'
import { horizonOf, type Span } from '../domain/slots.js'
import type { KeptWaiting } from '../domain/waiting.js'
import type { ServingNeeds } from './needs.js'
import { serveInOrder } from './serve.js'
import { settleOffers } from './settle.js'
import type { Offered } from './slots.js'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
/** Of a practitioner the gap after a meeting is freed with it. */
const longestGapMs = 120 * minuteMs

/** What these schedules offer. */
const offeredBy = (calendar: Calendar, schedules: readonly KnownSchedule[]): ReadonlyMap<string, Offered> => {
  const nos = new Set(schedules.map(({ no }) => no))
  const ids = new Set(schedules.flatMap(({ schedule }) => schedule.serviceTypeIds))
  const offered = [...ids].flatMap((id): [string, Offered][] => {
    const type = calendar.serviceTypes.get(id)
    const offering = (calendar.offering.get(id) ?? []).filter(({ no }) => nos.has(no))
    return type && !type.isUrgent && offering.length > 0 ? [[id, { type, schedules: offering }]] : []
  })
  return new Map(offered)
}

/** The schedules that have a resource in common with these: what takes the one is taken of the other. */
const schedulesBeside = ({ schedules }: Calendar, these: readonly KnownSchedule[]): KnownSchedule[] => {
  const resourceNos = new Set(these.flatMap(resourceNosOf))
  return [...schedules.values()].filter((each) => resourceNosOf(each).some((no) => resourceNos.has(no)))
}

/** When slots begin that could not be there before a time was freed, for the longest of these meetings. */
const spanAround = ({ startsAtMs, endsAtMs }: Span, types: ReadonlyMap<string, Offered>): Span => {
  const longest = Math.max(0, ...[...types.values()].map(({ type }) => type.durationMinutes + type.gapMinutes))
  return { startsAtMs: startsAtMs - longest * minuteMs, endsAtMs: endsAtMs + longestGapMs }
}

/** The time in which people can book these. */
const horizonSpan = (types: ReadonlyMap<string, Offered>, untilMs: number, nowMs: number): Span => {
  const days = Math.max(0, ...[...types.values()].map(({ type }) => horizonOf(type)))
  // A day more for places that are ahead, and one for a day that has begun.
  return { startsAtMs: nowMs, endsAtMs: Math.min(untilMs + 1, nowMs + (days + 2) * dayMs) }
}

/** Everything that somebody may wait for: service types, until when, and how many slots are given at most. */
export interface Wanted {
  readonly serviceTypeIds: readonly string[]
  readonly untilMs: number
  readonly most: number
}

const serveWanted = async (
  needs: ServingNeeds,
  tx: Transaction,
  calendar: Calendar,
  { serviceTypeIds, untilMs, most }: Wanted,
): Promise<OutgoingEvent[]> => {
  const offering = serviceTypeIds.flatMap((id) => calendar.offering.get(id) ?? [])
  const types = offeredBy(calendar, schedulesBeside(calendar, offering))
  const nowMs = Math.floor(needs.runtime.clock.nowMs())
  return serveInOrder(needs, tx, { calendar, types, span: horizonSpan(types, untilMs, nowMs) }, most)
}

/** The same for those who go on waiting, of whom no slot is kept any more. */
const wantedBy = (waits: readonly KeptWaiting[]): Wanted => ({
  serviceTypeIds: [...new Set(waits.map(({ serviceTypeId }) => serviceTypeId))],
  untilMs: Math.max(0, ...waits.map(({ untilMs }) => untilMs)),
  most: Number.POSITIVE_INFINITY,
})

/** Gives what became free, and what is free beside it, to who waits for it. */
export const serveFreed =
  (needs: ServingNeeds): AfterFreed =>
  async (tx, { scheduleNo, span }) => {
    if (!(await needs.waiting.isAnybodyThere(tx))) return []
    await needs.waiting.lockList(tx)
    const waits = await settleOffers(needs, tx)
    const calendar = await needs.book.current(tx)
    const freed = calendar.schedulesByNo.get(scheduleNo)
    const types = offeredBy(calendar, freed ? schedulesBeside(calendar, [freed]) : [])
    const searched = { calendar, types, span: spanAround(span, types) }
    const events = await serveInOrder(needs, tx, searched, Number.POSITIVE_INFINITY)
    return waits.length === 0 ? events : [...events, ...(await serveWanted(needs, tx, calendar, wantedBy(waits)))]
  }

/**
 * Gives slots to who waits for these service types, or for what is taken from the same people and rooms, of all that is free by now.
 * The transaction has locked the list, and adds the events.
 */
export const serveTypes = async (needs: ServingNeeds, tx: Transaction, wanted: Wanted): Promise<OutgoingEvent[]> => {
  const also = wantedBy(await settleOffers(needs, tx))
  const calendar = await needs.book.current(tx)
  return serveWanted(needs, tx, calendar, {
    serviceTypeIds: [...new Set([...wanted.serviceTypeIds, ...also.serviceTypeIds])],
    untilMs: Math.max(wanted.untilMs, also.untilMs),
    most: wanted.most,
  })
}
