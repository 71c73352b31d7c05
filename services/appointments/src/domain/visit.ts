import type { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { FieldFault } from '@unefois/proto/hand'
import type { Reason } from '@unefois/proto/reasons'
import { isChain } from './visit-chains.js'

/** Where a visit stands at the agency where it was booked, the coordinator. */
export type VisitStateName = 'pledging' | 'booked' | 'released' | 'cancelled'

/** Where a slot stands that is kept for a visit of another member. */
export type PledgeStateName = 'pledged' | 'booked' | 'released' | 'cancelled'

/** What became of a visit. */
export type VisitOutcome = Exclude<VisitStateName, 'pledging'>

/** What may follow what: a visit that is not pledging any more was decided once, and no other outcome follows. */
export const visitSteps: Readonly<Record<VisitStateName, readonly VisitStateName[]>> = {
  pledging: ['booked', 'released'],
  booked: ['cancelled'],
  released: [],
  cancelled: [],
}

export const pledgeSteps: Readonly<Record<PledgeStateName, readonly PledgeStateName[]>> = {
  pledged: ['booked', 'released', 'cancelled'],
  booked: ['cancelled'],
  released: [],
  cancelled: [],
}

/** How long a visit may be pledging. */
export const decideWithinMs = 30_000

/** No two meetings of a visit have more than this between them. */
export const longestWaitMs = 120 * 60_000

/** How somebody is met in a visit: one meeting follows the other in one place, and no other member knows whom to call or where they live. */
export const channelOfVisit = 1 satisfies MeetingChannel.MEETING_CHANNEL_COUNTER

/** What is wrong with the channel of a meeting that is to be part of a visit; `at` is where its slot stands in the request. */
export const visitChannelFault = (channel: MeetingChannel, at: string): FieldFault | undefined =>
  channel === channelOfVisit
    ? undefined
    : { field: `${at}.channel`, what: 'is the counter, as each meeting of a visit' }

/** How many slots an agency keeps at once for undecided visits of one member. */
export const mostPledgesOfMember = 20

/** One meeting of a visit as the coordinator knows it when it decides. */
export interface LegPledged {
  readonly member: string
  readonly startsAtMs: number
  /** 0 until its agency has pledged it. */
  readonly endsAtMs: number
  /** Why its agency does not keep the slot; undefined while nothing speaks against it. */
  readonly refusal: Reason | undefined
}

export type VisitDecision =
  | { readonly state: 'booked' }
  | { readonly state: 'released'; readonly refusedBy: string; readonly refusedBecause: Reason }

/** Booked where every agency has pledged in time and the meetings can follow each other; released otherwise. */
export const decideVisit = (
  legs: readonly LegPledged[],
  { coordinator, decideByMs }: { readonly coordinator: string; readonly decideByMs: number },
  nowMs: number,
): VisitDecision => {
  const released = (refusedBy: string, refusedBecause: Reason) =>
    ({ state: 'released', refusedBy, refusedBecause }) as const
  const refusing = legs.find(({ refusal }) => refusal !== undefined)
  if (refusing?.refusal !== undefined) return released(refusing.member, refusing.refusal)
  if (decideByMs <= nowMs) return released(coordinator, 'DEADLINE_EXCEEDED')
  const unanswered = legs.find(({ endsAtMs }) => endsAtMs === 0)
  if (unanswered) return released(unanswered.member, 'PROVIDER_UNREACHABLE')
  return isChain(legs, longestWaitMs) ? { state: 'booked' } : released(coordinator, 'VISIT_INVALID')
}

/** What a member that asks is told: a visit that is not known was never booked. */
export const outcomeTold = (state: VisitStateName | undefined): VisitStateName => state ?? 'released'

/** What is to be done for a pledge that is asked for: taken; answered as it was before; or refused, because the visit has ended. */
export const pledgeAsked = (state: PledgeStateName | undefined): 'take' | 'again' | 'ended' => {
  if (state === undefined) return 'take'
  return state === 'pledged' || state === 'booked' ? 'again' : 'ended'
}

/** What hearing of an outcome does to a pledge. */
export interface PledgeTold {
  readonly state: PledgeStateName
  /** Of its meeting: it is booked, its slot is free again, or nothing changes. */
  readonly meeting: 'book' | 'free' | 'none'
}

/**
 * What becomes of a pledge. One that is not here takes the outcome too, so that it is refused should it still arrive. What was
 * heard before, or does not follow, changes nothing.
 */
export const pledgeTold = (state: PledgeStateName | undefined, outcome: VisitOutcome): PledgeTold => {
  if (state === undefined) return { state: outcome, meeting: 'none' }
  if (!pledgeSteps[state].includes(outcome)) return { state, meeting: 'none' }
  return { state: outcome, meeting: outcome === 'booked' ? 'book' : 'free' }
}

const firstPauseMs = 60_000
const longestPauseMs = 3_600_000

/** How long a member waits before it asks, for the first time and after so many questions without an answer. */
export const askAgainMs = (asked: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(asked, 10))
