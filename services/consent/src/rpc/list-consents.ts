import { PageTokens, requireKnown } from '@unefois/chassis/page-token'
import type { Rpc } from '@unefois/chassis/rpc'
import {
  ConsentState,
  type ListConsentsRequest,
  type ListConsentsResponse,
  type Consent as WireConsent,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { z } from 'zod'
import type { ConsentAuthorityContext } from '../context.js'
import { type HistoryEntry, historyAt, stateAt } from '../domain/consent-state.js'
import { inForceAtMs } from '../domain/in-force.js'
import { receiptJson } from '../domain/receipt.js'
import { type Consent, readConsentsOf, readHistory } from '../store/consents.js'
import { readWithdrawals, type Withdrawal } from '../store/withdrawals.js'
import { wireDisclosures } from './disclosures.js'
import { optionalBasis, token } from './fields.js'
import { openPortalTicket } from './portal-ticket.js'
import { listedState, wireState } from './states.js'

type Needs = Pick<ConsentAuthorityContext, 'member' | 'clock' | 'postgres' | 'tickets' | 'federation'>

const usualConsents = 20
const mostConsents = 50
/** What fits, sealed and encoded, into one message of 256 kB with room to spare. */
const mostPageBytes = 90_000

const pageToken = z
  .string()
  .regex(/^([0-9]{1,12}\.[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}(~[A-Za-z0-9_-]{12})?)?$/, 'not a page token')

const positionOf = (token: string): { validFromSeconds: number; consentId: string } | undefined => {
  const [seconds, consentId] = token.split('.')
  return consentId === undefined ? undefined : { validFromSeconds: Number(seconds), consentId }
}

/** The first that fit together, and always the first of all. */
const fitting = (consents: readonly WireConsent[]): readonly WireConsent[] => {
  let bytes = 0
  const tooMany = consents.findIndex((consent, index) => {
    bytes += Buffer.byteLength(JSON.stringify(consent))
    return bytes > mostPageBytes && index > 0
  })
  return tooMany < 0 ? consents : consents.slice(0, tooMany)
}

const requireKnownFilters = ({ federation }: Needs, request: ListConsentsRequest): void => {
  const { members, purposes } = federation.current.claims
  const ids = (of: readonly { readonly id: string }[]): string[] => of.map(({ id }) => id)
  requireKnown('requester', request.requester, ids(members))
  requireKnown('purpose', request.purpose, ids(purposes))
}

const shown = (
  consent: Consent,
  recorded: readonly HistoryEntry[],
  withdrawal: Withdrawal | undefined,
  at: { readonly authority: string; readonly nowMs: number },
): WireConsent => {
  const validUntilMs = consent.validUntilSeconds * 1000
  const history = historyAt(recorded, { state: consent.state, validUntilMs, authority: at.authority }, at.nowMs)
  return {
    consentId: consent.consentId,
    requester: consent.requester,
    purpose: consent.purpose,
    disclosures: wireDisclosures(consent.disclosures),
    state: wireState(stateAt(consent.state, validUntilMs, at.nowMs)),
    validFromMs: consent.validFromSeconds * 1000,
    validUntilMs,
    events: history.map(({ state, atMs, actor }) => ({ state: wireState(state), atMs, actor })),
    withdrawalRecordedAtMs: withdrawal?.recordedAtMs ?? 0,
    withdrawalInForceAtMs: (withdrawal && inForceAtMs(withdrawal.recordedAtMs, withdrawal.providers, at.nowMs)) ?? 0,
    receiptJson: receiptJson(consent.record, history),
  }
}

/**
 * A person's consents with history and receipts, for the portal. Errors: as openPortalTicket, FILTER_UNKNOWN,
 * PAGE_TOKEN_MISMATCH.
 */
export const listConsents = (needs: Needs): Rpc<ListConsentsRequest, ListConsentsResponse> => ({
  request: z.object({
    ticket: token,
    basisId: optionalBasis,
    pageSize: z.number().int().min(0).max(mostConsents),
    pageToken,
    state: z.enum(ConsentState).refine((state) => listedState(state) !== undefined, 'no state of a consent'),
    requester: z.string().max(64),
    purpose: z.string().max(64),
  }),
  handle: async (request, { caller }) => {
    const { sub } = openPortalTicket(needs, request, caller)
    requireKnownFilters(needs, request)
    const { requester, purpose } = request
    const tokens = new PageTokens('consents', { state: request.state, requester, purpose })
    const after = positionOf(tokens.positionIn(request.pageToken))
    const state = listedState(request.state) ?? ''
    const limit = request.pageSize || usualConsents
    const nowMs = Math.floor(needs.clock.nowMs())
    const asked = { after, state, requester, purpose, limit: limit + 1, nowMs }
    const consents = await readConsentsOf(needs.postgres, sub, asked)
    const ids = consents.map(({ consentId }) => consentId)
    const [history, withdrawals] = await Promise.all([
      readHistory(needs.postgres, ids),
      readWithdrawals(needs.postgres, ids),
    ])
    const at = { authority: needs.member, nowMs }
    const views = consents
      .slice(0, limit)
      .map((consent) => shown(consent, history.get(consent.consentId) ?? [], withdrawals.get(consent.consentId), at))
    const fit = fitting(views)
    const last = fit.length < consents.length ? consents[fit.length - 1] : undefined
    return {
      consents: [...fit],
      nextPageToken: tokens.after(last && `${last.validFromSeconds}.${last.consentId}`),
    }
  },
})
