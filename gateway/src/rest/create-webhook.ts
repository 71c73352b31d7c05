import { z } from 'zod'
import { requireAllowedAddress } from '../webhooks/webhook-address.js'
import { requireEventsClient } from './agency-client.js'
import { eventType, webhook, webhookView } from './event-schemas.js'
import { feedPosition } from './list-events.js'
import { operation } from './operation.js'

export const createWebhook = operation({
  id: 'createWebhook',
  method: 'POST',
  path: '/v1/webhooks',
  summary: 'Has this agency’s events delivered, signed, to an address of the agency',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    url: z.string().min(1).max(2000),
    types: z.array(eventType).max(20).default([]),
    after: feedPosition
      .default('')
      .meta({ description: 'The position to begin after; leave out to begin at the oldest event that is kept.' }),
  }),
  responses: {
    201: {
      description: 'Made. The secret is shown now and never again, but to the same request sent again.',
      schema: z.strictObject({ webhook, secret: z.string().meta({ description: 'As Standard Webhooks: whsec_…' }) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'WEBHOOK_URL_NOT_ALLOWED', 'WEBHOOK_LIMIT_REACHED', 'IDEMPOTENCY_KEY_REUSED'],
  handle: async ({ body, caller, idempotencyKey }, { webhooks, webhookCourier, config, clock }) => {
    const clientId = requireEventsClient(caller())
    const url = requireAllowedAddress(body.url, config.webhooks.origins)
    const wish = { clientId, url, types: body.types, position: body.after }
    const made = await webhooks.create(wish, idempotencyKey, clock.nowMs())
    webhookCourier.wake()
    return { status: 201, body: { webhook: webhookView(made.webhook), secret: made.secret } }
  },
})
