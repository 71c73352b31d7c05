import type { Rpc } from '@unefois/chassis/rpc'
import type { GrantLeaseRequest, GrantLeaseResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { z } from 'zod'
import type { ConsentAuthorityContext } from '../context.js'
import { recordLease } from '../store/feeds.js'
import { requireMember } from './callers.js'
import { nonce, position } from './fields.js'

type Needs = Pick<ConsentAuthorityContext, 'clock' | 'postgres' | 'leaseMs'>

/**
 * Answers how far a provider must have applied its feed, and for how long that suffices. The lease is recorded before it is
 * answered, to end this long from now; the provider counts from when it drew its nonce, which was earlier.
 */
export const grantLease = ({ clock, postgres, leaseMs }: Needs): Rpc<GrantLeaseRequest, GrantLeaseResponse> => ({
  request: z.object({ nonce, appliedPosition: position }),
  handle: async (request, { caller }) => {
    const requiredPosition = await recordLease(postgres, requireMember(caller), Math.ceil(clock.nowMs()) + leaseMs)
    return { nonce: request.nonce, requiredPosition, leaseMs }
  },
})
