import { randomBytes } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Rpc } from '@unefois/chassis/rpc'
import type {
  PushConsentRequestRequest,
  PushConsentRequestResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { BasisId, MemberId, SubjectId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { ticketMisuse } from '@unefois/proto/subject-ticket'
import { z } from 'zod'
import { consentTerms } from '../consent-terms.js'
import type { ConsentAuthorityContext } from '../context.js'
import { isSameRequest } from '../domain/same-request.js'
import { insertOnce } from '../store/consent-requests.js'
import { requireMember } from './callers.js'
import { basis, durationDays, evidenceTypes, providers, purpose, returnUrl, token } from './fields.js'

type Needs = Pick<
  ConsentAuthorityContext,
  'member' | 'clock' | 'postgres' | 'federation' | 'tickets' | 'publicUrl' | 'requestMinutes' | 'subjects'
>

const personOf = ({ member, tickets }: Needs, requester: MemberId, request: PushConsentRequestRequest): SubjectId => {
  const ticket = tickets.openTicket(request.ticket)
  const use = { requester, provider: member, purpose: request.purpose, basis: request.basisId as BasisId }
  const misuse = ticketMisuse(ticket, use)
  if (misuse) throw new MeshError(misuse)
  return ticket.sub
}

/**
 * Registers a request to a person; the same client_request_id answers the same request. Errors: TICKET_INVALID,
 * TOKEN_EXPIRED, TICKET_MISUSED, RETURN_URL_NOT_REGISTERED, PURPOSE_NOT_AUTHORISED, MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN,
 * IDEMPOTENCY_KEY_REUSED.
 */
export const pushConsentRequest = (needs: Needs): Rpc<PushConsentRequestRequest, PushConsentRequestResponse> => ({
  request: z.object({
    purpose,
    providers,
    evidenceTypes,
    durationDays,
    returnUrl,
    ticket: token,
    clientRequestId: z.string().regex(/^[\x21-\x7e]{8,128}$/, 'not 8 to 128 printable ASCII characters'),
    basisId: basis,
  }),
  handle: async (request, { caller }) => {
    const requester = requireMember(caller)
    const subject = personOf(needs, requester, request)
    const federation = needs.federation.current
    const now = nowSeconds(needs.clock)
    if (!federation.member(requester, now).returnUrls.includes(request.returnUrl))
      throw new MeshError('RETURN_URL_NOT_REGISTERED')
    const disclosures = consentTerms(federation, { ...request, requester }, now)
    const nowMs = Math.floor(needs.clock.nowMs())
    const wish = {
      requestId: randomBytes(16).toString('base64url'),
      requester,
      clientRequestId: request.clientRequestId,
      subject,
      purpose: request.purpose,
      providers: request.providers,
      evidenceTypes: request.evidenceTypes,
      durationDays: request.durationDays,
      returnUrl: request.returnUrl,
      textVersion: federation.purpose(request.purpose).textVersion,
      disclosures,
      state: 'requested' as const,
      requestedAtMs: nowMs,
      expiresAtMs: nowMs + needs.requestMinutes * 60_000,
    }
    const stored = await insertOnce(needs.postgres, wish)
    // A repeated push may name the same person by a pseudonym that has changed.
    const isSamePerson = await needs.subjects.areSame(stored.subject, wish.subject)
    if (!isSamePerson || !isSameRequest(stored, { ...wish, subject: stored.subject }))
      throw new MeshError('IDEMPOTENCY_KEY_REUSED')
    const { requestId, expiresAtMs } = stored
    return { requestId, authorityUrl: `${needs.publicUrl}/consent/${requestId}`, expiresAtMs }
  },
})
