import type { PlainRpc } from '@unefois/chassis/rpc'
import { ownDeclarationPurpose } from '@unefois/proto/federation-list'
import type {
  ListOwnDeclarationsRequest,
  ListOwnDeclarationsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { z } from 'zod'
import type { DeclarationNeeds } from '../declaration-needs.js'
import { fitting } from '../domain/page-budget.js'
import { bytesOfDeclaration, toOwnDeclaration } from './declaration-view.js'
import { basis, token } from './fields.js'
import { contestPageSize, pageSizeOf, positionToken, usualContests } from './pages.js'
import { openPortalTicket } from './portal-ticket.js'

/** Errors: those of a portal ticket. */
export const listOwnDeclarations = (
  needs: DeclarationNeeds,
): PlainRpc<ListOwnDeclarationsRequest, ListOwnDeclarationsResponse> => ({
  request: z.object({ ticket: token, basisId: basis, pageSize: contestPageSize, pageToken: positionToken }),
  handle: async (request, call) => {
    const { runtime, declarations } = needs
    const { sub } = openPortalTicket(needs, request, call, ownDeclarationPurpose)
    const limit = pageSizeOf(request.pageSize, usualContests)
    const found = await declarations.ofSubject(sub, Number(request.pageToken) || undefined, limit)
    const federation = runtime.federation.current
    const views = found.declarations.map((one) => toOwnDeclaration(one, federation, runtime.member))
    const shown = fitting(views, bytesOfDeclaration)
    const isCut = shown.length < views.length
    const upTo = isCut ? found.declarations[shown.length - 1]?.position : found.read === limit ? found.upTo : undefined
    return { declarations: [...shown], nextPageToken: String(upTo ?? '') }
  },
})
