import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  BookAppointmentRequest,
  BookAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentEvent } from '../appointment/events.js'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { appointmentView, appointmentViews } from '../appointment/view.js'
import { type Booked, type Booking, bookHolds, bookMeetings, meetingsOfSlots } from '../booking/booking.js'
import { requireCount, requireWellFormed, saidIn } from '../booking/form.js'
import { afterReleased } from '../booking/freed.js'
import { lockParty } from '../booking/own-holds.js'
import { type BookingParty, bookingParty } from '../booking/party.js'
import { drawSecret } from '../booking/secret.js'
import { wholeAppointment } from '../domain/appointment-view.js'
import { appointmentId, by, contact, mandate, secret, slot, statedNeeds, subject } from './appointment-fields.js'

/** A link is used up by what is booked. Error: BOOKING_LINK_UNKNOWN where somebody was quicker. */
const useLink = async (
  { bookingLinks }: Pick<AppointmentNeeds, 'bookingLinks'>,
  tx: Transaction,
  { link }: BookingParty,
  { appointments: [first] }: Booked,
): Promise<void> => {
  if (!link || !first) return
  if (!(await bookingLinks.use(tx, link.linkId, first.appointmentId))) throw new MeshError('BOOKING_LINK_UNKNOWN')
}

/** Tells whoever is to hear of it. */
const tell = async (needs: AppointmentNeeds, tx: Transaction, { calendar, nowMs }: Booking, booked: Booked) => {
  const { appointments, given } = booked
  for (const each of appointments)
    if (each.said.preApplications.length > 0) await needs.tellHub(tx, { after: wholeAppointment(calendar, each) })
  const freed = await afterReleased(tx, needs, given.appointments, given.claims)
  const events = appointments.map(({ appointmentId: id }) => appointmentEvent('booked', id, nowMs))
  await needs.runtime.outbox.add(tx, [...freed, ...events])
}

/**
 * Errors: as HoldSlot, and HOLD_UNKNOWN, HOLD_EXPIRED, PRE_APPLICATION_INVALID, what the hub says, APPOINTMENT_INVALID naming the
 * field.
 */
export const bookAppointment = (
  needs: AppointmentNeeds,
): EffectRpc<BookAppointmentRequest, BookAppointmentResponse> => ({
  request: z.object({
    subject,
    holdIds: z.array(appointmentId).max(100),
    slots: z.array(slot).max(100),
    needs: statedNeeds,
    contact,
    language: z.enum(['fr', 'en']),
    note: z.string().max(1000),
    preApplications: z.array(z.string().max(64)).max(20),
    isSecondConfirmed: z.boolean(),
    by,
    secret,
    mandate,
  }),
  // The hub is asked within the transaction, and takes its time.
  mayJoin: ({ preApplications, secret: shown }) => preApplications.length === 0 && !shown?.of,
  effect: async (request, call, tx) => {
    const { slots, preApplications, isSecondConfirmed } = request
    const nowMs = Math.floor(needs.runtime.clock.nowMs())
    const holdIds = request.holdIds.map((id) => id.toLowerCase())
    const party = await bookingParty(needs, request, call, tx)
    requireCount({ ...request, holdIds }, party)
    const said = saidIn(request, party, nowMs)
    requireWellFormed(preApplications)
    const calendar = await needs.book.current(tx)
    const common = { calendar, said, mandate: request.mandate }
    const meetings = await meetingsOfSlots(tx, needs, { ...common, party }, slots)
    if (preApplications.length > 0 && party.way !== 'agent')
      await needs.hubCheck?.(tx, preApplications, { isSecondConfirmed })

    const standing = await lockParty(tx, needs, party)
    // Whoever has no account sees, moves and cancels by it.
    const drawn = party.secretSha256 || party.subject === '' ? drawSecret() : undefined
    const seriesId = holdIds.length + slots.length > 1 ? randomUUID() : undefined
    const booking = { ...common, party: { ...party, standing }, secretSha256: drawn?.sha256, seriesId, nowMs }
    const booked =
      holdIds.length > 0
        ? await bookHolds(tx, needs, booking, holdIds)
        : await bookMeetings(tx, needs, booking, meetings)
    await useLink(needs, tx, party, booked)
    await tell(needs, tx, booking, booked)
    // Who chose the slot knows where it is; who was told of a hold may not.
    const appointments =
      holdIds.length > 0
        ? await appointmentViews(needs, booked.appointments, call, tx)
        : booked.appointments.map((each) => appointmentView(calendar, each, call))
    return { appointments, secret: drawn?.secret ?? '' }
  },
})
