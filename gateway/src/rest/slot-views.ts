import type { SlotChosen } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Slot, WalkInPlace } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { z } from 'zod'
import { channelView, meetingChannelOf } from './calendar-views.js'
import { textOf } from './eligibility-views.js'
import { msOf } from './list-query.js'
import type { slot, slotChosen, walkInPlace } from './slot-schemas.js'
import { instantOf } from './views.js'

export type SlotView = z.infer<typeof slot>
export type WalkInPlaceView = z.infer<typeof walkInPlace>

export const slotView = (one: Slot): SlotView => ({
  scheduleId: one.scheduleId,
  serviceTypeId: one.serviceTypeId,
  placeId: one.placeId,
  startsAt: instantOf(one.startsAtMs),
  endsAt: instantOf(one.endsAtMs),
  localStart: one.localStart,
  zone: one.zone,
  channels: one.channels.map(channelView),
  isReserved: one.isReserved,
  seatsLeft: one.seatsLeft,
  seats: one.seats,
})

export const walkInPlaceView = (one: WalkInPlace): WalkInPlaceView => ({
  placeId: one.placeId,
  title: textOf(one.title),
  address: one.address,
  telephone: one.telephone,
  hours: one.hours.map(({ fromMs, toMs }) => ({ from: instantOf(fromMs), to: instantOf(toMs) })),
})

/** A slot that somebody chose, as the contract takes it. */
export const slotChosenOf = (given: z.infer<typeof slotChosen>): SlotChosen => ({
  scheduleId: given.scheduleId,
  serviceTypeId: given.serviceTypeId,
  startsAtMs: msOf(given.startsAt),
  units: given.units,
  channel: meetingChannelOf[given.channel],
})
