import type { OutgoingEvent } from '@unefois/chassis/outbox'
import { AppointmentEvent, AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'

const types = {
  booked: AppointmentEventType.APPOINTMENT_EVENT_TYPE_BOOKED,
  moved: AppointmentEventType.APPOINTMENT_EVENT_TYPE_MOVED,
  cancelled: AppointmentEventType.APPOINTMENT_EVENT_TYPE_CANCELLED,
  reminderDue: AppointmentEventType.APPOINTMENT_EVENT_TYPE_REMINDER_DUE,
  offered: AppointmentEventType.APPOINTMENT_EVENT_TYPE_OFFERED,
  callbackRequested: AppointmentEventType.APPOINTMENT_EVENT_TYPE_CALLBACK_REQUESTED,
  callbackNotReached: AppointmentEventType.APPOINTMENT_EVENT_TYPE_CALLBACK_NOT_REACHED,
  visitChanged: AppointmentEventType.APPOINTMENT_EVENT_TYPE_VISIT_CHANGED,
} as const

/** In how many orders events are carried, so that bookings at the same time do not wait for one position. */
const topics = 4

/**
 * What the agency's systems are to hear: that something happened, and of which; documents keeps their feed. The events of one id (a
 * UUID) are in one order. A transaction adds all of its events at once, or two could wait for each other.
 */
export const appointmentEvent = (type: keyof typeof types, reference: string, atMs: number): OutgoingEvent => ({
  receiver: 'documents',
  topic: `appointments-${Number.parseInt(reference.slice(0, 2), 16) % topics}`,
  type: 'appointments.appointment-event.v1',
  data: AppointmentEvent.encode({ type: types[type], reference, atMs: Math.floor(atMs) }).finish(),
})
