import { ListedCorrections } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import { correction } from './correction-schemas.js'
import { correctionView } from './correction-views.js'
import { operation } from './operation.js'
import { opaqueId } from './schemas.js'

const listings = {
  open: ListedCorrections.LISTED_CORRECTIONS_OPEN,
  answered: ListedCorrections.LISTED_CORRECTIONS_ANSWERED,
} as const

/** A position in an order that only grows, kept by the caller. */
export const positionToken = z.string().regex(/^[0-9]{0,15}$/)

export const listCorrections = operation({
  id: 'listCorrections',
  method: 'GET',
  path: '/v1/corrections',
  summary: 'What was corrected after this agency had received it, in the order in which it heard of it',
  kinds: ['agency'],
  query: z.strictObject({
    state: z.enum(['open', 'answered']).optional(),
    exchangeId: opaqueId.optional(),
    pageToken: positionToken.optional().meta({ description: 'The last `nextPageToken`, however long ago.' }),
  }),
  responses: {
    200: {
      description: 'The corrections that follow; none, and the same token, when nothing is new.',
      schema: z.strictObject({ corrections: z.array(correction), nextPageToken: z.string() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async ({ query, deadline, accessToken }, { neighbours }) => {
    const { corrections, nextPageToken } = await neighbours.corrections.listCorrections(
      {
        listed: query.state ? listings[query.state] : ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED,
        pageSize: 0,
        pageToken: query.pageToken ?? '',
        exchangeId: query.exchangeId ?? '',
      },
      { deadline, accessToken },
    )
    return { body: { corrections: corrections.map(correctionView), nextPageToken } }
  },
})
