import { randomBytes, randomUUID } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import { RawMember } from '@unefois/deploy/sandbox/raw-member'
import { ConsentAuthorityServiceDefinition, ListConsentsRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  CorrectionServiceDefinition,
  ListHoldingsRequest,
  ListOwnContestsRequest,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import {
  DocumentsServiceDefinition,
  ListAccessesRequest,
  PreviewAnswer,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { compactOf, encryptedTo, keyAt, kidAt, nowSeconds, originalOf, withClaims } from './_forgeries.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf, refused } from './_refusals.js'
import {
  authority,
  evidenceType,
  fund,
  identityAuthority,
  personTokenOf,
  portal,
  Resident,
  stranger,
  told,
  town,
} from './_resident.js'
import { restOf } from './_rest.js'

let places: Places
let resident: Resident
let gateway: HostileMember
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  gateway = await HostileMember.connect(places, portal, 'gateway')
})
afterAll(async () => {
  resident.leave()
  await gateway.close()
})

const basisId = basisIdFrom(randomBytes(16))

/** A ticket of the identity authority for the portal, about the resident, with changes that it would not make by itself. */
const ticketOf = (changes: object = {}): string => {
  const path = places.keys(identityAuthority).ticket?.path ?? ''
  const iat = nowSeconds()
  const claims = {
    jti: randomBytes(16).toString('base64url'),
    iss: identityAuthority,
    aud: fund,
    requester: portal,
    purpose: 'personal-access',
    sub: resident.atFund,
    basis: basisId,
    acr: 'eidas1',
    auth_time: iat,
    iat,
    exp: iat + 600,
    ...changes,
  }
  const signed = compactOf({ alg: 'EdDSA', kid: kidAt(path), typ: 'subject-ticket+jwt' }, claims, keyAt(path))
  const isForAuthority = claims.aud === authority
  return encryptedTo(places, claims.aud, isForAuthority ? 'consent-authority' : 'documents', signed)
}

const empty = new Uint8Array()

type Ask = (from: HostileMember, ticket: string) => Promise<unknown>
/** What only the portal may ask, and only for a person who is logged in. */
const personal: readonly [Parameters<typeof refusalOf>[0], string, Ask][] = [
  [
    'unefois.documents.v1.DocumentsService/ListAccesses',
    fund,
    (from, ticket) =>
      from.of(fund, DocumentsServiceDefinition).listAccesses({ ...ListAccessesRequest.decode(empty), ticket, basisId }),
  ],
  [
    'unefois.documents.v1.DocumentsService/GetAccessProof',
    fund,
    (from, ticket) =>
      from.of(fund, DocumentsServiceDefinition).getAccessProof({ ticket, basisId, recordId: randomUUID() }),
  ],
  [
    'unefois.documents.v1.DocumentsService/PreviewEvidence',
    fund,
    (from, ticket) =>
      from
        .of(fund, DocumentsServiceDefinition)
        .previewEvidence({ ticket, basisId, requester: town, evidenceType, purpose: told }),
  ],
  [
    'unefois.documents.v1.DocumentsService/AnswerPreview',
    fund,
    (from, ticket) =>
      from.of(fund, DocumentsServiceDefinition).answerPreview({
        ticket,
        basisId,
        requester: town,
        evidenceType,
        purpose: told,
        requestedBasisId: basisId,
        answer: PreviewAnswer.PREVIEW_ANSWER_CONFIRMED,
        evidenceVersion: 1,
      }),
  ],
  [
    'unefois.documents.v1.DocumentsService/OpposeUse',
    fund,
    (from, ticket) => from.of(fund, DocumentsServiceDefinition).opposeUse({ ticket, basisId, purpose: told }),
  ],
  [
    'unefois.consent.v1.ConsentAuthorityService/ListConsents',
    authority,
    (from, ticket) =>
      from
        .of(authority, ConsentAuthorityServiceDefinition)
        .listConsents({ ...ListConsentsRequest.decode(empty), ticket, basisId }),
  ],
  [
    'unefois.consent.v1.ConsentAuthorityService/RevokeConsent',
    authority,
    (from, ticket) =>
      from.of(authority, ConsentAuthorityServiceDefinition).revokeConsent({ ticket, basisId, consentId: randomUUID() }),
  ],
  [
    'unefois.documents.v1.CorrectionService/ContestEvidence',
    fund,
    (from, ticket) =>
      from.of(fund, CorrectionServiceDefinition).contestEvidence({
        ticket,
        basisId,
        contestId: randomUUID(),
        evidenceType,
        version: 1,
        field: '',
        statement: 'It is wrong.',
      }),
  ],
  [
    'unefois.documents.v1.CorrectionService/ListOwnContests',
    fund,
    (from, ticket) =>
      from
        .of(fund, CorrectionServiceDefinition)
        .listOwnContests({ ...ListOwnContestsRequest.decode(empty), ticket, basisId }),
  ],
  [
    'unefois.documents.v1.CorrectionService/ListHoldings',
    fund,
    (from, ticket) =>
      from
        .of(fund, CorrectionServiceDefinition)
        .listHoldings({ ...ListHoldingsRequest.decode(empty), ticket, basisId }),
  ],
]

describe.each(personal)('%s', (rpc, provider, ask) => {
  const at = provider === authority ? { aud: authority } : {}

  it('is refused to another member, whose gateway has no keys for it', async () => {
    const service = provider === authority ? 'consent' : 'documents'
    for (const member of [town, stranger]) {
      const other = await HostileMember.connect(places, member, service)
      expect(await refusalOf(rpc, () => ask(other, ticketOf({ ...at, requester: member })))).toBe('CALLER_NOT_ALLOWED')
      await other.close()
      await expect(RawMember.connect(places, member, 'gateway')).rejects.toThrow(/keys|call/)
    }
  })

  it('is refused to the portal without the person’s login, and says which step is missing', async () => {
    const ticket = ticketOf({ ...at, auth_time: undefined, acr: undefined })
    expect(await refused(rpc, () => ask(gateway, ticket))).toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      facts: { required_acr: 'eidas1' },
    })
  })

  it.each<[string, object]>([
    ['requester', { requester: town }],
    ['purpose', { purpose: told }],
    ['basis', { basis: basisIdFrom(randomBytes(16)) }],
  ])('is refused to the portal with the ticket of another %s', async (_, changes) => {
    expect(await refusalOf(rpc, () => ask(gateway, ticketOf({ ...at, ...changes })))).toBe('TICKET_MISUSED')
  })

  it('is refused to the portal with what is no ticket', async () => {
    expect(await refusalOf(rpc, () => ask(gateway, 'x'))).toBe('TICKET_INVALID')
  })
})

describe('the portal', () => {
  it('is shown no proof of a record that is not this person’s, and withdraws no consent that is not theirs', async () => {
    const unknown = randomUUID()
    expect(
      await refusalOf('unefois.documents.v1.DocumentsService/GetAccessProof', () =>
        gateway.of(fund, DocumentsServiceDefinition).getAccessProof({ ticket: ticketOf(), basisId, recordId: unknown }),
      ),
    ).toBe('EXCHANGE_UNKNOWN')
    const proof = await resident.atPortal('GET', `/v1/me/accesses/${fund}/${unknown}/proof`)
    expect([proof.status, await proof.json()]).toMatchObject([404, { reason: 'EXCHANGE_UNKNOWN' }])
    const withdrawal = await resident.atPortal('DELETE', `/v1/me/consents/${unknown}`)
    expect([withdrawal.status, await withdrawal.json()]).toMatchObject([404, { reason: 'CONSENT_UNKNOWN' }])
  })

  it('previews nothing that no authorisation would release', async () => {
    const preview = (changes: object) =>
      refusalOf('unefois.documents.v1.DocumentsService/PreviewEvidence', () =>
        gateway.of(fund, DocumentsServiceDefinition).previewEvidence({
          ticket: ticketOf(),
          basisId,
          requester: town,
          evidenceType,
          purpose: told,
          ...changes,
        }),
      )
    expect(await preview({ requester: stranger })).toBe('PURPOSE_NOT_AUTHORISED')
    expect(await preview({ purpose: 'curiosity' })).toBe('PURPOSE_NOT_AUTHORISED')
    expect(await preview({})).toBe('nothing')
  })

  it('keeps no answer to a preview where the person asked for nothing, and no opposition where nothing is searched', async () => {
    for (const ask of personal.slice(3, 5).map(([, , each]) => each))
      expect(
        await refusalOf('unefois.documents.v1.DocumentsService/AnswerPreview', () => ask(gateway, ticketOf())),
      ).toBe('PURPOSE_NOT_AUTHORISED')
  })

  it('asks for a higher login where the level is too low (RFC 9470)', async () => {
    const own = originalOf(await personTokenOf(places, resident.person, portal), places.keys(portal).token.path)
    const token = withClaims(own, { acr: 'eidas0' })
    const answer = await restOf(places, portal, { method: 'GET', path: '/v1/me/accesses', token })
    expect(answer).toMatchObject({
      status: 403,
      reason: 'ASSURANCE_TOO_LOW',
      body: { facts: { required_acr: 'eidas1' } },
    })
    const challenge = answer.headers.get('www-authenticate')
    expect(challenge).toContain('error="insufficient_user_authentication"')
    expect(challenge).toContain('acr_values="eidas1"')
  })

  it('shows nothing to a system, which is no person', async () => {
    const { accessToken } = await resident.town.call('evidence:request')
    const answer = await restOf(places, portal, { method: 'GET', path: '/v1/me/accesses', token: accessToken })
    // A token of the town is no token of the portal, nor of a provider that people log in at.
    expect(answer).toMatchObject({ status: 401, reason: 'TOKEN_KEY_UNKNOWN' })
  })
})
