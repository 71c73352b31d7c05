import type { EffectRpc } from '@unefois/chassis/rpc'
import type { SetLegalHoldRequest, SetLegalHoldResponse } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DecisionReading } from '../decision-needs.js'
import { orEmpty } from './fields.js'

/** Error: DECISION_UNKNOWN. */
export const setLegalHold = ({
  decisions,
}: Pick<DecisionReading, 'decisions'>): EffectRpc<SetLegalHoldRequest, SetLegalHoldResponse> => ({
  request: z.object({ decisionId: z.uuid(), reason: orEmpty(z.string().trim().min(10).max(500)) }),
  effect: async ({ decisionId, reason }, _call, tx) => {
    const found = await decisions.setLegalHold(tx, decisionId, reason)
    if (!found) throw new MeshError('DECISION_UNKNOWN')
    return { decision: found.decision }
  },
})
