import type { RenewLeaseRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commitMarginMs, Lease } from './domain/lease.js'
import { members } from './federation.fixture.js'
import { LeaseKeeper } from './lease-keeper.js'
import { type MemberParts, openMember } from './member.fixture.js'
import { putFeedPosition } from './store/consents.js'

let provider: MemberParts
beforeAll(async () => {
  provider = await openMember(members.provider)
})
afterAll(() => provider.close())

let lease: Lease
let asked: RenewLeaseRequest[]
let answer: (request: RenewLeaseRequest) => { nonce: Buffer; requiredPosition: number; leaseMs: number }
let keeper: LeaseKeeper
const isHeld = () => lease.isHeld(provider.clock.monotonicMs())

beforeEach(() => {
  lease = new Lease()
  asked = []
  answer = ({ nonce }) => ({ nonce, requiredPosition: 0, leaseMs: 10_000 })
  keeper = new LeaseKeeper({
    lease,
    runtime: provider.runtime,
    consent: {
      renewLease: async (request) => {
        asked.push(request)
        return answer(request)
      },
    },
  })
})

describe('LeaseKeeper', () => {
  it('holds nothing when nobody answers', async () => {
    answer = () => {
      throw new MeshError('PROVIDER_UNREACHABLE')
    }
    expect(await keeper.renew()).toBeUndefined()
    expect(isHeld()).toBe(false)
  })

  it('takes no answer to another ask', async () => {
    answer = () => ({ nonce: Buffer.alloc(16, 1), requiredPosition: 0, leaseMs: 10_000 })
    await keeper.renew()
    expect(isHeld()).toBe(false)
  })

  it('counts from when it asked, not from when it was answered', async () => {
    answer = ({ nonce }) => {
      provider.clock.advance(4_000)
      return { nonce, requiredPosition: 0, leaseMs: 10_000 }
    }
    const askedAtMs = provider.clock.monotonicMs()
    await keeper.renew()
    expect(lease.isHeld(askedAtMs + 10_000 - commitMarginMs - 1)).toBe(true)
    expect(lease.isHeld(askedAtMs + 10_000 - commitMarginMs)).toBe(false)
  })

  it('waits for the positions that are demanded, and holds the lease once they are applied', async () => {
    answer = ({ nonce }) => ({ nonce, requiredPosition: 5, leaseMs: 10_000 })
    await keeper.renew()
    await keeper.applied()
    expect(isHeld()).toBe(false)
    await provider.runtime.postgres.transaction((tx) => putFeedPosition(tx, members.consents, 5))
    await keeper.applied()
    expect(isHeld()).toBe(true)
  })

  it('draws a nonce of 16 bytes for each ask, and says how far it is', async () => {
    await keeper.renew()
    await keeper.renew()
    expect(asked.map(({ nonce }) => nonce.length)).toEqual([16, 16])
    expect(asked[0]?.nonce).not.toEqual(asked[1]?.nonce)
    expect(asked[1]?.appliedPosition).toBe(5)
  })
})
