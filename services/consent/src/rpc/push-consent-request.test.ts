import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callOf, memberCaller, openAuthority, pushOf } from '../authority.fixture.js'
import { asker, assent, pseudonym, sourceOne, sourceTwo, startSeconds, stranger } from '../federation.fixture.js'
import { ticketFor } from '../identity.fixture.js'
import { readRequest } from '../store/consent-requests.js'
import { pushConsentRequest } from './push-consent-request.js'

let authority: AuthorityFixture
beforeAll(async () => {
  authority = await openAuthority('consent_push')
})
afterAll(() => authority.postgres.close())

const push = (request: ReturnType<typeof pushOf>, caller = memberCaller(asker)) =>
  ask(pushConsentRequest(authority), request, callOf(authority.clock, caller))

describe('PushConsentRequest', () => {
  it('refuses a ticket that another member presents', async () => {
    await expect(push(pushOf(), memberCaller(stranger))).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
  })

  it('refuses a ticket for another purpose or another basis', async () => {
    const one = pushOf()
    await expect(push({ ...one, purpose: 'told' })).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
    await expect(push({ ...one, basisId: pushOf().basisId })).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
  })

  it('refuses a ticket addressed to somebody else, forged, or expired', async () => {
    const { basisId, ...rest } = pushOf()
    const claims = { requester: asker, purpose: 'agreed', basis: basisId, sub: pseudonym('ada', assent) }
    const tickets = [
      [ticketFor({ ...claims, aud: sourceOne }), 'TICKET_INVALID'],
      [ticketFor({ ...claims, aud: assent, iss: stranger }), 'TICKET_INVALID'],
      ['not-a-ticket', 'TICKET_INVALID'],
      [ticketFor({ ...claims, aud: assent, iat: startSeconds - 7200, exp: startSeconds - 3600 }), 'TOKEN_EXPIRED'],
    ] as const
    for (const [ticket, reason] of tickets)
      await expect(push({ ...rest, basisId, ticket })).rejects.toMatchObject({ reason })
  })

  it('refuses a return address that is not registered', async () => {
    await expect(push({ ...pushOf(), returnUrl: 'https://asker.example/other' })).rejects.toMatchObject({
      reason: 'RETURN_URL_NOT_REGISTERED',
    })
  })

  it('refuses a provider without an authorisation in mode consent that it signed itself', async () => {
    const unsigned = pushOf('ada', { providers: [sourceOne], evidenceTypes: ['income', 'family'] })
    await expect(push(unsigned)).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    const nothing = pushOf('ada', { evidenceTypes: ['income'] })
    await expect(push(nothing)).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('refuses an unknown provider or evidence type', async () => {
    await expect(push(pushOf('ada', { providers: ['nobody'] }))).rejects.toMatchObject({ reason: 'MEMBER_UNKNOWN' })
    await expect(push(pushOf('ada', { evidenceTypes: ['nothing'] }))).rejects.toMatchObject({
      reason: 'EVIDENCE_TYPE_UNKNOWN',
    })
  })

  it('refuses the same client request id with another content or for another person', async () => {
    const one = pushOf()
    await push(one)
    await expect(push({ ...one, durationDays: 31 })).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
    const { clientRequestId } = one
    await expect(push({ ...pushOf('bea'), clientRequestId })).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  it.each([
    { durationDays: 0 },
    { durationDays: 366 },
    { providers: [] },
    { providers: [sourceOne, sourceOne] },
    { evidenceTypes: [] },
    { clientRequestId: 'short' },
    { ticket: '' },
  ])('refuses a malformed request: %j', (over) => {
    const { success } = pushConsentRequest(authority).request.safeParse({ ...pushOf(), ...over })
    expect(success).toBe(false)
  })

  it('answers the same request to the same push, also with a fresh ticket and basis', async () => {
    const one = pushOf()
    const { clientRequestId } = one
    const first = await push(one)
    authority.clock.advance(1000)
    const again = { ...pushOf('ada', { providers: [sourceTwo, sourceOne] }), clientRequestId }
    expect(await push(again)).toEqual(first)
  })

  it('stores what would be disclosed and says where the person answers', async () => {
    const { requestId, authorityUrl, expiresAtMs } = await push(pushOf())
    expect(requestId).toMatch(/^[A-Za-z0-9_-]{22,}$/)
    expect(authorityUrl).toBe(`https://assent.example/consent/${requestId}`)
    expect(expiresAtMs).toBe(authority.clock.nowMs() + 3_600_000)
    expect(await readRequest(authority.postgres, requestId)).toMatchObject({
      subject: pseudonym('ada', assent),
      state: 'requested',
      textVersion: 'v1',
      disclosures: [
        { provider: sourceOne, evidenceType: 'income', fields: ['amount.value'], predicates: ['is-dependant'] },
        { provider: sourceTwo, evidenceType: 'housing', fields: ['rooms'] },
      ],
    })
  })
})
