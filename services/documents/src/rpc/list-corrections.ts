import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type ListCorrectionsRequest,
  type ListCorrectionsResponse,
  ListedCorrections,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { HearingNeeds } from '../correction-needs.js'
import type { Listed } from '../store/received-corrections.js'
import { toCorrection } from './correction-view.js'
import { pageSize, pageSizeOf, positionToken } from './pages.js'

type Needs = Pick<HearingNeeds, 'receivedCorrections'>

const listings = new Map<ListedCorrections, Listed>([
  [ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED, 'all'],
  [ListedCorrections.LISTED_CORRECTIONS_OPEN, 'open'],
  [ListedCorrections.LISTED_CORRECTIONS_ANSWERED, 'answered'],
])

export const listCorrections = ({
  receivedCorrections,
}: Needs): PlainRpc<ListCorrectionsRequest, ListCorrectionsResponse> => ({
  request: z.object({
    listed: z.number().refine((listed) => listings.has(listed as ListedCorrections), 'not a filter'),
    pageSize,
    pageToken: positionToken,
    exchangeId: z.union([z.uuid(), z.literal('')]),
  }),
  handle: async (request) => {
    const of = { listed: listings.get(request.listed) ?? 'all', exchangeId: request.exchangeId || undefined }
    const found = await receivedCorrections.after(Number(request.pageToken), of, pageSizeOf(request.pageSize))
    return {
      corrections: found.map(toCorrection),
      nextPageToken: String(found.at(-1)?.position ?? request.pageToken),
    }
  },
})
