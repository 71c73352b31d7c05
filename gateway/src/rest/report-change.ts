import { z } from 'zod'
import { operation } from './operation.js'
import { name, subjectId } from './schemas.js'

export const reportChange = operation({
  id: 'reportChange',
  method: 'POST',
  path: '/v1/changes',
  summary: 'Says that evidence in this agency’s own register changed; whoever may hear of it is told so',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({ subject: subjectId, evidenceType: name }),
  responses: {
    201: { description: 'Reported. Whether anybody is told is not said.', schema: z.strictObject({}) },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'EVIDENCE_TYPE_UNKNOWN'],
  handle: async ({ body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    await neighbours.changes.reportChange(body, { deadline, accessToken, idempotencyKey })
    return { status: 201, body: {} }
  },
})
