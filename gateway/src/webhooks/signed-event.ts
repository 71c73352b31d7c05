import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

/** A new signing secret as Standard Webhooks spells one: `whsec_` and 32 random bytes in base64. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/** An event of the agency's feed, as the gateway reads it. */
export interface FeedEvent {
  readonly eventId: string
  readonly type: string
  readonly reference: string
  readonly occurredAtMs: number
  readonly position: string
}

/** A CloudEvents 1.0 event in structured JSON: what happened, by its id, and nothing of it. */
export const cloudEvent = ({ eventId, type, reference, occurredAtMs, position }: FeedEvent, member: string) => ({
  specversion: '1.0',
  id: eventId,
  source: `urn:unefois:member:${member}`,
  type: `documents.${type}.v1`,
  time: new Date(occurredAtMs).toISOString(),
  datacontenttype: 'application/json',
  data: { reference, position },
})

/** Headers and body of one delivery (https://www.standardwebhooks.com), signed with each secret that is in use. */
export const signedDelivery = (
  event: FeedEvent,
  { member, secrets, nowMs }: { readonly member: string; readonly secrets: readonly string[]; readonly nowMs: number },
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } => {
  const body = JSON.stringify(cloudEvent(event, member))
  const at = new Date(nowMs)
  return {
    body,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': event.eventId,
      'webhook-timestamp': String(Math.floor(nowMs / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(event.eventId, at, body)).join(' '),
    },
  }
}
