import { parisDay } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { EndDelegationRequest, EndDelegationResponse } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DelegationNeeds } from '../decision-needs.js'

/** Ends a delegation; one that ended before keeps its end. Error: DELEGATION_UNKNOWN. */
export const endDelegation = ({
  runtime,
  delegations,
}: DelegationNeeds): EffectRpc<EndDelegationRequest, EndDelegationResponse> => ({
  request: z.object({ delegationId: z.uuid() }),
  effect: async ({ delegationId }, _call, tx) => {
    const { clock } = runtime
    const delegation = await delegations.end(tx, delegationId, Math.floor(clock.nowMs()), parisDay(clock))
    if (!delegation) throw new MeshError('DELEGATION_UNKNOWN')
    return { delegation }
  },
})
