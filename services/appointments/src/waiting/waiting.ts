import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { AfterFreed } from '../booking/freed.js'
import type { Calendar, KnownSchedule } from '../domain/calendar.js'
import type { KeptWaiting } from '../domain/waiting.js'
import type { ServingNeeds } from './needs.js'
import { horizonSpan, offeredBy, schedulesBeside, spanAround } from './offered.js'
import { serveInOrder } from './serve.js'
import { settleOffers } from './settle.js'
import type { Bound } from './slots.js'

/** As much as there is. */
export const noBound: Bound = { given: Number.POSITIVE_INFINITY, looks: Number.POSITIVE_INFINITY }

/** Everything that somebody may wait for: service types, until when, and how much is given at most. */
export interface Wanted {
  readonly serviceTypeIds: readonly string[]
  readonly untilMs: number
  readonly bound: Bound
}

const serveWanted = async (
  needs: ServingNeeds,
  tx: Transaction,
  calendar: Calendar,
  { serviceTypeIds, untilMs, bound }: Wanted,
): Promise<OutgoingEvent[]> => {
  const offering = serviceTypeIds.flatMap((id) => calendar.offering.get(id) ?? [])
  const types = offeredBy(calendar, schedulesBeside(calendar, offering))
  const nowMs = Math.floor(needs.runtime.clock.nowMs())
  return serveInOrder(needs, tx, { calendar, types, span: horizonSpan(types, untilMs, nowMs) }, bound)
}

/** The same for those who go on waiting, of whom no slot is kept any more. */
const wantedBy = (waits: readonly KeptWaiting[], bound: Bound): Wanted => ({
  serviceTypeIds: [...new Set(waits.map(({ serviceTypeId }) => serviceTypeId))],
  untilMs: Math.max(0, ...waits.map(({ untilMs }) => untilMs)),
  bound,
})

/** Gives what became free, and what is free beside it, to who waits for it. */
export const serveFreed =
  (needs: ServingNeeds): AfterFreed =>
  async (tx, { scheduleNo, span }) => {
    if (!(await needs.waiting.lockIfAnybody(tx))) return []
    const waits = await settleOffers(needs, tx)
    const calendar = await needs.book.current(tx)
    const freed = calendar.schedulesByNo.get(scheduleNo)
    const types = offeredBy(calendar, freed ? schedulesBeside(calendar, [freed]) : [])
    const searched = { calendar, types, span: spanAround(span, types) }
    const events = await serveInOrder(needs, tx, searched, noBound)
    return waits.length === 0
      ? events
      : [...events, ...(await serveWanted(needs, tx, calendar, wantedBy(waits, noBound)))]
  }

/**
 * Gives slots to who waits for these service types, or for what is taken from the same people and rooms, of all that is free by now.
 * The transaction has locked the list, and adds the events.
 */
export const serveTypes = async (needs: ServingNeeds, tx: Transaction, wanted: Wanted): Promise<OutgoingEvent[]> => {
  const also = wantedBy(await settleOffers(needs, tx), wanted.bound)
  const calendar = await needs.book.current(tx)
  return serveWanted(needs, tx, calendar, {
    serviceTypeIds: [...new Set([...wanted.serviceTypeIds, ...also.serviceTypeIds])],
    untilMs: Math.max(wanted.untilMs, also.untilMs),
    bound: wanted.bound,
  })
}

/**
 * Gives what these schedules have opened to who waits for it, and to whom an offer is open no more. The transaction has opened them and
 * has not committed: the calendar is the one that it wrote.
 */
export const serveOpenings = async (
  needs: ServingNeeds,
  tx: Transaction,
  { calendar, schedules }: { readonly calendar: Calendar; readonly schedules: readonly KnownSchedule[] },
  bound: Bound,
): Promise<OutgoingEvent[]> => {
  if (!(await needs.waiting.lockIfAnybody(tx))) return []
  const waits = await settleOffers(needs, tx)
  const types = offeredBy(calendar, schedules)
  const span = horizonSpan(types, Number.MAX_SAFE_INTEGER, Math.floor(needs.runtime.clock.nowMs()))
  const events = await serveInOrder(needs, tx, { calendar, types, span }, bound)
  return waits.length === 0 ? events : [...events, ...(await serveWanted(needs, tx, calendar, wantedBy(waits, bound)))]
}
