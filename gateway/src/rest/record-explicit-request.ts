import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { operation } from './operation.js'
import { instant, memberId, name } from './schemas.js'
import { instantOf } from './views.js'

export const recordExplicitRequest = operation({
  id: 'recordExplicitRequest',
  method: 'POST',
  path: '/v1/explicit-requests',
  summary: 'Records that the person asks for an exchange, with their own token, and answers its basis id',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    provider: memberId,
    purpose: name,
    evidenceTypes: z.array(name).min(1).max(20),
    textVersion: z.string().min(1).max(40).meta({ description: 'Version of the purpose’s text that was shown.' }),
    language: z.enum(['fr', 'en']),
  }),
  responses: {
    201: { description: 'Recorded.', schema: z.strictObject({ basisId: z.string(), askedAt: instant }) },
  },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'MEMBER_UNKNOWN', 'EVIDENCE_TYPE_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { subject } = requirePerson(caller())
    const call = { deadline, accessToken, idempotencyKey }
    const { basisId, askedAtMs } = await neighbours.consent.recordExplicitRequest({ ...body, subject }, call)
    return { status: 201, body: { basisId, askedAt: instantOf(askedAtMs) } }
  },
})
