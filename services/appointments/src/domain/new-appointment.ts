import {
  type AppointmentSaid,
  deletedAfterMs,
  inState,
  type KeptAppointment,
  motiveOf,
  reminderAfter,
  unsaid,
} from './appointment.js'
import type { Meeting } from './meeting.js'

/** For whom a meeting is, and by what right they have it. */
export interface ForWhom {
  readonly appointmentId: string
  readonly subject: string
  readonly isByPerson: boolean
  readonly secretSha256?: Buffer | undefined
  readonly seriesId?: string | undefined
  readonly visitId?: string | undefined
  readonly said: Partial<AppointmentSaid>
}

/** What an appointment takes over from the meeting that it is for. */
export const placedAt = ({ schedule, type, startsAtMs, endsAtMs }: Meeting) => ({
  serviceTypeId: type.serviceTypeId,
  scheduleNo: schedule.no,
  placeId: schedule.schedule.placeId,
  practitionerNo: schedule.practitioner?.no,
  startsAtMs,
  endsAtMs,
})

const appointmentAt = (
  meeting: Meeting,
  { said, secretSha256, seriesId, visitId, ...forWhom }: ForWhom,
  stands: Pick<KeptAppointment, 'state' | 'heldUntilMs' | 'remindAtMs'>,
): KeptAppointment => {
  const placed = placedAt(meeting)
  const { type, units, channel } = meeting
  return {
    ...forWhom,
    ...placed,
    ...stands,
    revision: 0,
    motive: motiveOf(type),
    secretSha256,
    seriesId,
    visitId,
    deleteAfterMs: deletedAfterMs({ ...placed, heldUntilMs: stands.heldUntilMs }, type),
    said: { ...unsaid, ...said, units, channel },
  }
}

/** A slot that is held for somebody until a moment. */
export const heldAppointment = (meeting: Meeting, forWhom: ForWhom, heldUntilMs: number): KeptAppointment =>
  appointmentAt(meeting, forWhom, { state: 'held', heldUntilMs, remindAtMs: undefined })

/** A slot that is kept for a visit, for as long as it takes until the visit is decided. */
export const pledgedAppointment = (meeting: Meeting, forWhom: ForWhom): KeptAppointment =>
  appointmentAt(meeting, forWhom, { state: 'held', heldUntilMs: undefined, remindAtMs: undefined })

export const bookedAppointment = (meeting: Meeting, forWhom: ForWhom, nowMs: number): KeptAppointment =>
  appointmentAt(meeting, forWhom, {
    state: 'booked',
    heldUntilMs: undefined,
    remindAtMs: reminderAfter(meeting, meeting.type, nowMs),
  })

/** A booked appointment at another slot, where its person is reached so; undefined where it stands so that it is not moved. */
export const movedTo = (
  kept: KeptAppointment,
  meeting: Meeting,
  contact: AppointmentSaid['contact'],
  nowMs: number,
): KeptAppointment | undefined =>
  inState(kept, 'booked', {
    ...placedAt(meeting),
    remindAtMs: reminderAfter(meeting, meeting.type, nowMs),
    deleteAfterMs: deletedAfterMs({ ...meeting, heldUntilMs: undefined }, meeting.type),
    said: { ...kept.said, channel: meeting.channel, contact },
  })
