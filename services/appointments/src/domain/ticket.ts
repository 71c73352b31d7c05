import type { Span } from './slots.js'

/** Where a ticket stands; a waiting or called one is open. */
export type TicketStateName = 'waiting' | 'called' | 'seen' | 'left'

/** Nobody is called for less. */
export const shortestCallMs = 5 * 60_000

/**
 * Until when a call takes the practitioner's time: as long as the meeting lasts, at most up to what takes them next. An opening that
 * ends within the shortest call bounds nothing, so that whoever still waits then can be called. Undefined where too little is left.
 */
export const callEndMs = (
  nowMs: number,
  meetingMs: number,
  taken: readonly Span[],
  opening: Span | undefined,
): number | undefined => {
  const ahead = taken.filter(({ endsAtMs }) => endsAtMs > nowMs)
  const nextMs = Math.min(...ahead.map(({ startsAtMs }) => startsAtMs))
  const openMs = Math.max(opening?.endsAtMs ?? Number.POSITIVE_INFINITY, nowMs + shortestCallMs)
  const endMs = Math.min(nowMs + meetingMs, nextMs, openMs)
  return endMs - nowMs >= shortestCallMs ? endMs : undefined
}

/** What closing a ticket makes of it; undefined where it was closed the other way. */
export const closedState = (state: TicketStateName, isSeen: boolean): 'seen' | 'left' | undefined => {
  const asked = isSeen ? 'seen' : 'left'
  return state === 'waiting' || state === 'called' || state === asked ? asked : undefined
}
