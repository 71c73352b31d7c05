import type { Booker, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Reason } from '@unefois/proto/reasons'
import { motiveOf } from './appointment.js'
import { dayAfter, localDay } from './local-time.js'
import { type GridSlot, isReleased, type Span } from './slots.js'

/**
 * By which way somebody books: by their own token, through an agent or a helper, by a link or a pre-application without an account, or
 * by the secret of the appointment that they have already.
 */
export type BookingWay = 'person' | 'agent' | 'helper' | 'link' | 'pre-application' | 'secret'

const anybody: readonly BookingWay[] = ['person', 'agent', 'helper', 'link', 'pre-application', 'secret']
const whoIsKnown: readonly BookingWay[] = ['person', 'agent', 'helper', 'secret']
const agents: readonly BookingWay[] = ['agent']

const anybodyBooks = 1 satisfies Booker.BOOKER_ANYBODY
const personBooks = 2 satisfies Booker.BOOKER_PERSON

/** The ways by which a service type is booked; where nobody is named, agents book it. */
const allowedWays = (booker: Booker): readonly BookingWay[] => {
  if (booker === anybodyBooks) return anybody
  return booker === personBooks ? whoIsKnown : agents
}

/** Why somebody who comes by this way does not book this, whatever the slot. */
export const bookerRefusal = (
  { booker, isUrgent, isRetired }: Pick<ServiceType, 'booker' | 'isUrgent' | 'isRetired'>,
  way: BookingWay,
): Reason | undefined => {
  if (isRetired) return 'SERVICE_TYPE_UNKNOWN'
  if (isUrgent) return 'URGENT_SEEN_TODAY'
  return allowedWays(booker).includes(way) ? undefined : 'BOOKING_NOT_ALLOWED'
}

/** Whether these are more meetings of one motive than a person may book by themselves at once. */
export const isAboveSeries = (
  types: readonly Pick<ServiceType, 'serviceTypeId' | 'motive' | 'longestSeries'>[],
): boolean => {
  const counts = new Map<string, number>()
  return types.some((type) => {
    const count = (counts.get(motiveOf(type)) ?? 0) + 1
    counts.set(motiveOf(type), count)
    return count > Math.max(1, type.longestSeries)
  })
}

const minuteMs = 60_000
const usualHorizonDays = 90

type Notice = Pick<ServiceType, 'noticeMinutes' | 'horizonDays'>

/** Whether who books by themselves may book a time now: long enough ahead, and not too long. */
export const isOpenToBook = (
  { startsAtMs }: Pick<Span, 'startsAtMs'>,
  { noticeMinutes, horizonDays }: Notice,
  zone: string,
  nowMs: number,
): boolean =>
  startsAtMs - nowMs >= noticeMinutes * minuteMs &&
  localDay(zone, startsAtMs) <= dayAfter(localDay(zone, nowMs), horizonDays || usualHorizonDays)

/** How and where a slot is wanted. */
export interface SlotWish {
  readonly way: BookingWay
  /** Stated by the person or who helps them. */
  readonly isAccompanied: boolean
  /** Of the place. */
  readonly zone: string
  readonly nowMs: number
}

/** Why a slot of the grid is not for this one, whether it is taken or not. An agent books any that has not passed. */
export const slotRefusal = (
  slot: GridSlot,
  type: Notice & Pick<ServiceType, 'reservedUntilHours'>,
  { way, isAccompanied, zone, nowMs }: SlotWish,
): Reason | undefined => {
  if (slot.startsAtMs <= nowMs) return 'TIME_PASSED'
  if (way === 'agent') return undefined
  if (!isOpenToBook(slot, type, zone, nowMs)) return 'SLOT_NOT_OPEN'
  const isKeptFromThem = slot.isKept && !isAccompanied && !isReleased(slot, type, nowMs)
  return isKeptFromThem ? 'SLOT_RESERVED' : undefined
}

/** Why somebody may not move or cancel an appointment any more; an agent always may. */
export const changeRefusal = (
  { startsAtMs }: Pick<Span, 'startsAtMs'>,
  { changeUntilMinutes }: Pick<ServiceType, 'changeUntilMinutes'>,
  way: BookingWay,
  nowMs: number,
): Reason | undefined =>
  way === 'agent' || startsAtMs - nowMs > changeUntilMinutes * minuteMs ? undefined : 'CHANGE_TOO_LATE'
