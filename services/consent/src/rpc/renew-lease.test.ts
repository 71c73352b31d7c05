import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, openAgency } from '../agency.fixture.js'
import { ask, callOf } from '../authority.fixture.js'
import { sourceOne } from '../federation.fixture.js'
import { renewLease } from './renew-lease.js'

let agency: AgencyFixture
beforeAll(async () => {
  agency = await openAgency('consent_renew', sourceOne)
})
afterAll(() => agency.postgres.close())

const nonce = Buffer.alloc(16, 3)
const renew = () =>
  ask(
    renewLease(agency),
    { nonce, appliedPosition: 7 },
    callOf(agency.clock, { kind: 'neighbour', service: 'documents' }),
  )

describe('RenewLease', () => {
  it.each(['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'PROVIDER_UNREACHABLE'] as const)(
    'says that the authority is unreachable when it is answered by %s',
    async (reason) => {
      agency.remote.failure = new MeshError(reason)
      await expect(renew()).rejects.toMatchObject({ reason: 'PROVIDER_UNREACHABLE' })
      agency.remote.failure = undefined
    },
  )

  it('passes on a refusal of the authority', async () => {
    agency.remote.failure = new MeshError('CALLER_NOT_ALLOWED')
    await expect(renew()).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    agency.remote.failure = undefined
  })

  it('refuses a lease for another nonce', async () => {
    const usual = agency.remote.lease
    agency.remote.lease = (request) => ({ ...usual(request), nonce: Buffer.alloc(16, 4) })
    await expect(renew()).rejects.toMatchObject({ reason: 'REPLY_MISMATCH' })
    agency.remote.lease = usual
  })

  it('carries nonce and position there, and the lease back', async () => {
    expect(await renew()).toEqual({ nonce, requiredPosition: 7, leaseMs: 10_000 })
  })
})
