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

/** What the agency's systems are to hear: that something happened, and of which; documents keeps their feed. */
export const appointmentEvent = (type: keyof typeof types, reference: string, atMs: number): OutgoingEvent => ({
  receiver: 'documents',
  topic: 'appointments',
  type: 'appointments.appointment-event.v1',
  data: AppointmentEvent.encode({ type: types[type], reference, atMs: Math.floor(atMs) }).finish(),
})
