import { parisDay } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import { canonicalJson } from '@unefois/proto/canonical-json'
import type {
  DecisionMade,
  IssueDecisionRequest,
  IssueDecisionResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { decisionBasis, requireDecidable, statementOn } from '../decision-basis.js'
import type { DecisionNeeds } from '../decision-needs.js'
import { isEnded } from '../domain/decision.js'
import { covers } from '../domain/delegation.js'
import { canBeExplained, issue } from '../issue.js'
import { replacementBasis } from '../replacement-basis.js'
import { claimedStatement, payloadOf, requireSignature } from '../signed-statement.js'
import { decisionMade, reviewEnded } from './decision-made.js'

const longestSignature = 64 * 1024

/**
 * Errors: APPLICATION_UNKNOWN, DELEGATION_UNKNOWN, DECISION_SIGNATURE_INVALID, APPLICATION_ENDED, APPLICATION_CHANGED,
 * DELEGATION_NOT_COVERING, those of `requireDecidable`, and of `replacementBasis` where a review is named; INTERNAL where the part that a rule took cannot be explained.
 */
export const issueDecision = (needs: DecisionNeeds): EffectRpc<IssueDecisionRequest, IssueDecisionResponse> => ({
  request: z.object({
    applicationId: z.uuid(),
    made: decisionMade,
    signatureJws: z.string().min(1).max(longestSignature),
    reviewId: reviewEnded,
  }),
  effect: async ({ applicationId, made: given, signatureJws: signature, reviewId }, _call, tx) => {
    const { runtime, applications, delegations, decisions, reviews } = needs
    const made = given as DecisionMade
    const day = parisDay(runtime.clock)
    const claimed = claimedStatement(signature)
    const application = await applications.lock(tx, applicationId)
    if (!application) throw new MeshError('APPLICATION_UNKNOWN')
    const delegation = claimed.delegation === undefined ? undefined : await delegations.hold(tx, claimed.delegation)
    if (!delegation) throw new MeshError('DELEGATION_UNKNOWN')
    const signed = requireSignature(runtime, signature, delegation)
    if (signed.iss !== runtime.member || signed.application !== application.applicationId)
      throw new MeshError('DECISION_SIGNATURE_INVALID')
    if (reviewId === '' && isEnded(application, day)) throw new MeshError('APPLICATION_ENDED')
    if (signed.revision !== application.revision) throw new MeshError('APPLICATION_CHANGED')
    const basis =
      reviewId === ''
        ? await decisionBasis(needs, application, tx)
        : await replacementBasis(needs, application, await reviews.lock(tx, reviewId), made, day, tx)
    requireDecidable(basis, made, day)
    const toBeSigned = { procedure: application.procedure, outcome: made.outcome }
    if (!covers(delegation, toBeSigned, day)) throw new MeshError('DELEGATION_NOT_COVERING')
    const statement = statementOn(basis, made, signed, delegation)
    // What was signed is what would be prepared now, byte for byte, and no decision was issued under its id.
    const isSame = canonicalJson(statement).equals(payloadOf(signature))
    if (!isSame || (await decisions.isIssued(tx, signed.decision))) throw new MeshError('DECISION_SIGNATURE_INVALID')
    if (!canBeExplained(needs, basis, true)) throw new Error(`a decision on ${applicationId} cannot be explained`)
    return { decision: await issue(needs, tx, basis, { made, statement, signedBy: { delegation, signature } }) }
  },
})
