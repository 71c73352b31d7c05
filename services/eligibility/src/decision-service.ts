import { served } from '@unefois/chassis/service'
import { DecisionServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { DecisionNeeds } from './decision-needs.js'
import { endDelegation } from './rpc/end-delegation.js'
import { explainDecision } from './rpc/explain-decision.js'
import { getDecision } from './rpc/get-decision.js'
import { issueDecision } from './rpc/issue-decision.js'
import { listDelegations } from './rpc/list-delegations.js'
import { prepareDecision } from './rpc/prepare-decision.js'
import { recomputeDecision } from './rpc/recompute-decision.js'
import { registerDelegation } from './rpc/register-delegation.js'
import { setLegalHold } from './rpc/set-legal-hold.js'

/** Decisions as one further contract of the eligibility service. */
export const decisionService = (needs: DecisionNeeds) =>
  served(DecisionServiceDefinition, {
    registerDelegation: registerDelegation(needs),
    endDelegation: endDelegation(needs),
    listDelegations: listDelegations(needs),
    prepareDecision: prepareDecision(needs),
    issueDecision: issueDecision(needs),
    getDecision: getDecision(needs),
    explainDecision: explainDecision(needs),
    recomputeDecision: recomputeDecision(needs),
    setLegalHold: setLegalHold(needs),
  })
