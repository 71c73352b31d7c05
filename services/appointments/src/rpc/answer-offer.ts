import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, EffectRpc } from '@unefois/chassis/rpc'
import type { AnswerOfferRequest, AnswerOfferResponse } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentEvent } from '../appointment/events.js'
import { appointmentViews } from '../appointment/view.js'
import { bookHolds } from '../booking/booking.js'
import { afterReleased } from '../booking/freed.js'
import { lockParty } from '../booking/own-holds.js'
import { type BookingParty, handBehind, wayOf } from '../booking/party.js'
import { answerRefusal, booked, passed } from '../domain/waiting.js'
import { requireMandateFor, waitingFor } from '../waiting/access.js'
import { saidByWaiting } from '../waiting/gift.js'
import type { WaitingNeeds } from '../waiting/needs.js'
import { type LockedOffer, lockOffer, passOffer } from '../waiting/offer.js'
import { waitingViews } from '../waiting/view.js'
import { by, mandate } from './appointment-fields.js'

interface Taking {
  readonly party: BookingParty & { readonly standing: string }
  readonly mandate: AnswerOfferRequest['mandate']
}

/** Books what is held for them. Errors: APPOINTMENT_LIMIT_REACHED, BOOKING_NOT_ALLOWED, MANDATE_MISSING, MANDATE_ENDED. */
const take = async (
  needs: WaitingNeeds,
  tx: Transaction,
  call: Call,
  { kept, hold }: LockedOffer,
  { party, mandate: shown }: Taking,
) => {
  if (!hold) throw new MeshError('OFFER_EXPIRED')
  const nowMs = Math.floor(needs.runtime.clock.nowMs())
  // Who takes it may be another one than who joined: kept is what they showed themselves.
  const said = { ...saidByWaiting(kept, hold.said.channel, nowMs), bookedBy: party.hand, mandate: shown }
  const calendar = await needs.book.current(tx)
  const booking = { calendar, party, said, mandate: shown, secretSha256: undefined, seriesId: undefined, nowMs }
  const { appointments, given } = await bookHolds(tx, needs, booking, [hold.appointmentId])
  const taken = booked(kept, hold.appointmentId, kept.said.slot, nowMs)
  await needs.waiting.save(tx, taken)
  const freed = await afterReleased(tx, needs, given.appointments, given.claims)
  await needs.runtime.outbox.add(tx, [...freed, appointmentEvent('booked', hold.appointmentId, nowMs)])
  const [appointment] = await appointmentViews(needs, appointments, call, tx)
  const [waiting] = await waitingViews(needs, [taken], call, tx)
  return { waiting, appointment }
}

const decline = async (needs: WaitingNeeds, tx: Transaction, call: Call, locked: LockedOffer) => {
  const events = await passOffer(needs, tx, locked)
  if (events.length > 0) await needs.runtime.outbox.add(tx, events)
  // Something else may have been there for them.
  const now = (await needs.waiting.get(locked.kept.waitingId, tx)) ?? passed(locked.kept)
  const [waiting] = await waitingViews(needs, [now], call, tx)
  return { waiting, appointment: undefined }
}

/**
 * Errors: WAITING_UNKNOWN, also for another's; WAITING_ENDED; OFFER_EXPIRED; MANDATE_MISSING and MANDATE_ENDED for a helper;
 * APPOINTMENT_LIMIT_REACHED and BOOKING_NOT_ALLOWED where it is taken; APPOINTMENT_INVALID naming what is missing of a name, and for
 * a mandate of who is no helper.
 */
export const answerOffer = (needs: WaitingNeeds): EffectRpc<AnswerOfferRequest, AnswerOfferResponse> => ({
  request: z.object({ waitingId: z.uuid(), isTaken: z.boolean(), by, mandate }),
  effect: async ({ waitingId, isTaken, by: named, mandate: shown }, call, tx) => {
    const before = await waitingFor(needs, call, waitingId, tx)
    const hand = handBehind(call, named, ['agent', 'helper'])
    await requireMandateFor(needs, tx, before, { hand, shown })
    const party = { way: wayOf(hand), subject: before.subject, hand }
    const standing = await lockParty(tx, needs, party)
    const locked = await lockOffer(needs, tx, before)
    const refusal = answerRefusal(locked.kept, needs.runtime.clock.nowMs())
    if (refusal) throw new MeshError(refusal)
    if (!isTaken) return decline(needs, tx, call, locked)
    return take(needs, tx, call, locked, { party: { ...party, standing }, mandate: shown })
  },
})
