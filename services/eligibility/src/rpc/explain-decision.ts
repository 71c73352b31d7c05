import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ExplainDecisionRequest,
  ExplainDecisionResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { z } from 'zod'
import { algorithmOfFile } from '../algorithm-of-file.js'
import type { DecisionReading } from '../decision-needs.js'
import type { Language } from '../domain/explanation.js'
import { explainedDecision } from '../explained-decision.js'
import { language } from './facts-given.js'
import { ownDecision } from './own-decision.js'

/** Errors: DECISION_UNKNOWN, DECISION_WITHOUT_ALGORITHM. */
export const explainDecision = (needs: DecisionReading): PlainRpc<ExplainDecisionRequest, ExplainDecisionResponse> => ({
  request: z.object({ decisionId: z.uuid(), language }),
  handle: async (request, { caller }) => {
    const file = await ownDecision(needs, request.decisionId, caller)
    const algorithm = await algorithmOfFile(needs, file)
    const asked = (request.language || file.language) as Language
    const parts = explainedDecision(algorithm, needs.runtime.federation.current, asked)
    if (!parts) throw new Error(`decision ${request.decisionId} can no longer be explained`)
    const kept = algorithm.kept.findings.find(({ explanation }) => explanation?.language === asked)
    return {
      language: asked,
      contribution: parts.contribution,
      data: [...parts.data],
      parameters: [...parts.parameters],
      operations: [...parts.operations],
      explanation: kept?.explanation,
    }
  },
})
