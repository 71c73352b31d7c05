import { z } from 'zod'
import { requireEventsClient } from './agency-client.js'
import { webhook, webhookView } from './event-schemas.js'
import { operation } from './operation.js'

export const resumeWebhook = operation({
  id: 'resumeWebhook',
  method: 'POST',
  path: '/v1/webhooks/{id}/resume',
  summary: 'Delivers again after a webhook was disabled, from where it stopped, or at once where it waits',
  kinds: ['agency'],
  params: z.strictObject({ id: z.uuid() }),
  responses: { 200: { description: 'Enabled.', schema: z.strictObject({ webhook }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'WEBHOOK_UNKNOWN'],
  handle: async ({ params, caller }, { webhooks, webhookCourier }) => {
    const resumed = await webhooks.resume(requireEventsClient(caller()), params.id)
    webhookCourier.wake()
    return { body: { webhook: webhookView(resumed) } }
  },
})
