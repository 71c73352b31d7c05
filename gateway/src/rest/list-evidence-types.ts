import { z } from 'zod'
import { evidenceType, evidenceTypesOf } from './federation-view.js'
import { operation } from './operation.js'

export const listEvidenceTypes = operation({
  id: 'listEvidenceTypes',
  method: 'GET',
  path: '/v1/evidence-types',
  summary: 'The evidence types of the federation, their fields, and the other routes of each',
  kinds: ['agency', 'portal', 'consent-authority'],
  isPublic: true,
  responses: {
    200: { description: 'The evidence types.', schema: z.strictObject({ evidenceTypes: z.array(evidenceType) }) },
  },
  refusals: ['FEDERATION_LIST_EXPIRED'],
  handle: async (_call, { federation }) => ({
    body: { evidenceTypes: evidenceTypesOf(federation.current) },
    headers: { 'cache-control': 'public, max-age=60' },
  }),
})
