import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { localStart } from '../domain/local-time.js'
import { channelsOf } from '../domain/slot-wish.js'
import type { FreeSlot } from './slot-search.js'

/** A free slot as it is answered. */
export const slotOf = ({ known, startsAtMs, endsAtMs, isReserved, seatsLeft }: FreeSlot, type: ServiceType): Slot => ({
  scheduleId: known.schedule.scheduleId,
  serviceTypeId: type.serviceTypeId,
  placeId: known.place.placeId,
  startsAtMs,
  endsAtMs,
  localStart: localStart(known.place.zone, startsAtMs),
  zone: known.place.zone,
  channels: channelsOf(known, type),
  isReserved,
  seatsLeft,
  seats: known.schedule.seats,
})
