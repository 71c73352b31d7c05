/** What an agency's systems hear of in its feed; the reference is the id of what happened, to be looked up by its own RPC. */
export const agencyEventTypes = [
  'evidence-changed',
  'subscription-ended',
  'correction-received',
  'contest-opened',
  'answer-arrived',
  'declaration-received',
  'application-received',
  'application-changed',
  'application-decided',
  'review-opened',
  'appointment-booked',
  'appointment-moved',
  'appointment-cancelled',
  'appointment-reminder-due',
  'slot-offered',
  'callback-requested',
  'visit-changed',
  'callback-not-reached',
] as const
export type AgencyEventType = (typeof agencyEventTypes)[number]

export const isAgencyEventType = (type: string): type is AgencyEventType =>
  (agencyEventTypes as readonly string[]).includes(type)

/** How long an event stays in the feed; 90 days. */
export const eventsKeptMs = 90 * 86_400_000
