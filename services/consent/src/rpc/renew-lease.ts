import type { Rpc } from '@unefois/chassis/rpc'
import type { RenewLeaseRequest, RenewLeaseResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { nonce, position } from './fields.js'

type Needs = Pick<ConsentContext, 'federation' | 'authorityOf'>

const unanswered = new Set(['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'PROVIDER_UNREACHABLE'])

/** Carries the ask of one documents process, with its own nonce, to the consent authority. Error: PROVIDER_UNREACHABLE. */
export const renewLease = ({ federation, authorityOf }: Needs): Rpc<RenewLeaseRequest, RenewLeaseResponse> => ({
  request: z.object({ nonce, appliedPosition: position }),
  handle: async (request, { deadline }) => {
    const authority = federation.current.memberWithRole('consent-authority').id
    const lease = await authorityOf(authority)
      .grantLease({ nonce: request.nonce, appliedPosition: request.appliedPosition }, { deadline })
      .catch((thrown) => {
        const error = toMeshError(thrown)
        throw unanswered.has(error.reason) ? new MeshError('PROVIDER_UNREACHABLE', { cause: error }) : error
      })
    if (!request.nonce.equals(lease.nonce)) throw new MeshError('REPLY_MISMATCH')
    return { nonce: lease.nonce, requiredPosition: lease.requiredPosition, leaseMs: lease.leaseMs }
  },
})
