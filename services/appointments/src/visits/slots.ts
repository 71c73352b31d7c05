import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { OfferVisitSlotsRequest } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { knownType } from '../booking/chosen-meeting.js'
import type { AppointmentsContext } from '../context.js'
import { daysBetween, localDay } from '../domain/local-time.js'
import { daysRefusal, searchedSpan } from '../domain/search-days.js'
import { suitableSchedules } from '../domain/slot-wish.js'
import { channelOfVisit } from '../domain/visit.js'
import { mostSlotsOfWish } from '../domain/visit-chains.js'
import { findSlots } from '../search/slot-search.js'
import { slotOf } from '../search/slot-view.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'book' | 'openings' | 'fullOpenings'>

/** How the place and the days of a search for visits must look. */
export const visitWhere = { sharedPlace: z.string().min(1).max(64), fromDay: z.iso.date(), toDay: z.iso.date() }

const mostDays = 31

/** Error: RANGE_INVERTED, RANGE_TOO_LONG, TIME_PASSED. */
const requireDays = ({ fromDay, toDay }: Pick<OfferVisitSlotsRequest, 'fromDay' | 'toDay'>, today: string): void => {
  const refusal = daysRefusal({ from: fromDay, to: toDay }, today)
  if (refusal) throw new MeshError(refusal.reason, { facts: refusal.facts })
  if (daysBetween(fromDay, toDay) >= mostDays)
    throw new MeshError('RANGE_TOO_LONG', { facts: { field: 'toDay', most: String(mostDays) } })
}

/**
 * The free slots of a service type at the counters of a shared place that have the accessibility and the language wanted, the earliest
 * 200: what a person may book, or an agent of this agency. Errors: SERVICE_TYPE_UNKNOWN; PLACE_UNKNOWN for a shared place in which this agency is not; RANGE_INVERTED, RANGE_TOO_LONG,
 * TIME_PASSED.
 */
export const visitSlots = async (
  { runtime, book, fullOpenings }: Needs,
  wanted: OfferVisitSlotsRequest,
  by: 'person' | 'agent' = 'person',
): Promise<Slot[]> => {
  const nowMs = Math.floor(runtime.clock.nowMs())
  const calendar = await book.current()
  const type = knownType(calendar, wanted.serviceTypeId)
  const places = [...calendar.places.values()].filter(
    ({ sharedPlace, isConfidential }) => sharedPlace === wanted.sharedPlace && !isConfidential,
  )
  const [place] = places
  if (!place) throw new MeshError('PLACE_UNKNOWN')
  requireDays(wanted, localDay(place.zone, nowMs))
  if (type.isUrgent) return []
  const suitable = suitableSchedules(calendar.offering.get(type.serviceTypeId) ?? [], {
    serviceType: type,
    placeIds: places.map(({ placeId }) => placeId),
    near: undefined,
    channel: channelOfVisit,
    accessibility: wanted.accessibility,
    language: wanted.language,
    units: 1,
  })
  const days = { from: wanted.fromDay, to: wanted.toDay }
  const { slots } = await findSlots(
    { db: runtime.postgres, fullOpenings },
    {
      ...{ calendar, type, suitable, nowMs, units: 1, limit: mostSlotsOfWish },
      after: { startsAtMs: 0, scheduleNo: 0 },
      spanIn: (zone) => searchedSpan(zone, days, nowMs, by === 'agent' ? undefined : type),
      kept: by === 'agent' || wanted.isAccompanied ? 'shown' : 'hidden',
    },
  )
  return slots.map((slot) => slotOf(slot, type))
}
