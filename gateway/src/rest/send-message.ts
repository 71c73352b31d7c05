import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { applicationNamed, handGiven, message } from './application-schemas.js'
import { handOf, messageView } from './application-views.js'
import { operation } from './operation.js'

export const sendMessage = operation({
  id: 'sendMessage',
  method: 'POST',
  path: '/v1/applications/{id}/messages',
  summary: 'Adds a message to the one thread of an application',
  kinds: ['agency'],
  hasEffect: true,
  params: applicationNamed,
  body: z.strictObject({ text: z.string().trim().min(1).max(4000), by: handGiven.optional() }),
  responses: { 201: { description: 'Added.', schema: z.strictObject({ message }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED', 'APPLICATION_INVALID'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { message: sent } = await neighbours.applications.sendMessage(
      { applicationId: params.id, text: body.text, by: handOf(body.by) },
      { deadline, accessToken, idempotencyKey },
    )
    if (!sent) throw new MeshError('INTERNAL', { cause: 'an answer without its message' })
    return { status: 201, body: { message: messageView(sent) } }
  },
})
