import { type ReceivedEvent, readEvent, type TogetherConsumer } from '@unefois/chassis/inbox'
import { AppointmentEvent, AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import type { AgencyEventType } from '../domain/agency-event.js'
import { type AgencyEventTold, addAgencyEvents } from '../store/agency-events.js'

const said = z.object({
  type: z.number(),
  reference: z.uuid(),
  atMs: z.number().int().positive(),
})

const types = new Map<number, AgencyEventType>([
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_BOOKED, 'appointment-booked'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_MOVED, 'appointment-moved'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_CANCELLED, 'appointment-cancelled'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_REMINDER_DUE, 'appointment-reminder-due'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_OFFERED, 'slot-offered'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_CALLBACK_REQUESTED, 'callback-requested'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_VISIT_CHANGED, 'visit-changed'],
  [AppointmentEventType.APPOINTMENT_EVENT_TYPE_CALLBACK_NOT_REACHED, 'callback-not-reached'],
])

const told = (received: ReceivedEvent): AgencyEventTold | undefined => {
  const event = said.safeParse(readEvent(AppointmentEvent, received)).data
  const type = event && types.get(event.type)
  return type && { type, reference: event.reference, occurredAtMs: event.atMs }
}

/**
 * What the agency's own appointments service tells of appointments joins the one feed that the agency reads. The feed's lock is the
 * only one that it takes.
 */
export const onAppointmentEvent = ({ runtime }: Pick<DocumentsContext, 'runtime'>): TogetherConsumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'appointments',
  applyTogether: async (received, tx) => {
    const known = received.map(told).filter((each) => each !== undefined)
    // A type of a later version is confirmed and forgotten: refusing it would hold up every event behind it.
    if (known.length < received.length) runtime.log.warn('an event of an appointment makes no sense')
    await addAgencyEvents(tx, known)
  },
})
