import type { SubjectId } from '@unefois/proto/ids'

/** In whose name a request is asked again: the agency's, or that of a person in their session. */
export type Asker =
  | { readonly kind: 'system'; readonly clientId: string; readonly scopes: readonly string[] }
  | {
      readonly kind: 'person'
      readonly clientId: string
      readonly subject: SubjectId
      readonly acr: string
      readonly authTimeSeconds: number
      readonly loginHandle: string
    }

const minuteMs = 60_000
/** After so long the agency is left with what it has. */
export const longestWaitMs = 7 * 24 * 60 * minuteMs
const shortestPauseMs = 1000
const longestPauseMs = 24 * 60 * minuteMs
/** A provider that cannot be reached when the answer was due is asked again after so long. */
const unreachablePauseMs = 5 * minuteMs

/** When a request is asked again whose provider said how long it will take; within one second and one day from now. */
export const dueAtMs = (retryAfterMs: number, nowMs: number): number =>
  Math.floor(nowMs + Math.min(Math.max(retryAfterMs, shortestPauseMs), longestPauseMs))

/** What asking again came to; `answered` is a refusal too. */
export type AskedAgain =
  | { readonly kind: 'answered' }
  | { readonly kind: 'pending'; readonly retryAfterMs: number }
  | { readonly kind: 'unreachable' }

/** When to ask once more; undefined when this was the answer, or when it has taken too long. */
export const nextDueAtMs = (asked: AskedAgain, giveUpAtMs: number, nowMs: number): number | undefined => {
  if (asked.kind === 'answered' || nowMs >= giveUpAtMs) return undefined
  return dueAtMs(asked.kind === 'pending' ? asked.retryAfterMs : unreachablePauseMs, nowMs)
}
