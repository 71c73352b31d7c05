import { type Calendar, type KnownSchedule, resourceNosOf } from '../domain/calendar.js'
import { horizonOf, type Span } from '../domain/slots.js'
import type { Offered } from './slots.js'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
/** Of a practitioner the gap after a meeting is freed with it. */
const longestGapMs = 120 * minuteMs

type OfferedTypes = ReadonlyMap<string, Offered>

/** What these schedules offer. */
export const offeredBy = (calendar: Calendar, schedules: readonly KnownSchedule[]): OfferedTypes => {
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
export const schedulesBeside = ({ schedules }: Calendar, these: readonly KnownSchedule[]): KnownSchedule[] => {
  const resourceNos = new Set(these.flatMap(resourceNosOf))
  return [...schedules.values()].filter((each) => resourceNosOf(each).some((no) => resourceNos.has(no)))
}

/** When slots begin that could not be there before a time was freed, for the longest of these meetings. */
export const spanAround = ({ startsAtMs, endsAtMs }: Span, types: OfferedTypes): Span => {
  const longest = Math.max(0, ...[...types.values()].map(({ type }) => type.durationMinutes + type.gapMinutes))
  return { startsAtMs: startsAtMs - longest * minuteMs, endsAtMs: endsAtMs + longestGapMs }
}

/** The time in which people can book these. */
export const horizonSpan = (types: OfferedTypes, untilMs: number, nowMs: number): Span => {
  const days = Math.max(0, ...[...types.values()].map(({ type }) => horizonOf(type)))
  // A day more for places that are ahead, and one for a day that has begun.
  return { startsAtMs: nowMs, endsAtMs: Math.min(untilMs + 1, nowMs + (days + 2) * dayMs) }
}
