import { randomBytes, randomUUID } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import { ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type DeliverRequest, DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseOf } from './_database.js'
import { sharedFederation } from './_federation.js'
import { compactOf, encryptedTo, keyAt, kidAt, nowSeconds } from './_forgeries.js'
import { HostileMember, HostileNeighbour } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { agreed, authority, evidenceType, fund, identityAuthority, Resident, stranger, town } from './_resident.js'

let places: Places
let resident: Resident
let consents: HostileMember
let neighbour: HostileNeighbour
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  consents = await HostileMember.connect(places, authority, 'consent-authority')
  neighbour = await HostileNeighbour.connect(places, fund, 'consent')
})
afterAll(async () => {
  resident.leave()
  await Promise.all([consents.close(), neighbour.close()])
})

const rpc = 'unefois.delivery.v1.DeliveryService/Deliver'
const basis = basisIdFrom(randomBytes(16))

/** An event on a topic of its own, so that none of the true ones has to wait for it. */
const event = (changes: Partial<DeliverRequest>): DeliverRequest => ({
  eventId: randomUUID(),
  type: 'consent.consent-changed.v1',
  topic: `forged-${randomUUID()}`,
  following: [],
  position: 1,
  data: Buffer.alloc(0),
  occurredAtMs: Date.now(),
  ...changes,
})

/** The resident as the identity authority seals them for a party. */
const sealedSubject = (of: string): string => {
  const path = places.keys(identityAuthority).ticket?.path ?? ''
  const jti = randomBytes(16).toString('base64url')
  const claims = { jti, iss: identityAuthority, aud: fund, sub: resident.atFund, basis: of, iat: nowSeconds() }
  const header = { alg: 'EdDSA', kid: kidAt(path), typ: 'sealed-subject+jwt' }
  return encryptedTo(places, fund, 'consent', compactOf(header, claims, keyAt(path)))
}

/** A consent that the resident never gave, to the town, at the fund. */
const forged = (signer: string, changes: object = {}): Uint8Array => {
  const path = places.keys(signer).statement.path
  const now = nowSeconds()
  const claims = {
    iss: authority,
    aud: fund,
    basis,
    requester: town,
    provider: fund,
    purpose: agreed,
    evidence_types: [evidenceType],
    state: 'given',
    acr: 'eidas1',
    auth_time: now,
    iat: now,
    valid_from: now,
    valid_until: now + 86_400,
    position: 1,
    sealed_subject: sealedSubject(basis),
    ...changes,
  }
  const artefact = compactOf({ alg: 'EdDSA', kid: kidAt(path), typ: 'consent+jws' }, claims, keyAt(path))
  return ConsentChanged.encode({ artefact, subject: resident.atFund, feedPosition: 1 }).finish()
}

describe('a consent that was never given', () => {
  const deliver = (data: Uint8Array): Promise<string> =>
    refusalOf(rpc, () =>
      consents.of(fund, DeliveryServiceDefinition, 'consent').deliver(event({ data: Buffer.from(data) })),
    )

  it.each<[string, () => Uint8Array, string]>([
    ['signed by another in the authority’s name', () => forged(stranger), 'TOKEN_KEY_UNKNOWN'],
    ['signed by another in its own name', () => forged(stranger, { iss: stranger }), 'TOKEN_KEY_UNKNOWN'],
    ['for another party', () => forged(authority, { aud: town }), 'TOKEN_AUDIENCE_WRONG'],
    [
      'for a party of which it does not speak',
      () => forged(authority, { requester: stranger, provider: stranger }),
      'CONSENT_MISMATCH',
    ],
    ['at another place of the feed', () => forged(authority, { position: 2 }), 'TOKEN_CLAIMS_INVALID'],
    [
      'of a person sealed for another consent',
      () => forged(authority, { sealed_subject: sealedSubject(basisIdFrom(randomBytes(16))) }),
      'TICKET_MISUSED',
    ],
    ['of a person whom nobody sealed', () => forged(authority, { sealed_subject: 'x' }), 'TICKET_INVALID'],
    ['from the future', () => forged(authority, { iat: nowSeconds() + 90 }), 'TOKEN_NOT_YET_VALID'],
  ])('%s is refused', async (_, made, reason) => {
    expect(await deliver(made())).toBe(reason)
  })

  it('is refused from a member that is not the authority', async () => {
    const other = await HostileMember.connect(places, town, 'consent')
    const client = other.of(authority, DeliveryServiceDefinition, 'consent-authority')
    const data = Buffer.from(forged(authority))
    expect(await refusalOf(rpc, () => client.deliver(event({ data })))).toBe('METHOD_UNKNOWN')
    await other.close()
  })

  it('is refused by the provider’s documents, also when its own consent service sends it', async () => {
    const client = neighbour.of(DeliveryServiceDefinition, 'documents')
    const data = Buffer.from(forged(stranger))
    expect(await refusalOf(rpc, () => client.deliver(event({ data }), neighbour.call()))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('has left no trace in the provider’s copies', async () => {
    const documents = await databaseOf(places, fund, 'documents')
    const { rowCount } = await documents.query('SELECT 1 FROM consent WHERE basis_id = $1', [basis])
    await documents.end()
    expect(rowCount).toBe(0)
  })
})

describe('an event', () => {
  const deliver = (changes: Partial<DeliverRequest>): Promise<string> =>
    refusalOf(rpc, () => consents.of(fund, DeliveryServiceDefinition, 'consent').deliver(event(changes)))

  it('of an unknown type, out of its order, without an id, or that is none, is refused', async () => {
    expect(await deliver({ type: 'consent.everything-granted.v1' })).toBe('METHOD_UNKNOWN')
    expect(await deliver({ type: 'toString' })).toBe('METHOD_UNKNOWN')
    expect(await deliver({ position: 2, data: Buffer.from(forged(authority)) })).toBe('UNAVAILABLE')
    expect(await deliver({ eventId: '1' })).toBe('REQUEST_INVALID')
    expect(await deliver({ position: 0 })).toBe('REQUEST_INVALID')
    expect(await deliver({ data: Buffer.from([0x0a, 0x7f]) })).not.toBe('nothing')
  })
})
