import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { BookAppointmentRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import type { AppointmentNeeds } from '../appointment/needs.js'
import {
  type AppointmentSaid,
  deletedAfterMs,
  inState,
  isHoldOver,
  type KeptAppointment,
  motiveOf,
  reminderAfter,
} from '../domain/appointment.js'
import { isAboveSeries } from '../domain/booking-rules.js'
import type { Calendar } from '../domain/calendar.js'
import type { Meeting } from '../domain/meeting.js'
import { bookedAppointment } from '../domain/new-appointment.js'
import { knownType, meetingChosen } from './chosen-meeting.js'
import { claimSlots } from './claim-slot.js'
import { requirePreApplications } from './form.js'
import { formerHolds, type GivenUp, giveUpHolds } from './own-holds.js'
import { type BookingParty, requireBookable, requireOfLink } from './party.js'
import { reachedBy } from './reach.js'

/** One booking under way: for whom, by which calendar, and what all its appointments have in common. */
export interface Booking {
  readonly calendar: Calendar
  /** The pseudonym that stands for the person. */
  readonly party: BookingParty & { readonly standing: string }
  readonly said: Partial<AppointmentSaid>
  readonly mandate: BookAppointmentRequest['mandate']
  readonly secretSha256: Buffer | undefined
  readonly seriesId: string | undefined
  readonly nowMs: number
}

/** What was booked, and what holds of the same person and motive ended by it. */
export interface Booked {
  readonly appointments: readonly KeptAppointment[]
  readonly given: GivenUp
}

/**
 * The meetings of these slots. Errors: APPOINTMENT_LIMIT_REACHED for more of one motive than a person may book by themselves at once; as
 * `meetingChosen`, `requireBookable` and `reachedBy`.
 */
export const meetingsOfSlots = async (
  tx: Transaction,
  needs: AppointmentNeeds,
  { calendar, party, said, mandate }: Pick<Booking, 'calendar' | 'said' | 'mandate'> & { readonly party: BookingParty },
  slots: BookAppointmentRequest['slots'],
): Promise<Meeting[]> => {
  const types = slots.map(({ serviceTypeId }) => knownType(calendar, serviceTypeId))
  if (party.way === 'person' && isAboveSeries(types)) throw new MeshError('APPOINTMENT_LIMIT_REACHED')
  const meetings: Meeting[] = []
  for (const [at, slot] of slots.entries()) {
    const field = `slots.${at}`
    const type = knownType(calendar, slot.serviceTypeId)
    requireBookable(needs, type, party, { mandate, field })
    const wish = { way: party.way, isAccompanied: said.needs?.isAccompanied === true }
    const meeting = await meetingChosen(needs, calendar, { slot, type, field, wish }, tx)
    requireOfLink(party, meeting, field)
    requirePreApplications(said.preApplications ?? [], type, meeting.units, party)
    reachedBy(said.contact, meeting.channel)
    meetings.push(meeting)
  }
  return meetings
}

/** Books free slots. Errors: APPOINTMENT_LIMIT_REACHED, SLOT_TAKEN. */
export const bookMeetings = async (
  tx: Transaction,
  needs: AppointmentNeeds,
  { party, said, secretSha256, seriesId, nowMs }: Booking,
  meetings: readonly Meeting[],
): Promise<Booked> => {
  const motives = [...new Set(meetings.map(({ type }) => motiveOf(type)))]
  const given = await giveUpHolds(tx, needs, await formerHolds(tx, needs, party, { motives, booking: [] }))
  const wanted = meetings.map((meeting) => ({ meeting, holder: { holderId: randomUUID(), expiresAtMs: undefined } }))
  if ((await claimSlots(tx, needs, wanted)) === 'taken') throw new MeshError('SLOT_TAKEN')
  const appointments: KeptAppointment[] = []
  for (const { meeting, holder } of wanted) {
    const forWhom = {
      appointmentId: holder.holderId,
      subject: party.standing,
      isByPerson: party.way === 'person',
      ...{ secretSha256, seriesId },
      said: { ...said, contact: reachedBy(said.contact, meeting.channel) },
    }
    appointments.push(await needs.appointments.insert(tx, bookedAppointment(meeting, forWhom, nowMs)))
  }
  return { appointments, given }
}

/** Whether a hold is this party's: of the same person for whom it was made, or by the same secret. */
const isTheirHold = async (
  tx: Transaction,
  { subjects }: Pick<AppointmentNeeds, 'subjects'>,
  { secretSha256, standing }: Booking['party'],
  hold: KeptAppointment,
): Promise<boolean> => {
  if (hold.visitId !== undefined || (hold.state !== 'held' && hold.state !== 'lapsed')) return false
  if (secretSha256 || hold.secretSha256) return hold.secretSha256?.equals(secretSha256 ?? Buffer.alloc(0)) === true
  return subjects.areSame(hold.subject, standing, tx)
}

/**
 * Holds that are the party's, locked, in the order of the request. Errors: HOLD_UNKNOWN, also for another one's; HOLD_EXPIRED.
 */
const lockedHolds = async (
  tx: Transaction,
  needs: AppointmentNeeds,
  { party, nowMs }: Booking,
  holdIds: readonly string[],
): Promise<KeptAppointment[]> => {
  const locked = await needs.appointments.lock(tx, holdIds)
  const holds: KeptAppointment[] = []
  for (const holdId of holdIds) {
    const hold = locked.find(({ appointmentId }) => appointmentId === holdId.toLowerCase())
    if (!hold || !(await isTheirHold(tx, needs, party, hold))) throw new MeshError('HOLD_UNKNOWN')
    if (isHoldOver(hold, nowMs)) throw new MeshError('HOLD_EXPIRED')
    holds.push(hold)
  }
  return holds
}

/**
 * Books slots that are held. What is said of needs is added to what was said when they were held. Errors: HOLD_UNKNOWN, HOLD_EXPIRED,
 * APPOINTMENT_LIMIT_REACHED, as `requireBookable` and `reachedBy`.
 */
export const bookHolds = async (
  tx: Transaction,
  needs: AppointmentNeeds,
  booking: Booking,
  holdIds: readonly string[],
): Promise<Booked> => {
  const { calendar, party, said, mandate, secretSha256, seriesId, nowMs } = booking
  const holds = await lockedHolds(tx, needs, booking, holdIds)
  const ids = holds.map(({ appointmentId }) => appointmentId)
  const motives = [...new Set(holds.map(({ motive }) => motive))]
  const given = await giveUpHolds(tx, needs, await formerHolds(tx, needs, party, { motives, booking: ids }))
  // Whoever is refused has written nothing, so that others of the transaction go on.
  const appointments = holds.map((hold, at): KeptAppointment => {
    const type = knownType(calendar, hold.serviceTypeId)
    requireBookable(needs, type, party, { mandate, field: `holdIds.${at}` })
    requirePreApplications(said.preApplications ?? [], type, hold.said.units, party)
    const { channel, units, needs: stated } = hold.said
    const isAccompanied = said.needs?.isAccompanied === true || stated?.isAccompanied === true
    const nowStated = isAccompanied ? { accessibility: [], language: '', ...said.needs, isAccompanied } : said.needs
    const booked = inState(hold, 'booked', {
      isByPerson: party.way === 'person',
      heldUntilMs: undefined,
      ...{ secretSha256, seriesId },
      remindAtMs: reminderAfter(hold, type, nowMs),
      deleteAfterMs: deletedAfterMs({ ...hold, heldUntilMs: undefined }, type),
      said: { ...hold.said, ...said, channel, units, needs: nowStated, contact: reachedBy(said.contact, channel) },
    })
    if (!booked) throw new MeshError('HOLD_EXPIRED')
    // Nobody has heard of it before: it begins at the revision of one that was booked at once.
    return { ...booked, revision: hold.revision }
  })
  await needs.claims.keep(tx, ids)
  for (const each of appointments) {
    await needs.appointments.save(tx, each)
    await needs.appointments.addPreApplications(tx, each)
  }
  return { appointments, given }
}
