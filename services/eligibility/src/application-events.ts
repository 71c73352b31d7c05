import type { OutgoingEvent } from '@unefois/chassis/outbox'
import { ApplicationEvent, ApplicationEventType } from '@unefois/proto/gen/unefois/eligibility/v1/application_events'

const types = {
  received: ApplicationEventType.APPLICATION_EVENT_TYPE_RECEIVED,
  changed: ApplicationEventType.APPLICATION_EVENT_TYPE_CHANGED,
  decided: ApplicationEventType.APPLICATION_EVENT_TYPE_DECIDED,
} as const

/** What the agency's systems are to hear of an application: that something happened, and of which; documents keeps their feed. */
export const applicationEvent = (type: keyof typeof types, applicationId: string, atMs: number): OutgoingEvent => ({
  receiver: 'documents',
  topic: 'applications',
  type: 'eligibility.application-event.v1',
  data: ApplicationEvent.encode({ type: types[type], applicationId, atMs, reviewId: '' }).finish(),
})

/** The same of a review of a decision on it. */
export const reviewOpened = (applicationId: string, reviewId: string, atMs: number): OutgoingEvent => ({
  ...applicationEvent('decided', applicationId, atMs),
  data: ApplicationEvent.encode({
    type: ApplicationEventType.APPLICATION_EVENT_TYPE_REVIEW_OPENED,
    applicationId,
    reviewId,
    atMs,
  }).finish(),
})
