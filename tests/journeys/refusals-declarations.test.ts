import { randomBytes, randomUUID } from 'node:crypto'
import type { GrpcClient } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { DeclarationServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolAt, freshPerson, sharedFederation } from './_federation.js'
import { compactOf, encryptedTo, keyAt, kidAt, nowSeconds } from './_forgeries.js'
import { HostileMember } from './_raw-callers.js'
import { type RpcName, refusalOf } from './_refusals.js'
import { fund, identityAuthority, portal, town } from './_resident.js'

let places: Places
let subject: string
let gateway: HostileMember
let atFund: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  subject = await enrolAt(places, fund, await freshPerson(places))
  gateway = await HostileMember.connect(places, portal, 'gateway')
  atFund = new AgencySystem(places, fund)
})
afterAll(async () => {
  atFund.close()
  await gateway.close()
})

const basisId = basisIdFrom(randomBytes(16))
/** The identity authority's ticket for the portal, with changes that it would not make by itself. */
const ticketOf = (changes: object = {}): string => {
  const path = places.keys(identityAuthority).ticket?.path ?? ''
  const iat = nowSeconds()
  const claims = {
    ...{ jti: randomBytes(16).toString('base64url'), iss: identityAuthority, aud: fund, requester: portal },
    ...{ purpose: 'own-declaration', sub: subject, basis: basisId, acr: 'eidas1', auth_time: iat, iat, exp: iat + 600 },
    ...changes,
  }
  const signed = compactOf({ alg: 'EdDSA', kid: kidAt(path), typ: 'subject-ticket+jwt' }, claims, keyAt(path))
  return encryptedTo(places, claims.aud, 'documents', signed)
}
const content = {
  oldAddress: { street: '1 rue A', postalCode: '08000', town: 'Saint-Aubin' },
  newAddress: { street: '2 rue B', postalCode: '08480', town: 'Belleroche' },
  move: { date: '2026-12-01', confidential: 'no' },
}
const wish = (changes: object = {}) => ({
  ...{ ticket: ticketOf(), basisId, declarationId: randomUUID(), kind: 'change-of-address', textVersion: '1' },
  ...{ contentJson: JSON.stringify(content), language: 'fr' },
  ...changes,
})
const supplement = (changes: object = {}) => ({
  ...{ ticket: ticketOf(), basisId, declarationId: randomUUID(), supplementId: randomUUID(), statement: 'More.' },
  ...changes,
})

type Ask = (from: HostileMember, changes: object) => Promise<unknown>
const personal: readonly [RpcName, Ask][] = [
  [
    'unefois.documents.v1.DeclarationService/ReceiveDeclaration',
    (from, changes) => from.of(fund, DeclarationServiceDefinition).receiveDeclaration(wish(changes)),
  ],
  [
    'unefois.documents.v1.DeclarationService/SupplementDeclaration',
    (from, changes) => from.of(fund, DeclarationServiceDefinition).supplementDeclaration(supplement(changes)),
  ],
  [
    'unefois.documents.v1.DeclarationService/ListOwnDeclarations',
    (from, changes) =>
      from
        .of(fund, DeclarationServiceDefinition)
        .listOwnDeclarations({ ticket: ticketOf(), basisId, pageSize: 0, pageToken: '', ...changes }),
  ],
]

describe('what only the portal may hand over', () => {
  it.each(personal)('%s is refused to another member, and for whoever has not logged in for this', async (rpc, ask) => {
    const neighbour = await HostileMember.connect(places, town, 'documents')
    expect(await refusalOf(rpc, () => ask(neighbour, {}))).toBe('CALLER_NOT_ALLOWED')
    await neighbour.close()
    const tickets: readonly [string, string][] = [
      [ticketOf({ auth_time: undefined, acr: undefined }), 'ASSURANCE_TOO_LOW'],
      [ticketOf({ purpose: 'personal-access' }), 'TICKET_MISUSED'],
      [ticketOf({ requester: town }), 'TICKET_MISUSED'],
    ]
    for (const [ticket, reason] of tickets) expect(await refusalOf(rpc, () => ask(gateway, { ticket }))).toBe(reason)
  })

  it('is refused of a kind that is none, by who does not receive it, and when it is not what is asked', async () => {
    const rpc = 'unefois.documents.v1.DeclarationService/ReceiveDeclaration'
    const to = (member: string, changes: object) =>
      refusalOf(rpc, () => gateway.of(member, DeclarationServiceDefinition).receiveDeclaration(wish(changes)))
    expect(await to(fund, { kind: 'winning-the-lottery' })).toBe('DECLARATION_KIND_UNKNOWN')
    expect(await to(town, { ticket: ticketOf({ aud: town }) })).toBe('DECLARATION_NOT_RECEIVED')
    expect(await to(fund, { contentJson: '{}' })).toBe('DECLARATION_INVALID')
  })
})

describe('what only the agency’s own software may do', () => {
  const of = (): GrpcClient<typeof DeclarationServiceDefinition> =>
    atFund.service('documents', DeclarationServiceDefinition)
  const everything = { state: 0, kind: '', declarationId: '', pageSize: 0, pageToken: '' } as const

  it('is refused to software of another scope, in a state that is none and of a kind that is none', async () => {
    const rpc = 'unefois.documents.v1.DeclarationService/ListDeclarations'
    const list = async (changes: object, scope = 'declaration:answer') => {
      const call = await atFund.call(scope)
      return refusalOf(rpc, () => of().listDeclarations({ ...everything, ...changes }, call))
    }
    expect(await list({}, 'evidence:declare')).toBe('CALLER_NOT_ALLOWED')
    expect(await list({ state: 9 })).toBe('REQUEST_INVALID')
    expect(await list({ kind: 'winning-the-lottery' })).toBe('FILTER_UNKNOWN')
  })

  it('is not an answer to nothing, nor one without words', async () => {
    const rpc = 'unefois.documents.v1.DeclarationService/AnswerDeclaration'
    const answer = async (reasons: string) => {
      const call = await atFund.call('declaration:answer')
      const given = { answer: { $case: 'notConcerned' as const, value: { reasons } }, answeredBy: '' }
      return refusalOf(rpc, () => of().answerDeclaration({ declarationId: randomUUID(), answer: given }, call))
    }
    expect(await answer('No.')).toBe('REQUEST_INVALID')
    expect(await answer('Nothing of yours depends on it.')).toBe('DECLARATION_UNKNOWN')
  })
})
