import { PageTokens } from '@unefois/chassis/page-token'
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
import { requireKnownType } from './list-contests.js'
import { filteredPositionToken, pageSize, pageSizeOf, sinceMs } from './pages.js'

type Needs = Pick<HearingNeeds, 'runtime' | 'receivedCorrections'>

const listings = new Map<ListedCorrections, Listed>([
  [ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED, 'all'],
  [ListedCorrections.LISTED_CORRECTIONS_OPEN, 'open'],
  [ListedCorrections.LISTED_CORRECTIONS_ANSWERED, 'answered'],
])

/** Errors: FILTER_UNKNOWN, PAGE_TOKEN_MISMATCH. */
export const listCorrections = (needs: Needs): PlainRpc<ListCorrectionsRequest, ListCorrectionsResponse> => ({
  request: z.object({
    listed: z.number().refine((listed) => listings.has(listed as ListedCorrections), 'not a filter'),
    pageSize,
    pageToken: filteredPositionToken,
    exchangeId: z.union([z.uuid(), z.literal('')]),
    evidenceType: z.string().max(64),
    sinceMs,
  }),
  handle: async ({ pageSize, pageToken, listed, exchangeId, evidenceType, sinceMs }) => {
    requireKnownType(needs, { evidenceType })
    const tokens = new PageTokens('corrections', { listed, exchangeId, evidenceType, sinceMs })
    const of = { listed: listings.get(listed) ?? 'all', exchangeId, evidenceType, sinceMs }
    const after = Number(tokens.positionIn(pageToken))
    const found = await needs.receivedCorrections.after(after, of, pageSizeOf(pageSize))
    const last = found.at(-1)
    return {
      corrections: found.map(toCorrection),
      nextPageToken: last ? tokens.after(last.position) : pageToken,
    }
  },
})
