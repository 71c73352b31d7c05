import type { Rpc } from '@unefois/chassis/rpc'
import type { RevokeConsentRequest, RevokeConsentResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { announce } from '../announce.js'
import type { ConsentAuthorityContext } from '../context.js'
import { stateAt, withdrawalRefusal } from '../domain/consent-state.js'
import { insertEvent, lockConsent, markWithdrawn, readCopies } from '../store/consents.js'
import { insertWithdrawal, readWithdrawals } from '../store/withdrawals.js'
import { untilInForce } from '../until-in-force.js'
import { optionalBasis, token } from './fields.js'
import { openPortalTicket } from './portal-ticket.js'

type Needs = Pick<
  ConsentAuthorityContext,
  'member' | 'clock' | 'postgres' | 'outbox' | 'statementKey' | 'tickets' | 'wakes'
>

/** Withdraws in one transaction, with nobody else's help; answers when it was recorded, the first time. */
const withdraw = (needs: Needs, consentId: string, subject: string): Promise<number> =>
  needs.postgres.transaction(async (tx) => {
    const consent = await lockConsent(tx, consentId, subject)
    if (!consent) throw new MeshError('CONSENT_UNKNOWN')
    const refusal = withdrawalRefusal(stateAt(consent.state, consent.validUntilSeconds * 1000, needs.clock.nowMs()))
    if (refusal) throw new MeshError(refusal)
    const earlier = (await readWithdrawals(tx, [consentId])).get(consentId)
    if (earlier) return earlier.recordedAtMs
    await markWithdrawn(tx, consentId)
    const { atMs, providers } = await announce(tx, needs, consent, await readCopies(tx, consentId), 'withdrawn')
    for (const provider of providers) await insertWithdrawal(tx, consentId, provider)
    await insertEvent(tx, consentId, { state: 'withdrawn', atMs, actor: 'person' })
    return atMs
  })

/**
 * Records a withdrawal, then waits a moment for it to be in force; asking twice answers the first times. Errors: as
 * openPortalTicket, CONSENT_UNKNOWN, CONSENT_EXPIRED, CONSENT_REFUSED.
 */
export const revokeConsent = (needs: Needs): Rpc<RevokeConsentRequest, RevokeConsentResponse> => ({
  request: z.object({ ticket: token, basisId: optionalBasis, consentId: z.uuid() }),
  handle: async (request, { caller, deadline }) => {
    const { sub } = openPortalTicket(needs, request, caller)
    const recordedAtMs = await withdraw(needs, request.consentId, sub)
    needs.outbox.wake()
    return { recordedAtMs, inForceAtMs: (await untilInForce(needs, request.consentId, deadline)) ?? 0 }
  },
})
