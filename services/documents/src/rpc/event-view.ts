import { type AgencyEvent, AgencyEventType } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { z } from 'zod'
import type { AgencyEventType as Type } from '../domain/agency-event.js'
import type { AgencyEvent as Stored } from '../store/agency-events.js'

const types = {
  'evidence-changed': AgencyEventType.AGENCY_EVENT_TYPE_EVIDENCE_CHANGED,
  'subscription-ended': AgencyEventType.AGENCY_EVENT_TYPE_SUBSCRIPTION_ENDED,
  'correction-received': AgencyEventType.AGENCY_EVENT_TYPE_CORRECTION_RECEIVED,
  'contest-opened': AgencyEventType.AGENCY_EVENT_TYPE_CONTEST_OPENED,
  'answer-arrived': AgencyEventType.AGENCY_EVENT_TYPE_ANSWER_ARRIVED,
  'declaration-received': AgencyEventType.AGENCY_EVENT_TYPE_DECLARATION_RECEIVED,
  'application-received': AgencyEventType.AGENCY_EVENT_TYPE_APPLICATION_RECEIVED,
  'application-changed': AgencyEventType.AGENCY_EVENT_TYPE_APPLICATION_CHANGED,
  'application-decided': AgencyEventType.AGENCY_EVENT_TYPE_APPLICATION_DECIDED,
  'review-opened': AgencyEventType.AGENCY_EVENT_TYPE_REVIEW_OPENED,
  'appointment-booked': AgencyEventType.AGENCY_EVENT_TYPE_APPOINTMENT_BOOKED,
  'appointment-moved': AgencyEventType.AGENCY_EVENT_TYPE_APPOINTMENT_MOVED,
  'appointment-cancelled': AgencyEventType.AGENCY_EVENT_TYPE_APPOINTMENT_CANCELLED,
  'appointment-reminder-due': AgencyEventType.AGENCY_EVENT_TYPE_APPOINTMENT_REMINDER_DUE,
  'slot-offered': AgencyEventType.AGENCY_EVENT_TYPE_SLOT_OFFERED,
  'callback-requested': AgencyEventType.AGENCY_EVENT_TYPE_CALLBACK_REQUESTED,
  'visit-changed': AgencyEventType.AGENCY_EVENT_TYPE_VISIT_CHANGED,
  'callback-not-reached': AgencyEventType.AGENCY_EVENT_TYPE_CALLBACK_NOT_REACHED,
} as const satisfies Record<Type, AgencyEventType>

const typeOf = (type: number): Type | undefined => (Object.keys(types) as Type[]).find((each) => types[each] === type)

/** How a filter of event types must look. */
export const typesField = z.array(z.number().refine((type) => typeOf(type) !== undefined, 'not an event type')).max(20)

export const typesOf = (asked: readonly AgencyEventType[]): readonly Type[] =>
  asked.flatMap((type) => typeOf(type) ?? [])

export const toEvent = ({ position, eventId, type, reference, occurredAtMs }: Stored): AgencyEvent => ({
  eventId,
  type: types[type],
  reference,
  occurredAtMs,
  position: String(position),
})
