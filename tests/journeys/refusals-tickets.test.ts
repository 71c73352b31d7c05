import { randomBytes } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answersTo, expectedOf } from './_answers.js'
import { sharedFederation } from './_federation.js'
import {
  compactOf,
  encryptedTo,
  forgeriesOf,
  keyAt,
  kidAt,
  nowSeconds,
  type Original,
  withClaims,
} from './_forgeries.js'
import { HostileMember, HostileNeighbour } from './_raw-callers.js'
import { releaseOf, sendRelease } from './_release.js'
import { agreed, authority, exchangeId, fund, identityAuthority, Resident, stranger, told, town } from './_resident.js'

let places: Places
let resident: Resident
let another: Resident
let honest: ReleaseEvidenceRequest
let sender: HostileMember
let neighbour: HostileNeighbour
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  another = await Resident.settle(places)
  honest = await releaseOf(resident, await resident.tell())
  sender = await HostileMember.connect(places, town, 'documents')
  neighbour = await HostileNeighbour.connect(places, town, 'documents')
})
afterAll(async () => {
  resident.leave()
  another.leave()
  await Promise.all([sender.close(), neighbour.close()])
})

/** A ticket as the identity authority signs it for this exchange; nobody but the authority has its key. */
const original = (): Original => {
  const path = places.keys(identityAuthority).ticket?.path ?? ''
  const iat = nowSeconds()
  return {
    header: { alg: 'EdDSA', kid: kidAt(path), typ: 'subject-ticket+jwt' },
    claims: {
      jti: randomBytes(16).toString('base64url'),
      iss: identityAuthority,
      aud: fund,
      requester: town,
      purpose: told,
      sub: resident.atFund,
      basis: honest.basisId,
      iat,
      exp: iat + 600,
    },
    key: keyAt(path),
  }
}
const sealed = (signed: string): string => encryptedTo(places, fund, 'documents', signed)
const present = (changes: Partial<ReleaseEvidenceRequest>): Promise<string> =>
  sendRelease(sender, { ...honest, exchangeId: exchangeId(), ...changes })
const ticketFor = async (changes: Partial<{ purpose: string; basisId: string; provider: string; subject: string }>) => {
  const wish = { subject: resident.subject, provider: fund, purpose: told, basisId: honest.basisId, loginHandle: '' }
  const { ticket } = await neighbour
    .of(IdentityServiceDefinition)
    .requestTicket({ ...wish, ...changes }, neighbour.call())
  return ticket
}

describe('a ticket that its provider cannot believe', () => {
  it('is refused in every forged, ended, early or misdirected form, and names nobody on record', async () => {
    const forgeries = forgeriesOf(original()).map((forgery) => ({ ...forgery, token: sealed(forgery.token) }))
    const otherwise = Object.fromEntries(
      forgeries.map(({ what, reason }) => [what, reason === 'TOKEN_EXPIRED' ? reason : 'TICKET_INVALID']),
    )
    expect(await answersTo(forgeries, (ticket) => present({ ticket }))).toEqual(expectedOf(forgeries, otherwise))
    expect(await resident.onRecord()).toEqual([])
  })

  it.each<[string, () => string | Promise<string>]>([
    [
      'signed with a key of the requester’s own, in its own name',
      () => {
        const { header, claims } = original()
        const path = places.keys(town).statement.path
        return sealed(compactOf({ ...header, kid: kidAt(path) }, { ...claims, iss: town }, keyAt(path)))
      },
    ],
    [
      'signed with a key of the requester’s own, in the authority’s name',
      () => sealed(compactOf(original().header, original().claims, keyAt(places.keys(town).token.path))),
    ],
    [
      'of a sealed subject, which is for consents only',
      () => {
        const { header, claims, key } = original()
        const { jti, iss, aud, sub, basis, iat } = claims
        return sealed(compactOf({ ...header, typ: 'sealed-subject+jwt' }, { jti, iss, aud, sub, basis, iat }, key))
      },
    ],
    ['issued to another provider', () => ticketFor({ provider: authority, purpose: agreed })],
    ['not sealed at all', () => withClaims(original(), {})],
    ['that is no ticket', () => 'x'],
  ])('%s is TICKET_INVALID, and names nobody on record', async (_, made) => {
    expect(await present({ ticket: await made() })).toBe('TICKET_INVALID')
    expect(await resident.onRecord()).toEqual([])
  })
})

describe('a ticket that was issued for another use', () => {
  const misuse = async (changes: Partial<ReleaseEvidenceRequest>): Promise<readonly string[]> => {
    const id = exchangeId()
    return [await present({ ...changes, exchangeId: id }), ...(await resident.onRecord(id))]
  }
  const refusedOnRecord = ['TICKET_MISUSED', `${fund}: ${town} refused TICKET_MISUSED`]

  it.each<[string, Record<string, unknown>]>([
    ['another requester', { requester: stranger }],
    ['another purpose', { purpose: agreed }],
    ['another basis', { basis: basisIdFrom(randomBytes(16)) }],
    ['no basis', { basis: undefined }],
  ])('of %s is refused, and the person whom it names sees it', async (_, claims) => {
    expect(await misuse({ ticket: sealed(withClaims(original(), claims)) })).toEqual(refusedOnRecord)
  })

  it('is refused also when the authority itself issued it: for another purpose, and for another notice', async () => {
    expect(await misuse({ ticket: await ticketFor({ purpose: agreed }) })).toEqual(refusedOnRecord)
    expect(await misuse({ basisId: await resident.tell() })).toEqual(refusedOnRecord)
  })

  it('is refused as the second person of a predicate, with a basis, a requester or a form that is not this exchange’s', async () => {
    const predicate = 'child-is-dependant'
    const second = (argumentTicket: string) => ({ predicates: [{ predicate, argumentTicket }] })
    const basisId = await another.tell()
    const ofAnotherBasis = await ticketFor({ subject: another.subject, basisId })
    expect(await misuse(second(ofAnotherBasis))).toEqual(refusedOnRecord)
    expect(await misuse(second(sealed(withClaims(original(), { requester: stranger }))))).toEqual(refusedOnRecord)
    expect(await misuse(second('x'))).toEqual(['TICKET_INVALID', `${fund}: ${town} refused TICKET_INVALID`])
    // The second person is on nobody's record: nothing was asked about them.
    expect(await another.onRecord()).toEqual([])
  })

  it('leaves the honest exchange as it was', async () => {
    expect(await present({})).toBe('nothing')
  })
})
