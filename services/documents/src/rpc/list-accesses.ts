import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListAccessesRequest, ListAccessesResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { toAccess } from './access-view.js'
import { basis, token } from './fields.js'
import { openPortalTicket } from './portal-ticket.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'accesses'>

const usualPageSize = 50

export const listAccesses = (needs: Needs): PlainRpc<ListAccessesRequest, ListAccessesResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    pageSize: z.number().int().min(0).max(100),
    pageToken: z.string().regex(/^([1-9][0-9]{0,15})?$/, 'not a page token of this list'),
  }),
  handle: async (request, call) => {
    const { sub } = openPortalTicket(needs, request, call)
    const limit = request.pageSize || usualPageSize
    const before = request.pageToken === '' ? undefined : Number(request.pageToken)
    const found = await needs.accesses.list(sub, before, limit)
    const last = found.length === limit ? found.at(-1) : undefined
    return { accesses: found.map(toAccess), nextPageToken: last ? String(last.opening.sequence) : '' }
  },
})
