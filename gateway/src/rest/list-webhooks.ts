import { z } from 'zod'
import { requireEventsClient } from './agency-client.js'
import { webhook, webhookView } from './event-schemas.js'
import { operation } from './operation.js'

export const listWebhooks = operation({
  id: 'listWebhooks',
  method: 'GET',
  path: '/v1/webhooks',
  summary: 'The webhooks of this client: how far each has come, and why one was disabled',
  kinds: ['agency'],
  responses: {
    200: { description: 'At most ten.', schema: z.strictObject({ webhooks: z.array(webhook) }) },
  },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async ({ caller }, { webhooks }) => {
    const found = await webhooks.list(requireEventsClient(caller()))
    return { body: { webhooks: found.map(webhookView) } }
  },
})
