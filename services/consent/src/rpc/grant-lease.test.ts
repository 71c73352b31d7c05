import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AuthorityFixture,
  ask,
  callOf,
  granted,
  memberCaller,
  openAuthority,
  personAt,
} from '../authority.fixture.js'
import { asker, assent, sourceOne } from '../federation.fixture.js'
import { grantLease } from './grant-lease.js'

let authority: AuthorityFixture
beforeAll(async () => {
  authority = await openAuthority('consent_lease')
})
afterAll(() => authority.postgres.close())

const nonce = Buffer.alloc(16, 7)
const lease = (caller = memberCaller(sourceOne)) =>
  ask(grantLease(authority), { nonce, appliedPosition: 0 }, callOf(authority.clock, caller))

describe('GrantLease', () => {
  it('refuses whoever is not a member', async () => {
    await expect(lease(personAt(assent, 'ada'))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })

  it('refuses a nonce that is not 16 bytes', () => {
    const { request } = grantLease(authority)
    expect(request.safeParse({ nonce: Buffer.alloc(15), appliedPosition: 0 }).success).toBe(false)
    expect(request.safeParse({ nonce, appliedPosition: -1 }).success).toBe(false)
  })

  it('demands nothing before the first consent, and then its position', async () => {
    expect(await lease()).toEqual({ nonce, requiredPosition: 0, leaseMs: 10_000 })
    await granted(authority)
    expect((await lease()).requiredPosition).toBe(1)
  })

  it('demands nothing of a party that only requests', async () => {
    expect((await lease(memberCaller(asker))).requiredPosition).toBe(0)
  })
})
