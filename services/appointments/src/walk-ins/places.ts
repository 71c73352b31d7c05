import type { Place } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { WalkInPlace } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { AppointmentsContext } from '../context.js'
import type { KnownSchedule } from '../domain/calendar.js'
import { localDay, spanOfDays } from '../domain/local-time.js'
import { placeShown } from '../domain/place-shown.js'
import { type Span, united } from '../domain/slots.js'

const endOfDay = (zone: string, nowMs: number): number => {
  const today = localDay(zone, nowMs)
  return spanOfDays(zone, today, today).endsAtMs
}

/** Where one is seen today by these schedules without an appointment, from now on; places that are closed for today are left out. */
export const walkInPlaces = async (
  { openings }: Pick<AppointmentsContext, 'openings'>,
  schedules: readonly KnownSchedule[],
  nowMs: number,
): Promise<WalkInPlace[]> => {
  const spans = new Map<Place, Span[]>(schedules.map(({ place }) => [place, []]))
  const endsAtMs = new Map([...spans.keys()].map((place) => [place, endOfDay(place.zone, nowMs)]))
  const byNo = new Map(schedules.map((known) => [known.no, known]))
  // Today ends last where the clocks are furthest behind.
  const rest = { startsAtMs: nowMs, endsAtMs: Math.max(nowMs, ...endsAtMs.values()) }
  for (const opening of await openings.meeting([...byNo.keys()], rest)) {
    const place = byNo.get(opening.scheduleNo)?.place
    if (place && opening.startsAtMs < (endsAtMs.get(place) ?? nowMs)) spans.get(place)?.push(opening)
  }
  return [...spans].flatMap(([place, today]) => {
    const hours = united(today).map((each) => ({ fromMs: Math.max(each.startsAtMs, nowMs), toMs: each.endsAtMs }))
    const { placeId, title, address, telephone } = placeShown(place)
    return hours.length > 0 ? [{ placeId, title, address, telephone, hours }] : []
  })
}
