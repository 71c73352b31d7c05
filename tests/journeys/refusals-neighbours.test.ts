import { randomBytes } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  ConsentAuthorityServiceDefinition,
  ConsentServiceDefinition,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { HostileMember, HostileNeighbour } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { authority, fund, Resident, town } from './_resident.js'

let places: Places
let resident: Resident
let documents: HostileNeighbour
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  documents = await HostileNeighbour.connect(places, fund, 'documents')
})
afterAll(async () => {
  resident.leave()
  await documents.close()
})

describe('what stands behind a basis', () => {
  it('is answered to its requester’s documents only, and only where there is something', async () => {
    const rpc = 'unefois.consent.v1.ConsentService/GetBasis'
    const read = (basisId: string) =>
      refusalOf(rpc, () => documents.of(ConsentServiceDefinition).getBasis({ basisId }, documents.call()))
    expect(await read(basisIdFrom(randomBytes(16)))).toBe('NOTICE_REQUIRED')
    // The fund releases on the town's notice, but it is the town's.
    expect(await read(await resident.tell())).toBe('NOTICE_REQUIRED')
    expect(await read('b1.short')).toBe('REQUEST_INVALID')
  })
})

describe('a lease on the consent state', () => {
  it.each([
    ['no nonce', Buffer.alloc(0)],
    ['a short nonce', Buffer.alloc(15)],
    ['a long nonce', Buffer.alloc(17)],
  ])('is not granted to who sends %s', async (_, nonce) => {
    const asked = { nonce, appliedPosition: 0 }
    const renew = () => documents.of(ConsentServiceDefinition).renewLease(asked, documents.call())
    expect(await refusalOf('unefois.consent.v1.ConsentService/RenewLease', renew)).toBe('REQUEST_INVALID')
    const member = await HostileMember.connect(places, town, 'consent')
    const grant = () => member.of(authority, ConsentAuthorityServiceDefinition).grantLease(asked)
    expect(await refusalOf('unefois.consent.v1.ConsentAuthorityService/GrantLease', grant)).toBe('REQUEST_INVALID')
    await member.close()
  })
})
