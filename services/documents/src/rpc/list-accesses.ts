import { PageTokens, requireKnown } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type Access,
  AccessOutcome,
  ExchangeSide,
  type ListAccessesRequest,
  type ListAccessesResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { toAccess } from './access-view.js'
import { basis, token } from './fields.js'
import { openOwnView } from './own-view.js'
import { filteredPositionToken, openedAtOnce, pageSize, pageSizeOf, readMatching, sinceMs } from './pages.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'protectedSubjects' | 'accesses'>

const nameOrNone = z.string().max(64)

const requireKnownFilters = ({ runtime }: Needs, request: ListAccessesRequest): void => {
  const { members, evidenceTypes, purposes } = runtime.federation.current.claims
  const ids = (of: readonly { readonly id: string }[]): string[] => of.map(({ id }) => id)
  requireKnown('counterparty', request.counterparty, ids(members))
  requireKnown('evidence_type', request.evidenceType, ids(evidenceTypes))
  requireKnown('purpose', request.purpose, ids(purposes))
}

const isAnySide = (side: ExchangeSide): boolean => side === ExchangeSide.EXCHANGE_SIDE_UNSPECIFIED
const isAnyOutcome = (outcome: AccessOutcome): boolean => outcome === AccessOutcome.ACCESS_OUTCOME_UNSPECIFIED

/** Whether a filter asks for what is known of an access only when its record is open. */
const opensToFilter = ({ side, evidenceType, purpose, outcome }: ListAccessesRequest): boolean =>
  !isAnySide(side) || evidenceType !== '' || purpose !== '' || !isAnyOutcome(outcome)

const isAskedFor = (access: Access, { side, evidenceType, purpose, outcome }: ListAccessesRequest): boolean =>
  (isAnySide(side) || access.side === side) &&
  (evidenceType === '' || access.evidenceType === evidenceType) &&
  (purpose === '' || access.purpose === purpose) &&
  (isAnyOutcome(outcome) || access.outcome === outcome)

/** Errors: those of a portal ticket, FILTER_UNKNOWN, PAGE_TOKEN_MISMATCH. */
export const listAccesses = (needs: Needs): PlainRpc<ListAccessesRequest, ListAccessesResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    pageSize,
    pageToken: filteredPositionToken,
    counterparty: nameOrNone,
    side: z.enum(ExchangeSide),
    evidenceType: nameOrNone,
    purpose: nameOrNone,
    sinceMs,
    untilMs: sinceMs,
    outcome: z.enum(AccessOutcome),
  }),
  handle: async (request, call) => {
    const { sub } = await openOwnView(needs, request, call)
    requireKnownFilters(needs, request)
    const { ticket: _, basisId: __, pageSize: ___, pageToken, ...filters } = request
    const tokens = new PageTokens('accesses', filters)
    const limit = pageSizeOf(request.pageSize)
    const found = await readMatching(
      async (before, atOnce) => {
        const read = await needs.accesses.list(sub, before, atOnce, undefined, request)
        const items = read.map((one) => ({ access: toAccess(one), sequence: one.opening.sequence }))
        return { items, upTo: items.at(-1)?.sequence, isEnd: read.length < atOnce }
      },
      ({ access }) => isAskedFor(access, request),
      ({ sequence }) => sequence,
      {
        from: Number(tokens.positionIn(pageToken)) || undefined,
        limit,
        atOnce: opensToFilter(request) ? openedAtOnce : limit,
      },
    )
    return {
      accesses: found.items.map(({ access }) => access),
      nextPageToken: found.isEnd ? '' : tokens.after(found.upTo),
    }
  },
})
