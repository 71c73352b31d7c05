import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { operation } from './operation.js'
import { access, evidence, name, opaqueId } from './schemas.js'
import { accessView, evidenceView } from './views.js'

export const getExchange = operation({
  id: 'getExchange',
  method: 'GET',
  path: '/v1/exchanges/{id}',
  summary: 'This agency’s own record of an exchange, with the evidence while its retention lasts',
  kinds: ['agency'],
  params: z.strictObject({ id: opaqueId }),
  query: z.strictObject({
    purpose: name.optional().meta({ description: 'What it is read for; required of what was collected proactively.' }),
  }),
  responses: {
    200: { description: 'The record.', schema: z.strictObject({ access, evidence: evidence.nullable() }) },
  },
  refusals: ['EXCHANGE_UNKNOWN', 'PURPOSE_LOCKED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, query, deadline, accessToken }, { neighbours, config }) => {
    const answer = await neighbours.documents.getExchange(
      { exchangeId: params.id, purpose: query.purpose },
      { deadline, accessToken },
    )
    if (!answer.access) throw new MeshError('EXCHANGE_UNKNOWN')
    return {
      body: {
        access: accessView(config.member, answer.access, { hasProof: false }),
        evidence: answer.evidence ? evidenceView(answer.evidence) : null,
      },
    }
  },
})
