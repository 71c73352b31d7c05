import type { Rpc } from '@unefois/chassis/rpc'
import type {
  ListConsentsRequest,
  ListConsentsResponse,
  Consent as WireConsent,
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
import { wireState } from './states.js'

type Needs = Pick<ConsentAuthorityContext, 'member' | 'clock' | 'postgres' | 'tickets'>

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

/** A person's consents with history and receipts, for the portal. Errors: as openPortalTicket. */
export const listConsents = (needs: Needs): Rpc<ListConsentsRequest, ListConsentsResponse> => ({
  request: z.object({ ticket: token, basisId: optionalBasis }),
  handle: async (request, { caller }) => {
    const { sub } = openPortalTicket(needs, request, caller)
    const consents = await readConsentsOf(needs.postgres, sub)
    const ids = consents.map(({ consentId }) => consentId)
    const [history, withdrawals] = await Promise.all([
      readHistory(needs.postgres, ids),
      readWithdrawals(needs.postgres, ids),
    ])
    const at = { authority: needs.member, nowMs: Math.floor(needs.clock.nowMs()) }
    return {
      consents: consents.map((consent) =>
        shown(consent, history.get(consent.consentId) ?? [], withdrawals.get(consent.consentId), at),
      ),
    }
  },
})
