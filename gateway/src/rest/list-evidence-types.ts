import type { Federation } from '@unefois/proto/federation'
import { z } from 'zod'
import { catalogue, pageOfCatalogue } from './catalogue.js'
import { evidenceType, evidenceTypeView } from './federation-view.js'
import { listQuery, nameFilter, pageOf, requireNamed, searchFilter } from './list-query.js'
import { operation } from './operation.js'

const evidenceTypes = catalogue(
  ({ claims }: Federation) => claims.evidenceTypes,
  ({ title }) => [title.fr, title.en],
)

export const listEvidenceTypes = operation({
  id: 'listEvidenceTypes',
  method: 'GET',
  path: '/v1/evidence-types',
  summary: 'The evidence types of the federation, their fields, and the other routes of each',
  kinds: ['agency', 'portal', 'consent-authority'],
  isPublic: true,
  query: listQuery({
    provider: nameFilter.meta({ description: 'An agency that provides it.' }),
    contract: z.enum(['national', 'own']).optional(),
    q: searchFilter,
  }),
  responses: {
    200: {
      description: 'The evidence types, in the order of their ids.',
      schema: z.strictObject({ evidenceTypes: z.array(evidenceType), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['FEDERATION_LIST_EXPIRED', 'FILTER_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query: { provider, contract, q = '', ...page } }, { federation }) => {
    requireNamed(federation.current, { provider })
    const { items, nextPageToken } = pageOfCatalogue(
      evidenceTypes(federation.current),
      (type) =>
        (provider === undefined || type.providers.some((id) => id === provider)) &&
        (contract === undefined || type.contract === contract),
      { list: 'evidence-types', filters: { provider: provider ?? '', contract: contract ?? '' }, q },
      pageOf(page),
    )
    return { body: { evidenceTypes: items.map(evidenceTypeView), nextPageToken } }
  },
})
