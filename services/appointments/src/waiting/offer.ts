import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import { afterReleased } from '../booking/freed.js'
import { giveUpHolds } from '../booking/own-holds.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { takesSlot } from '../domain/appointment-state.js'
import { booked, type KeptWaiting, passed } from '../domain/waiting.js'
import type { ServingNeeds, WaitingNeeds } from './needs.js'
import { noBound, serveTypes } from './waiting.js'

type Needs = ServingNeeds & Pick<WaitingNeeds, 'afterFreed'>

/** A waiting under the lock of the list, and what is held for them, under its own lock. */
export interface LockedOffer {
  readonly kept: KeptWaiting
  readonly hold: KeptAppointment | undefined
}

/**
 * Locks a waiting and its offer, in the order in which all do: the appointment, then the list. Where what is held was booked or given
 * back by itself, the waiting says so. Errors: WAITING_ENDED where it was deleted meanwhile, UNAVAILABLE where
 * something was offered just now.
 */
export const lockOffer = async (
  { appointments, waiting, runtime }: Pick<Needs, 'appointments' | 'waiting' | 'runtime'>,
  tx: Transaction,
  before: KeptWaiting,
): Promise<LockedOffer> => {
  const [appointment] = before.appointmentId ? await appointments.lock(tx, [before.appointmentId]) : []
  await waiting.lockList(tx)
  const kept = await waiting.get(before.waitingId, tx)
  if (!kept) throw new MeshError('WAITING_ENDED')
  if (kept.state !== 'offered') return { kept, hold: undefined }
  // Offered meanwhile, and what is held now is not locked.
  if (kept.appointmentId !== before.appointmentId) throw new MeshError('UNAVAILABLE')
  if (appointment?.state === 'held') return { kept, hold: appointment }
  const isBooked = appointment !== undefined && (takesSlot(appointment.state) || appointment.state !== 'lapsed')
  const nowMs = Math.floor(runtime.clock.nowMs())
  const settled = isBooked ? booked(kept, appointment.appointmentId, kept.said.slot, nowMs) : passed(kept)
  await waiting.save(tx, settled)
  return { kept: settled, hold: undefined }
}

/** What was offered goes to who waits next; the transaction has locked it, and the waiting says that they do not take it. */
export const giveOfferUp = async (
  needs: Needs,
  tx: Transaction,
  hold: KeptAppointment | undefined,
): Promise<readonly OutgoingEvent[]> => {
  const given = await giveUpHolds(tx, needs, hold ? [hold.appointmentId] : [])
  return afterReleased(tx, needs, given.appointments, given.claims)
}

/** The same where they go on waiting: what became free while they had the offer was not kept for them. */
export const passOffer = async (
  needs: Needs,
  tx: Transaction,
  { kept, hold }: LockedOffer,
): Promise<readonly OutgoingEvent[]> => {
  await needs.waiting.save(tx, passed(kept))
  const given = await giveOfferUp(needs, tx, hold)
  const { serviceTypeId, untilMs } = kept
  const all = { serviceTypeIds: [serviceTypeId], untilMs, bound: noBound }
  return [...given, ...(await serveTypes(needs, tx, all))]
}
