import { AgencyEventType } from '@unefois/proto/gen/unefois/documents/v1/agency_events'

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
} as const

/** The types of the agency's feed, as this door names them. */
export const eventTypes = Object.keys(types) as [keyof typeof types, ...(keyof typeof types)[]]

/** A type as the contract has it; undefined for a name that is none. */
export const eventTypeOf = (name: string): AgencyEventType | undefined =>
  Object.hasOwn(types, name) ? types[name as keyof typeof types] : undefined

/** A type as this door names it; `unknown` for one that this version does not know. */
export const eventTypeName = (type: AgencyEventType): string =>
  eventTypes.find((name) => types[name] === type) ?? 'unknown'
