import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListDelegationsRequest,
  ListDelegationsResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DelegationNeeds } from '../decision-needs.js'
import { day, orEmpty, pageSize, pageSizeOf } from './fields.js'

const positionIn = (text: string): number => {
  if (!/^\d{0,15}$/.test(text)) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return Number(text)
}

/** Error: PAGE_TOKEN_MISMATCH. */
export const listDelegations = ({
  delegations,
}: Pick<DelegationNeeds, 'delegations'>): PlainRpc<ListDelegationsRequest, ListDelegationsResponse> => ({
  request: z.object({ day: orEmpty(day), pageSize, pageToken: z.string().max(200) }),
  handle: async (request) => {
    const tokens = new PageTokens('delegations', { day: request.day })
    const limit = pageSizeOf(request.pageSize)
    const after = positionIn(tokens.positionIn(request.pageToken))
    const found = await delegations.list(after, request.day || undefined, limit)
    return {
      delegations: found.map(({ delegation }) => delegation),
      nextPageToken: tokens.after(found.length < limit ? undefined : found.at(-1)?.position),
    }
  },
})
