import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireEventsClient } from './agency-client.js'
import { operation } from './operation.js'

export const deleteWebhook = operation({
  id: 'deleteWebhook',
  method: 'DELETE',
  path: '/v1/webhooks/{id}',
  summary: 'Delivers nothing more to this webhook, and forgets it',
  kinds: ['agency'],
  params: z.strictObject({ id: z.uuid() }),
  responses: { 200: { description: 'Deleted.', schema: z.strictObject({ id: z.string() }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'WEBHOOK_UNKNOWN'],
  handle: async ({ params, caller }, { webhooks }) => {
    if (!(await webhooks.delete(requireEventsClient(caller()), params.id))) throw new MeshError('WEBHOOK_UNKNOWN')
    return { body: { id: params.id } }
  },
})
