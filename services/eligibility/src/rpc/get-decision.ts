import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetDecisionRequest, GetDecisionResponse } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { z } from 'zod'
import type { DecisionReading } from '../decision-needs.js'
import { ownDecision } from './own-decision.js'

/** Error: DECISION_UNKNOWN. */
export const getDecision = (
  needs: Pick<DecisionReading, 'decisions'>,
): PlainRpc<GetDecisionRequest, GetDecisionResponse> => ({
  request: z.object({ decisionId: z.uuid() }),
  handle: async ({ decisionId }, { caller }) => ({ decision: (await ownDecision(needs, decisionId, caller)).decision }),
})
