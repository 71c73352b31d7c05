import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { operation } from './operation.js'
import { access, evidence, opaqueId } from './schemas.js'
import { accessView, evidenceView } from './views.js'

export const getExchange = operation({
  id: 'getExchange',
  method: 'GET',
  path: '/v1/exchanges/{id}',
  summary: 'This agency’s own record of an exchange, with the evidence while its retention lasts',
  kinds: ['agency'],
  params: z.strictObject({ id: opaqueId }),
  responses: {
    200: { description: 'The record.', schema: z.strictObject({ access, evidence: evidence.nullable() }) },
  },
  refusals: ['EXCHANGE_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, deadline, accessToken }, { neighbours, config }) => {
    const answer = await neighbours.documents.getExchange({ exchangeId: params.id }, { deadline, accessToken })
    if (!answer.access) throw new MeshError('EXCHANGE_UNKNOWN')
    return {
      body: {
        access: accessView(config.member, answer.access, { hasProof: false }),
        evidence: answer.evidence ? evidenceView(answer.evidence) : null,
      },
    }
  },
})
