import type { MeetingChannel, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { isOpenToBook } from './booking-rules.js'
import { isReleased } from './slots.js'

/** What somebody waits for, and what they did not take of it. */
export interface Wish {
  readonly serviceTypeId: string
  /** None: anywhere. */
  readonly placeIds: readonly string[]
  /** Undefined: any. */
  readonly channel: MeetingChannel | undefined
  readonly fromDay: string
  readonly toDay: string
  readonly isAccompanied: boolean
  /** Beginnings that were offered to them and not taken: no slot of that time is offered again. */
  readonly passedMs: readonly number[]
}

type OfType = Pick<ServiceType, 'noticeMinutes' | 'horizonDays' | 'reservedUntilHours'>

const minuteMs = 60_000
const usualOfferMinutes = 120

/** Until when a person could book a slot by themselves; this moment is not in it. */
const bookableUntilMs = (
  { startsAtMs }: Pick<Slot, 'startsAtMs'>,
  { noticeMinutes }: Pick<OfType, 'noticeMinutes'>,
): number => startsAtMs - noticeMinutes * minuteMs

/** Whether a free slot is one that somebody waits for, and that they may still have. */
export const fits = (wish: Wish, slot: Slot, type: OfType, nowMs: number): boolean => {
  const day = slot.localStart.slice(0, 10)
  return (
    slot.serviceTypeId === wish.serviceTypeId &&
    (wish.placeIds.length === 0 || wish.placeIds.includes(slot.placeId)) &&
    (wish.channel === undefined || slot.channels.includes(wish.channel)) &&
    wish.fromDay <= day &&
    day <= wish.toDay &&
    !wish.passedMs.includes(slot.startsAtMs) &&
    (!slot.isReserved || wish.isAccompanied || isReleased(slot, type, nowMs)) &&
    nowMs < bookableUntilMs(slot, type) &&
    isOpenToBook(slot, type, slot.zone, nowMs)
  )
}

/** Until when a slot is held for an answer: never longer than a person could book it. */
export const offerEndMs = (
  slot: Pick<Slot, 'startsAtMs'>,
  type: Pick<OfType, 'noticeMinutes'>,
  offerMinutes: number,
  nowMs: number,
): number => Math.min(nowMs + (offerMinutes || usualOfferMinutes) * minuteMs, bookableUntilMs(slot, type))
