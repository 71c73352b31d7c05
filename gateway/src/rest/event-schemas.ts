import type { AgencyEvent } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { z } from 'zod'
import { eventTypeName, eventTypes } from '../webhooks/event-types.js'
import type { StoredWebhook } from '../webhooks/webhooks.js'
import { instant } from './schemas.js'
import { instantOf } from './views.js'

export const eventType = z.enum(eventTypes)

export const agencyEvent = z.strictObject({
  id: z.string().meta({ description: 'Always the same for this event: one that is read twice is known by it.' }),
  type: z.string(),
  reference: z.string().meta({
    description:
      'Of a subscription, a correction, a contest, an exchange, a declaration, an application, a review, an appointment, a waiting, a callback or a visit, by the type.',
  }),
  occurredAt: instant,
  position: z.string(),
})

export const eventView = (event: AgencyEvent): z.infer<typeof agencyEvent> => ({
  id: event.eventId,
  type: eventTypeName(event.type),
  reference: event.reference,
  occurredAt: instantOf(event.occurredAtMs),
  position: event.position,
})

export const webhook = z.strictObject({
  id: z.string(),
  url: z.string(),
  types: z.array(z.string()).meta({ description: 'Only these; none: all.' }),
  createdAt: instant,
  position: z.string().meta({ description: 'Of the last event that was delivered; empty: none yet.' }),
  isEnabled: z.boolean(),
  disabledBecause: z.enum(['failing', 'gone', 'position-too-old', 'address-not-allowed']).nullable(),
  disabledAt: instant.nullable(),
  failingSince: instant.nullable(),
  lastFailure: z.string().nullable(),
  nextAttemptAt: instant.nullable(),
})

const whenOf = (ms: number | undefined): string | null => (ms === undefined ? null : instantOf(ms))

export const webhookView = (stored: StoredWebhook): z.infer<typeof webhook> => ({
  id: stored.webhookId,
  url: stored.url,
  types: [...stored.types],
  createdAt: instantOf(stored.createdAtMs),
  position: stored.position,
  isEnabled: stored.disabledAtMs === undefined,
  disabledBecause: stored.disabledBecause ?? null,
  disabledAt: whenOf(stored.disabledAtMs),
  failingSince: whenOf(stored.failingSinceMs),
  lastFailure: stored.lastFailure ?? null,
  nextAttemptAt: stored.attempts > 0 && stored.disabledAtMs === undefined ? instantOf(stored.dueAtMs) : null,
})
