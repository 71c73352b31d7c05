import { createHash, randomBytes } from 'node:crypto'
import { type Caller, callerName } from '@unefois/chassis/caller'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Rpc } from '@unefois/chassis/rpc'
import type {
  OpenConsentRequestRequest,
  OpenConsentRequestResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { consentTerms } from '../consent-terms.js'
import type { ConsentContext } from '../context.js'
import { insertOpenedRequest } from '../store/opened-requests.js'
import { requireMayName } from './callers.js'
import { durationDays, evidenceTypes, providers, purpose, returnUrl, subject } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation' | 'identity' | 'authorityOf'>

/** The same for each retry, so that the authority answers a retry with the first request; a hash, so it tells nothing. */
const clientRequestIdOf = (caller: Caller, idempotencyKey: string): string =>
  createHash('sha256')
    .update(`${callerName(caller)}\n${idempotencyKey}`)
    .digest('base64url')

/**
 * Pushes a consent request to the consent authority. Errors: CALLER_NOT_ALLOWED, RETURN_URL_NOT_REGISTERED,
 * PURPOSE_NOT_AUTHORISED, MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN, those of RequestTicket, PROVIDER_UNREACHABLE.
 */
export const openConsentRequest = (needs: Needs): Rpc<OpenConsentRequestRequest, OpenConsentRequestResponse> => ({
  request: z.object({ subject, purpose, providers, evidenceTypes, durationDays, returnUrl }),
  effect: async (request, { caller, deadline, idempotencyKey }, tx) => {
    requireMayName(caller, request.subject)
    if (idempotencyKey === undefined) throw new MeshError('IDEMPOTENCY_KEY_MISSING')
    const federation = needs.federation.current
    const now = nowSeconds(needs.clock)
    if (!federation.member(needs.member, now).returnUrls.includes(request.returnUrl))
      throw new MeshError('RETURN_URL_NOT_REGISTERED')
    consentTerms(federation, { ...request, requester: needs.member }, now)
    const authority = federation.memberWithRole('consent-authority').id
    const basisId = basisIdFrom(randomBytes(16))
    const { ticket } = await needs.identity.requestTicket(
      {
        subject: request.subject,
        provider: authority,
        purpose: request.purpose,
        basisId,
        loginHandle: caller.kind === 'person' ? caller.loginHandle : '',
      },
      { deadline },
    )
    const { purpose: asked, providers: from, evidenceTypes: types, durationDays: days, returnUrl: back } = request
    const pushed = await needs.authorityOf(authority).pushConsentRequest(
      {
        purpose: asked,
        providers: from,
        evidenceTypes: types,
        durationDays: days,
        returnUrl: back,
        ticket,
        basisId,
        clientRequestId: clientRequestIdOf(caller, idempotencyKey),
      },
      { deadline },
    )
    const { requestId, authorityUrl, expiresAtMs } = pushed
    await insertOpenedRequest(tx, { ...request, requestId, expiresAtMs, openedAtMs: Math.floor(needs.clock.nowMs()) })
    return { requestId, authorityUrl, expiresAtMs }
  },
})
