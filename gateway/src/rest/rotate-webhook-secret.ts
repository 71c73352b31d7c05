import { z } from 'zod'
import { requireEventsClient } from './agency-client.js'
import { operation } from './operation.js'
import { instant } from './schemas.js'
import { instantOf } from './views.js'

export const rotateWebhookSecret = operation({
  id: 'rotateWebhookSecret',
  method: 'POST',
  path: '/v1/webhooks/{id}/secret',
  summary: 'Signs with a new secret; the one before goes on signing beside it for 24 hours',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: z.uuid() }),
  responses: {
    201: {
      description: 'The new secret, shown now and never again, but to the same request sent again.',
      schema: z.strictObject({ secret: z.string(), oldSecretUntil: instant }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'WEBHOOK_UNKNOWN'],
  handle: async ({ params, caller, idempotencyKey }, { webhooks, clock }) => {
    const clientId = requireEventsClient(caller())
    const { secret, oldUntilMs } = await webhooks.rotate(clientId, params.id, idempotencyKey, clock.nowMs())
    return { status: 201, body: { secret, oldSecretUntil: instantOf(oldUntilMs) } }
  },
})
