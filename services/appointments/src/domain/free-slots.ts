import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { KnownSchedule } from './calendar.js'
import { groupSessionId } from './meeting.js'
import { meets, type Opening, type Span, slotsOf } from './slots.js'

/** A time that a meeting takes of a resource. */
export interface Taken extends Span {
  readonly lane: number
  readonly sessionId: string
  readonly seat: number
  /** Of a hold; undefined: it stands. */
  readonly expiresAtMs: number | undefined
}

/** By the number of the resource. */
export type TakenTimes = ReadonlyMap<number, readonly Taken[]>

const minuteMs = 60_000
/** People or documents that one meeting is for at most. */
const mostUnits = 10

const nothing: readonly Taken[] = []

/** Whether somebody else's meeting takes the resource at some of that time. */
const isTaken = (times: readonly Taken[], span: Span, ownSession: string | undefined): boolean =>
  times.some((each) => meets(each, span) && each.sessionId !== ownSession)

/** Whether a lane is free all the time; lanes that a room no longer has are none. */
const hasLane = (times: readonly Taken[], lanes: number, span: Span, ownSession: string | undefined): boolean => {
  const taken = new Set<number>()
  for (const each of times)
    if (each.lane < lanes && meets(each, span) && each.sessionId !== ownSession) taken.add(each.lane)
  return taken.size < lanes
}

/** How many more can come to a slot: 0 where it is taken, otherwise 1, or the seats that a group has left. */
export const seatsLeft = (
  { no, schedule, practitioner, room }: KnownSchedule,
  type: Pick<ServiceType, 'serviceTypeId' | 'gapMinutes'>,
  { startsAtMs, endsAtMs }: Span,
  taken: TakenTimes,
): number => {
  const slot = { startsAtMs, endsAtMs }
  const ownSession = schedule.seats > 1 ? groupSessionId(no, type.serviceTypeId, slot) : undefined
  const ofPractitioner = (practitioner && taken.get(practitioner.no)) ?? nothing
  const withGap = { startsAtMs, endsAtMs: endsAtMs + type.gapMinutes * minuteMs }
  if (isTaken(ofPractitioner, withGap, ownSession)) return 0
  const ofRoom = (room && taken.get(room.no)) ?? nothing
  if (room && !hasLane(ofRoom, room.of.lanes, slot, ownSession)) return 0
  if (ownSession === undefined) return 1
  const seats = (practitioner ? ofPractitioner : ofRoom).filter(({ sessionId }) => sessionId === ownSession)
  return Math.max(0, schedule.seats - new Set(seats.map(({ seat }) => seat)).size)
}

/** For how many units something can be free where nothing is for any fewer: their slots begin elsewhere where gaps lie between them. */
const unitsOf = ({ gapMinutes }: ServiceType, { schedule }: KnownSchedule): number[] =>
  gapMinutes === 0 || schedule.seats > 1 ? [1] : Array.from({ length: mostUnits }, (_, nth) => nth + 1)

/**
 * Whether nothing of an opening is free for any of its service types, as where it is too short for each of them. Holds count as free: they end by themselves, and nobody says so then.
 */
export const isFull = (
  known: KnownSchedule,
  types: readonly ServiceType[],
  opening: Opening,
  taken: TakenTimes,
): boolean => {
  const standing = new Map(
    [...taken].map(([no, times]) => [no, times.filter(({ expiresAtMs }) => expiresAtMs === undefined)]),
  )
  const isFree = (type: ServiceType, units: number): boolean => {
    for (const slot of slotsOf(opening, type, units)) if (seatsLeft(known, type, slot, standing) > 0) return true
    return false
  }
  return !types.some((type) => unitsOf(type, known).some((units) => isFree(type, units)))
}
