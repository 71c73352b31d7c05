import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { Waiting } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'

/** Where a waiting stands, as it is kept. */
export type WaitingStateName = 'waiting' | 'offered' | 'booked' | 'left' | 'ended'

/** What of a waiting only its file says. */
export type WaitingSaid = Pick<
  Waiting,
  | 'fromDay'
  | 'toDay'
  | 'booksByItself'
  | 'offerMinutes'
  | 'needs'
  | 'contact'
  | 'language'
  | 'sinceMs'
  | 'slot'
  | 'mandate'
>

/** Somebody on the waiting list; times in milliseconds since 1970. */
export interface KeptWaiting {
  /** Who has the lower one came first. */
  readonly position: number
  readonly waitingId: string
  readonly subject: string
  readonly serviceTypeId: string
  /** None: anywhere. */
  readonly placeIds: readonly string[]
  readonly channel: Waiting['channel']
  /** The first and the last moment at which a slot may begin. */
  readonly fromMs: number
  readonly untilMs: number
  /** By their own token: what is booked for them counts as theirs. */
  readonly isByPerson: boolean
  /** When slots began that were offered to them and not taken. */
  readonly passedMs: readonly number[]
  readonly state: WaitingStateName
  /** Of the slot that is offered or booked. */
  readonly appointmentId: string | undefined
  readonly offeredUntilMs: number | undefined
  readonly deleteAfterMs: number
  readonly said: WaitingSaid
}

const keptMs = 30 * 86_400_000

/** When a waiting that ends at a moment is deleted. */
export const waitingDeletedAfterMs = (endsAtMs: number): number => endsAtMs + keptMs

/** A slot is held for them until then. */
export const offered = (kept: KeptWaiting, appointmentId: string, slot: Slot, offeredUntilMs: number): KeptWaiting => ({
  ...kept,
  state: 'offered',
  appointmentId,
  offeredUntilMs,
  said: { ...kept.said, slot },
})

/** A slot is booked for them, and they wait no more. */
export const booked = (
  kept: KeptWaiting,
  appointmentId: string,
  slot: Slot | undefined,
  nowMs: number,
): KeptWaiting => ({
  ...kept,
  state: 'booked',
  appointmentId,
  offeredUntilMs: undefined,
  deleteAfterMs: waitingDeletedAfterMs(nowMs),
  said: { ...kept.said, slot },
})

/** They did not take what was offered, and go on waiting where they stood. */
export const passed = (kept: KeptWaiting): KeptWaiting => ({
  ...kept,
  state: 'waiting',
  appointmentId: undefined,
  offeredUntilMs: undefined,
  passedMs: [...new Set([...kept.passedMs, ...(kept.said.slot ? [kept.said.slot.startsAtMs] : [])])],
  said: { ...kept.said, slot: undefined },
})

/** They wait no more by their own wish. */
export const left = (kept: KeptWaiting, nowMs: number): KeptWaiting => ({
  ...passed(kept),
  state: 'left',
  deleteAfterMs: waitingDeletedAfterMs(nowMs),
})

/** Why an offer cannot be answered; undefined where one is open. */
export const answerRefusal = (
  { state, offeredUntilMs }: Pick<KeptWaiting, 'state' | 'offeredUntilMs'>,
  nowMs: number,
): 'OFFER_EXPIRED' | 'WAITING_ENDED' | undefined => {
  if (state === 'waiting') return 'OFFER_EXPIRED'
  if (state !== 'offered') return 'WAITING_ENDED'
  return (offeredUntilMs ?? 0) > nowMs ? undefined : 'OFFER_EXPIRED'
}
