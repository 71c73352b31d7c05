import { randomUUID } from 'node:crypto'
import { parisDay } from '@unefois/chassis/clock'
import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { byService } from '@unefois/proto/hand'
import { appointmentEvent } from '../appointment/events.js'
import { claimAtOnce } from '../booking/claim-at-once.js'
import { reachOf } from '../booking/reach.js'
import { type AppointmentSaid, motiveOf } from '../domain/appointment.js'
import { contactFor } from '../domain/contact.js'
import { mandateRefusal } from '../domain/mandate.js'
import type { Meeting } from '../domain/meeting.js'
import { bookedAppointment, heldAppointment } from '../domain/new-appointment.js'
import { booked, type KeptWaiting, offered } from '../domain/waiting.js'
import { offerEndMs } from '../domain/waiting-fit.js'
import type { ServingNeeds } from './needs.js'
import type { FreeSlot } from './slots.js'

/** What an appointment by this channel takes over from what was said when somebody joined the list. */
export const saidByWaiting = (
  { said: { needs, contact, language, mandate } }: KeptWaiting,
  channel: MeetingChannel,
  nowMs: number,
): Partial<AppointmentSaid> => {
  const reached = contactFor(contact, reachOf(channel))
  // Who joined before a channel was offered may say nothing of it.
  const kept = 'field' in reached ? contact : reached
  return { needs, contact: kept, language, mandate, bookedAtMs: nowMs, bookedBy: byService }
}

/** One who has an appointment for the same, or is booking one just now, is asked first; and so is whose helper's mandate has ended. */
const mayBookByItself = async (
  { appointments, runtime }: Pick<ServingNeeds, 'appointments' | 'runtime'>,
  tx: Transaction,
  { said, isByPerson, subject }: KeptWaiting,
  { type }: FreeSlot,
  nowMs: number,
): Promise<boolean> => {
  const { mandate } = said
  if (mandate && mandateRefusal(mandate, { needsMandate: false, today: parisDay(runtime.clock) })) return false
  if (!said.booksByItself || !isByPerson) return said.booksByItself
  if (!(await appointments.tryLockSubject(tx, subject))) return false
  return (await appointments.liveOf(tx, subject, [motiveOf(type)], nowMs)).length === 0
}

/**
 * Books or offers a free slot to who waits for it. Undefined where somebody is in between. The transaction has locked the list; it
 * adds the event.
 */
export const giveSlot = async (
  needs: ServingNeeds,
  tx: Transaction,
  kept: KeptWaiting,
  free: FreeSlot,
): Promise<OutgoingEvent | undefined> => {
  const { runtime, appointments, waiting } = needs
  const { slot, schedule, type } = free
  const nowMs = Math.floor(runtime.clock.nowMs())
  const appointmentId = randomUUID()
  const channel = kept.channel || (slot.channels[0] ?? kept.channel)
  const { startsAtMs, endsAtMs } = slot
  const meeting: Meeting = { startsAtMs, endsAtMs, schedule, type, units: 1, channel }
  // Without an end of its own: the one who ends an offer gives the slot to who waits next, and nobody else takes it before.
  const holder = { holderId: appointmentId, expiresAtMs: undefined }
  if ((await claimAtOnce(tx, needs, { meeting, holder })) === 'taken') return undefined

  const forWhom = { appointmentId, subject: kept.subject, said: saidByWaiting(kept, channel, nowMs) }
  if (await mayBookByItself(needs, tx, kept, free, nowMs)) {
    await appointments.insert(tx, bookedAppointment(meeting, { ...forWhom, isByPerson: kept.isByPerson }, nowMs))
    await waiting.save(tx, booked(kept, appointmentId, slot, nowMs))
    return appointmentEvent('booked', appointmentId, nowMs)
  }
  const untilMs = offerEndMs(slot, type, kept.said.offerMinutes, nowMs)
  // Not by the person yet: what they hold themselves takes nothing of what is held for them.
  await appointments.insert(tx, heldAppointment(meeting, { ...forWhom, isByPerson: false }, untilMs))
  await waiting.save(tx, offered(kept, appointmentId, slot, untilMs))
  return appointmentEvent('offered', kept.waitingId, nowMs)
}
