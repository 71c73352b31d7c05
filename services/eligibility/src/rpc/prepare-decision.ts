import { randomUUID } from 'node:crypto'
import { nowSeconds, parisDay } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import { canonicalJson } from '@unefois/proto/canonical-json'
import type {
  DecisionMade,
  PrepareDecisionRequest,
  PrepareDecisionResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { decisionBasis, requireDecidable, statementOn } from '../decision-basis.js'
import type { DecisionNeeds } from '../decision-needs.js'
import { covers } from '../domain/delegation.js'
import { canBeExplained } from '../issue.js'
import { replacementBasis } from '../replacement-basis.js'
import { decisionMade, reviewEnded } from './decision-made.js'

/**
 * Errors: APPLICATION_UNKNOWN, DELEGATION_UNKNOWN, DELEGATION_NOT_COVERING, those of `requireDecidable`, and of
 * `replacementBasis` where a review is named; INTERNAL where the
 * part that a rule took cannot be explained.
 */
export const prepareDecision = (needs: DecisionNeeds): PlainRpc<PrepareDecisionRequest, PrepareDecisionResponse> => ({
  request: z.object({ applicationId: z.uuid(), made: decisionMade, delegationId: z.uuid(), reviewId: reviewEnded }),
  handle: async ({ applicationId, made: given, delegationId, reviewId }) => {
    const { runtime, applications, delegations, reviews } = needs
    const made = given as DecisionMade
    const day = parisDay(runtime.clock)
    const application = await applications.get(applicationId)
    if (!application) throw new MeshError('APPLICATION_UNKNOWN')
    const delegation = await delegations.get(delegationId)
    if (!delegation) throw new MeshError('DELEGATION_UNKNOWN')
    const basis =
      reviewId === ''
        ? await decisionBasis(needs, application)
        : await replacementBasis(needs, application, await reviews.get(reviewId), made, day)
    requireDecidable(basis, made, day)
    const signed = { procedure: application.procedure, outcome: made.outcome }
    if (!covers(delegation, signed, day)) throw new MeshError('DELEGATION_NOT_COVERING')
    if (!canBeExplained(needs, basis, true)) throw new Error(`a decision on ${applicationId} cannot be explained`)
    const when = { iss: runtime.member, decision: randomUUID(), iat: nowSeconds(runtime.clock) }
    return { statementJson: canonicalJson(statementOn(basis, made, when, delegation)).toString() }
  },
})
