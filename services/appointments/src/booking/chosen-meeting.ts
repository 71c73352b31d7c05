import type { Queryable } from '@unefois/chassis/postgres'
import type { SlotChosen } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { invalid, requireNone } from '../appointment/refusals.js'
import { type SlotWish, slotRefusal } from '../domain/booking-rules.js'
import type { Calendar, KnownSchedule } from '../domain/calendar.js'
import type { Meeting } from '../domain/meeting.js'
import { meetingMs, slotsOf } from '../domain/slots.js'

type Needs = Pick<AppointmentNeeds, 'openings' | 'runtime'>

/** The service type of this id. Error: SERVICE_TYPE_UNKNOWN, also for a retired one. */
export const knownType = ({ serviceTypes }: Calendar, serviceTypeId: string): ServiceType => {
  const type = serviceTypes.get(serviceTypeId)
  if (!type || type.isRetired) throw new MeshError('SERVICE_TYPE_UNKNOWN')
  return type
}

const scheduleOf = ({ schedules }: Calendar, { scheduleId, serviceTypeId }: SlotChosen): KnownSchedule => {
  const known = schedules.get(scheduleId)
  const isOffered = known && !known.schedule.isRetired && known.schedule.serviceTypeIds.includes(serviceTypeId)
  if (!isOffered) throw new MeshError('SLOT_UNKNOWN')
  return known
}

/** How many people or documents. */
export const unitsOf = ({ units }: Pick<SlotChosen, 'units'>): number => units || 1

/** What somebody wants to book, before anything is read from the database. */
export interface Choice {
  readonly slot: SlotChosen
  readonly type: ServiceType
  /** Where the slot stands in the request. */
  readonly field: string
  readonly wish: Pick<SlotWish, 'way' | 'isAccompanied'>
}

const requireChannel = ({ slot, type, field }: Choice, { schedule }: KnownSchedule): void => {
  const { channel } = slot
  if (!type.channels.includes(channel) || !schedule.channels.includes(channel))
    throw invalid({ field: `${field}.channel`, what: 'is one that the service type and the schedule offer' })
}

/**
 * The meeting that somebody chose, which is a slot of the grid and open to them; whether it is free is for the claims to say. Errors:
 * SLOT_UNKNOWN, TIME_PASSED, SLOT_NOT_OPEN, SLOT_RESERVED, APPOINTMENT_INVALID naming the field.
 */
export const meetingChosen = async (
  { openings, runtime }: Needs,
  calendar: Calendar,
  choice: Choice,
  db: Queryable,
): Promise<Meeting> => {
  const { slot, type, field, wish } = choice
  const schedule = scheduleOf(calendar, slot)
  requireChannel(choice, schedule)
  const units = unitsOf(slot)
  if (schedule.schedule.seats > 1 && units > 1) throw invalid({ field: `${field}.units`, what: 'is 1 for a group' })
  const startsAtMs = slot.startsAtMs
  const span = { startsAtMs, endsAtMs: startsAtMs + meetingMs(type, units) }
  const nowMs = Math.floor(runtime.clock.nowMs())
  if (startsAtMs <= nowMs) throw new MeshError('TIME_PASSED')
  const opening = await openings.containing(db, schedule.no, span)
  const onGrid = opening && [...slotsOf(opening, type, units)].find((each) => each.startsAtMs === startsAtMs)
  if (!onGrid) throw new MeshError('SLOT_UNKNOWN')
  requireNone(slotRefusal(onGrid, type, { ...wish, zone: schedule.place.zone, nowMs }))
  return { ...span, schedule, type, units, channel: slot.channel }
}
