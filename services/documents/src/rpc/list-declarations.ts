import { PageTokens, requireKnown } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  DeclarationState,
  type ListDeclarationsRequest,
  type ListDeclarationsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { z } from 'zod'
import type { DeclarationNeeds } from '../declaration-needs.js'
import { fitting } from '../domain/page-budget.js'
import { bytesOfDeclaration, stateOf, toDeclaration } from './declaration-view.js'
import { contestPageSize, filteredPositionToken, pageSizeOf, usualContests } from './pages.js'

type Needs = Pick<DeclarationNeeds, 'runtime' | 'declarations'>

/** Errors: FILTER_UNKNOWN for a kind that is none, PAGE_TOKEN_MISMATCH. */
export const listDeclarations = ({
  runtime,
  declarations,
}: Needs): PlainRpc<ListDeclarationsRequest, ListDeclarationsResponse> => ({
  request: z.object({
    state: z
      .number()
      .refine(
        (state) => state === DeclarationState.DECLARATION_STATE_UNSPECIFIED || stateOf(state as DeclarationState),
        'no state',
      ),
    kind: z.string().max(64),
    declarationId: z.union([z.literal(''), z.uuid()]),
    pageSize: contestPageSize,
    pageToken: filteredPositionToken,
  }),
  handle: async ({ state, kind, declarationId, pageSize, pageToken }) => {
    const kinds = runtime.federation.current.claims.declarations ?? []
    requireKnown(
      'kind',
      kind,
      kinds.map(({ id }) => id),
    )
    const tokens = new PageTokens('declarations', { state, kind, declarationId })
    const wanted = { state: stateOf(state), kind: kind || undefined, declarationId: declarationId || undefined }
    const from = Number(tokens.positionIn(pageToken))
    const found = await declarations.after(from, wanted, pageSizeOf(pageSize, usualContests))
    const views = found.declarations.map(toDeclaration)
    const shown = fitting(views, bytesOfDeclaration)
    const upTo = shown.length < views.length ? found.declarations[shown.length - 1]?.position : found.upTo
    return { declarations: [...shown], nextPageToken: upTo ? tokens.after(upTo) : pageToken }
  },
})
