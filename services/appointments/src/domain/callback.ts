import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'

/** How many open callbacks a person has at most by their own hand. */
export const mostOpenCallbacks = 3

/** So many tries in vain end a callback. */
export const mostTries = 3

export const usualCallbackMinutes = 480

export type CallbackStateName = 'open' | 'reached' | 'not-reached'

export interface Tried {
  readonly state: CallbackStateName
  readonly tries: number
}

/** What one more call makes of an open callback. */
export const afterCall = ({ tries }: Pick<Tried, 'tries'>, isReached: boolean): Tried => {
  if (isReached) return { state: 'reached', tries: tries + 1 }
  return { state: tries + 1 >= mostTries ? 'not-reached' : 'open', tries: tries + 1 }
}

/** Whether this is a telephone number as ITU-T E.164 writes it internationally: "+" and 8 to 15 digits. */
export const isTelephone = (text: string): boolean => /^\+[1-9]\d{7,14}$/.test(text)

/** One who could call. */
export interface Candidate {
  readonly practitionerId: string
  readonly openCallbacks: number
}

/** Those who could call, whoever has the fewest to call first, then by id. */
export const byFewest = <C extends Candidate>(candidates: readonly C[]): C[] =>
  [...candidates].sort((a, b) => a.openCallbacks - b.openCallbacks || (a.practitionerId < b.practitionerId ? -1 : 1))

const usualKeptDays = 90

/** When a callback that is over at a moment, or that nobody ever made, is deleted. */
export const callbackDeletedAfterMs = (overAtMs: number, type: Pick<ServiceType, 'keptDays'> | undefined): number =>
  overAtMs + (type?.keptDays || usualKeptDays) * 86_400_000
