import { nowSeconds } from '@unefois/chassis/clock'
import { z } from 'zod'
import { agenciesOf, agency } from './federation-view.js'
import { operation } from './operation.js'

export const listAgencies = operation({
  id: 'listAgencies',
  method: 'GET',
  path: '/v1/agencies',
  summary: 'The members of the federation, with how to reach them otherwise',
  kinds: ['agency', 'portal', 'consent-authority'],
  isPublic: true,
  responses: { 200: { description: 'The members.', schema: z.strictObject({ agencies: z.array(agency) }) } },
  refusals: ['FEDERATION_LIST_EXPIRED'],
  handle: async (_call, { federation, clock }) => ({
    body: { agencies: agenciesOf(federation.current, nowSeconds(clock)) },
    headers: { 'cache-control': 'public, max-age=60' },
  }),
})
