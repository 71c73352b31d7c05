import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnEvidence } from '../own-evidence.js'
import { operation } from './operation.js'
import { fieldPath, instant, memberId, name } from './schemas.js'

export const contestEvidence = operation({
  id: 'contestEvidence',
  method: 'POST',
  path: '/v1/me/contests',
  summary: 'The person contests evidence that an agency provides; the agency corrects it or says why not',
  kinds: ['portal'],
  hasEffect: true,
  body: z.strictObject({
    agency: memberId,
    evidenceType: name,
    version: z.number().int().min(1).meta({ description: 'As shown among the holdings.' }),
    field: fieldPath.optional().meta({ description: 'What in it is wrong; left out: all of it.' }),
    statement: z.string().min(1).max(2000).meta({ description: 'In the person’s own words.' }),
  }),
  responses: {
    201: { description: 'Kept.', schema: z.strictObject({ contestId: z.string(), contestedAt: instant }) },
  },
  refusals: ['EVIDENCE_UNKNOWN', 'CONTEST_LIMIT_REACHED', 'CALLER_NOT_ALLOWED', 'PROVIDER_UNREACHABLE'],
  handle: async ({ body, caller, deadline, idempotencyKey }, context) => ({
    status: 201,
    body: await new OwnEvidence(context).contest(
      { ...body, field: body.field ?? '' },
      requirePerson(caller()),
      idempotencyKey,
      deadline,
    ),
  }),
})
