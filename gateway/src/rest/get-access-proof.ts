import type { GetAccessProofResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { operation } from './operation.js'
import { memberId, opaqueId } from './schemas.js'

const base64 = z.string().meta({ contentEncoding: 'base64' })

const proof = z.strictObject({
  record: base64.meta({ description: 'Canonical record (RFC 8785), exactly the bytes that were hashed.' }),
  salt: base64,
  leafIndex: z.number().int(),
  checkpoint: z.string().meta({ description: 'C2SP tlog-checkpoint.' }),
  inclusionProof: z.array(base64),
})

/** A proof as JSON; hash the decoded bytes. */
export const proofView = (found: GetAccessProofResponse): z.infer<typeof proof> => ({
  record: Buffer.from(found.record).toString('base64'),
  salt: Buffer.from(found.salt).toString('base64'),
  leafIndex: found.leafIndex,
  checkpoint: found.checkpoint,
  inclusionProof: found.inclusionProof.map((hash) => Buffer.from(hash).toString('base64')),
})

export const getAccessProof = operation({
  id: 'getAccessProof',
  method: 'GET',
  path: '/v1/me/accesses/{member}/{recordId}/proof',
  summary: 'What is needed to verify one use offline',
  kinds: ['portal'],
  params: z.strictObject({ member: memberId, recordId: opaqueId }),
  responses: { 200: { description: 'The proof.', schema: proof } },
  refusals: ['CALLER_NOT_ALLOWED', 'MEMBER_UNKNOWN', 'EXCHANGE_UNKNOWN', 'PROVIDER_UNREACHABLE'],
  handle: async ({ params, caller, deadline }, context) => {
    const { member, recordId } = params
    const found = await new PersonalAccess(context).proof(member, recordId, requirePerson(caller()), deadline)
    return { body: proofView(found) }
  },
})
