import type { WalkInPlace } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { AppointmentsContext } from '../context.js'
import type { KnownSchedule } from '../domain/calendar.js'
import { localDay, spanOfDays } from '../domain/local-time.js'
import { placeShown } from '../domain/place-shown.js'
import { united } from '../domain/slots.js'

/** Where one is seen today by these schedules without an appointment, from now on; places that are closed for today are left out. */
export const walkInPlaces = async (
  { openings }: Pick<AppointmentsContext, 'openings'>,
  schedules: readonly KnownSchedule[],
  nowMs: number,
): Promise<WalkInPlace[]> => {
  const found: WalkInPlace[] = []
  for (const place of new Set(schedules.map((known) => known.place))) {
    const nos = schedules.filter((known) => known.place === place).map(({ no }) => no)
    const today = localDay(place.zone, nowMs)
    const rest = { ...spanOfDays(place.zone, today, today), startsAtMs: nowMs }
    const hours = united(await openings.meeting(nos, rest)).map(({ startsAtMs, endsAtMs }) => ({
      fromMs: Math.max(startsAtMs, nowMs),
      toMs: endsAtMs,
    }))
    const { placeId, title, address, telephone } = placeShown(place)
    if (hours.length > 0) found.push({ placeId, title, address, telephone, hours })
  }
  return found
}
