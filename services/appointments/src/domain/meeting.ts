import type { MeetingChannel, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { KnownSchedule } from './calendar.js'
import type { Span } from './slots.js'

/** Somebody seen at a slot of a schedule. */
export interface Meeting extends Span {
  readonly schedule: KnownSchedule
  readonly type: ServiceType
  readonly units: number
  readonly channel: MeetingChannel
}

/** What one meeting wants of one resource. */
export interface WantedClaim extends Span {
  /** Of the appointment or the ticket. */
  readonly holderId: string
  readonly resourceNo: number
  /** How many meetings the resource holds at once. */
  readonly lanes: number
  /** Meetings of one session may share a lane. */
  readonly sessionId: string
  /** How many may be in the session. */
  readonly seats: number
  /** Of a hold. */
  readonly expiresAtMs: number | undefined
}

/** Who has a meeting, and until when if it ends by itself. */
export interface Holder {
  readonly holderId: string
  readonly expiresAtMs: number | undefined
  /** The session of the same appointment's former slot, which the new one may overlap. */
  readonly formerSessionId?: string | undefined
}

/** FNV-1a, 32 bits. */
const shortHash = (text: string): number => {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0').slice(-digits)

/** The session that everybody shares who comes to the same group, a UUID: the same for each of them, without anybody looking it up. */
export const groupSessionId = (scheduleNo: number, serviceTypeId: string, { startsAtMs, endsAtMs }: Span): string => {
  const minutes = Math.floor((endsAtMs - startsAtMs) / 60_000)
  const type = hex(shortHash(serviceTypeId), 8)
  return [hex(scheduleNo, 8), hex(minutes, 4), type.slice(0, 4), type.slice(4), hex(startsAtMs, 12)].join('-')
}

const isGroup = ({ schedule }: Pick<KnownSchedule, 'schedule'>): boolean => schedule.seats > 1

/** A moved meeting sits beside itself for a moment. */
const ownSeats = 2

const sessionOf = ({ schedule, type, ...span }: Meeting, { formerSessionId }: Holder, freshId: string) => {
  if (isGroup(schedule))
    return { sessionId: groupSessionId(schedule.no, type.serviceTypeId, span), seats: schedule.schedule.seats }
  return { sessionId: formerSessionId ?? freshId, seats: ownSeats }
}

/**
 * What a meeting takes: its practitioner until the gap after it is over, and its room. A meeting of its own has the fresh id, a UUID, as
 * its session.
 */
export const claimsOf = (meeting: Meeting, holder: Holder, freshId: string): readonly WantedClaim[] => {
  const { schedule, type, startsAtMs, endsAtMs } = meeting
  const { holderId, expiresAtMs } = holder
  const common = { holderId, expiresAtMs, startsAtMs, ...sessionOf(meeting, holder, freshId) }
  const { practitioner, room } = schedule
  return [
    ...(practitioner
      ? [{ ...common, resourceNo: practitioner.no, lanes: 1, endsAtMs: endsAtMs + type.gapMinutes * 60_000 }]
      : []),
    ...(room ? [{ ...common, resourceNo: room.no, lanes: room.of.lanes, endsAtMs }] : []),
  ]
}

export const compareClaims = (a: WantedClaim, b: WantedClaim): number =>
  a.resourceNo - b.resourceNo || a.startsAtMs - b.startsAtMs

/**
 * The order in which every transaction takes claims, by resource and then by time: then of two that wait for each other's claims one
 * came first with all of them.
 */
export const inClaimOrder = (claims: readonly WantedClaim[]): readonly WantedClaim[] => [...claims].sort(compareClaims)
