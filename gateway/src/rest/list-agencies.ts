import { nowSeconds } from '@unefois/chassis/clock'
import type { Federation } from '@unefois/proto/federation'
import { z } from 'zod'
import { catalogue, pageOfCatalogue } from './catalogue.js'
import { agency, agencyView } from './federation-view.js'
import { listQuery, pageOf, searchFilter } from './list-query.js'
import { operation } from './operation.js'

const agencies = catalogue(
  ({ claims }: Federation) => claims.members,
  ({ name }) => [name.fr, name.en],
)

export const listAgencies = operation({
  id: 'listAgencies',
  method: 'GET',
  path: '/v1/agencies',
  summary: 'The members of the federation, with how to reach them otherwise',
  kinds: ['agency', 'portal', 'consent-authority'],
  isPublic: true,
  query: listQuery({
    role: z.enum(['agency', 'portal', 'identity-authority', 'consent-authority']).optional(),
    q: searchFilter,
  }),
  responses: {
    200: {
      description: 'The members, in the order of their ids.',
      schema: z.strictObject({ agencies: z.array(agency), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['FEDERATION_LIST_EXPIRED', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query: { role, q = '', ...page } }, { federation, clock }) => {
    const now = nowSeconds(clock)
    const { items, nextPageToken } = pageOfCatalogue(
      agencies(federation.current),
      // One whose security approval has ended is not routed to.
      ({ approvedUntilSeconds, roles }) => approvedUntilSeconds > now && (role === undefined || roles.includes(role)),
      { list: 'agencies', filters: { role: role ?? '' }, q },
      pageOf(page),
    )
    return { body: { agencies: items.map(agencyView), nextPageToken } }
  },
})
