import { randomUUID } from 'node:crypto'
import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { appointmentEvent } from '../appointment/events.js'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { claimSlots } from '../booking/claim-slot.js'
import { afterReleased } from '../booking/freed.js'
import { type AppointmentSaid, inState, type KeptAppointment, reminderAfter } from '../domain/appointment.js'
import type { Meeting } from '../domain/meeting.js'
import { pledgedAppointment } from '../domain/new-appointment.js'

/** For whom and for which visit meetings are kept. */
export interface MeetingsOfVisit {
  readonly visitId: string
  /** Empty for a visit of another member. */
  readonly subject: string
  readonly isByPerson: boolean
  readonly said: Partial<AppointmentSaid>
}

/** Keeps slots for a visit, all of these or none, without an end of their own. Error: SLOT_TAKEN. */
export const pledgeMeetings = async (
  tx: Transaction,
  needs: Pick<AppointmentNeeds, 'claims' | 'runtime' | 'appointments' | 'book' | 'waiting'>,
  meetings: readonly Meeting[],
  visit: MeetingsOfVisit,
): Promise<KeptAppointment[]> => {
  const pledged = meetings.map((meeting) => {
    const appointmentId = randomUUID()
    return { meeting, appointment: pledgedAppointment(meeting, { ...visit, appointmentId }) }
  })
  const wanted = pledged.map(({ meeting, appointment }) => ({
    meeting,
    holder: { holderId: appointment.appointmentId, expiresAtMs: undefined },
  }))
  if ((await claimSlots(tx, needs, wanted)) === 'taken') throw new MeshError('SLOT_TAKEN')
  const kept: KeptAppointment[] = []
  for (const { appointment } of pledged) kept.push(await needs.appointments.insert(tx, appointment))
  return kept
}

/** Books pledged meetings, which the transaction has locked. Answers events to be added. */
export const bookPledged = async (
  tx: Transaction,
  { runtime, book, appointments }: Pick<AppointmentNeeds, 'runtime' | 'book' | 'appointments'>,
  pledged: readonly KeptAppointment[],
): Promise<OutgoingEvent[]> => {
  const nowMs = Math.floor(runtime.clock.nowMs())
  const { serviceTypes } = await book.current(tx)
  const events: OutgoingEvent[] = []
  for (const each of pledged) {
    const type = serviceTypes.get(each.serviceTypeId)
    const booked = inState(each, 'booked', {
      remindAtMs: type && reminderAfter(each, type, nowMs),
      said: { ...each.said, bookedAtMs: nowMs },
    })
    if (!booked) throw new Error(`the pledged meeting ${each.appointmentId} cannot be booked`)
    await appointments.save(tx, booked)
    events.push(appointmentEvent('booked', each.appointmentId, nowMs))
  }
  return events
}

/** By whose hand meetings of a visit end, and why. */
export interface EndedBy {
  readonly hand: Hand
  readonly because: string
}

/** Whether a meeting of a visit still takes its slot and has not begun. */
export const isAhead = ({ state, startsAtMs }: KeptAppointment, nowMs: number): boolean =>
  state === 'held' || (state === 'booked' && startsAtMs > nowMs)

/**
 * Ends meetings of a visit that the transaction has locked: what is only pledged lapses, what is booked and has not begun is
 * cancelled; nothing else changes. Their slots are free, or go to who waits. Answers events to be added.
 */
export const endMeetings = async (
  tx: Transaction,
  needs: Pick<AppointmentNeeds, 'runtime' | 'book' | 'appointments' | 'claims' | 'openings' | 'waiting' | 'afterFreed'>,
  meetings: readonly KeptAppointment[],
  { hand, because }: EndedBy,
): Promise<OutgoingEvent[]> => {
  const { runtime, appointments, claims } = needs
  const nowMs = Math.floor(runtime.clock.nowMs())
  const ending = meetings.filter((each) => isAhead(each, nowMs))
  const events: OutgoingEvent[] = []
  for (const each of ending) {
    const said = { ...each.said, cancelledBy: hand, cancelledBecause: because }
    const ended =
      each.state === 'held' ? inState(each, 'lapsed') : inState(each, 'cancelled', { said, remindAtMs: undefined })
    if (!ended) throw new Error(`the meeting ${each.appointmentId} cannot end`)
    await appointments.save(tx, ended)
    if (each.state === 'booked') events.push(appointmentEvent('cancelled', each.appointmentId, nowMs))
  }
  const released = await claims.release(
    tx,
    ending.map(({ appointmentId }) => appointmentId),
  )
  return [...events, ...(await afterReleased(tx, needs, ending, released))]
}
