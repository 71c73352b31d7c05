import { z } from 'zod'
import { operation } from './operation.js'
import { instant, memberId, name, subjectId } from './schemas.js'
import { instantOf } from './views.js'

export const recordProactiveUse = operation({
  id: 'recordProactiveUse',
  method: 'POST',
  path: '/v1/proactive-uses',
  summary: 'Records that this agency searches for a right of a person who asked for nothing, and answers the basis id',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId,
    provider: memberId,
    purpose: name,
    evidenceTypes: z.array(name).min(1).max(20),
    campaign: name.meta({ description: 'The agency’s own name of the search that this is part of.' }),
  }),
  responses: {
    201: { description: 'Recorded.', schema: z.strictObject({ basisId: z.string(), recordedAt: instant }) },
  },
  refusals: ['OPPOSITION_STANDS', 'PURPOSE_NOT_AUTHORISED', 'MEMBER_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const call = { deadline, accessToken, idempotencyKey }
    const { basisId, recordedAtMs } = await neighbours.consent.recordProactiveUse(body, call)
    return { status: 201, body: { basisId, recordedAt: instantOf(recordedAtMs) } }
  },
})
