import { ListedCorrections } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import { correction } from './correction-schemas.js'
import { correctionView } from './correction-views.js'
import { instantFilter, listQuery, msOf, nameFilter, pageOf, requireNamed } from './list-query.js'
import { operation } from './operation.js'
import { opaqueId } from './schemas.js'

const listings = {
  open: ListedCorrections.LISTED_CORRECTIONS_OPEN,
  answered: ListedCorrections.LISTED_CORRECTIONS_ANSWERED,
} as const

export const listCorrections = operation({
  id: 'listCorrections',
  method: 'GET',
  path: '/v1/corrections',
  summary: 'What was corrected after this agency had received it, in the order in which it heard of it',
  kinds: ['agency'],
  query: listQuery({
    state: z.enum(['open', 'answered']).optional(),
    exchangeId: opaqueId.optional(),
    evidenceType: nameFilter,
    since: instantFilter.meta({ description: 'Heard at that time or later.' }),
  }),
  responses: {
    200: {
      description: 'The corrections that follow; none, and the same token, when nothing is new.',
      schema: z.strictObject({ corrections: z.array(correction), nextPageToken: z.string() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'FILTER_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, deadline, accessToken }, { neighbours, federation }) => {
    requireNamed(federation.current, query)
    const { state, exchangeId = '', evidenceType = '', since } = query
    const { corrections, nextPageToken } = await neighbours.corrections.listCorrections(
      {
        ...pageOf(query),
        listed: state ? listings[state] : ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED,
        exchangeId,
        evidenceType,
        sinceMs: msOf(since),
      },
      { deadline, accessToken },
    )
    return { body: { corrections: corrections.map(correctionView), nextPageToken } }
  },
})
