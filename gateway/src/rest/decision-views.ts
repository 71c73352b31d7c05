import {
  type Decision,
  type DecisionMade,
  type Delegation,
  type ExplainDecisionResponse,
  Outcome,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { agentView, remedyOpenView } from './application-views.js'
import {
  type decision,
  type decisionExplained,
  decisionMade,
  type decisionOutcome,
  type delegation,
  type delegationGiven,
} from './decision-schemas.js'
import { explanationView } from './eligibility-views.js'
import { instantOf } from './views.js'

// From the messages of the contract to what the REST door and the pages show, and back.

export type DecisionView = z.infer<typeof decision>
export type DecisionExplainedView = z.infer<typeof decisionExplained>
type OutcomeName = z.infer<typeof decisionOutcome>

const outcomes: Readonly<Record<OutcomeName, Outcome>> = {
  granted: Outcome.OUTCOME_GRANTED,
  'partly-granted': Outcome.OUTCOME_PARTLY_GRANTED,
  refused: Outcome.OUTCOME_REFUSED,
}

const outcomeNameOf = (outcome: Outcome): OutcomeName | 'unknown' =>
  (Object.keys(outcomes) as OutcomeName[]).find((each) => outcomes[each] === outcome) ?? 'unknown'

const made = z.strictObject(decisionMade)

/** What a decision says, as the contract takes it. */
export const decisionMadeOf = ({
  outcome,
  reasons,
  gives,
  fromDay = '',
  toDay = '',
}: z.infer<typeof made>): DecisionMade => ({
  outcome: outcomes[outcome],
  reasons,
  gives,
  fromDay,
  toDay,
})

export const decisionView = (one: Decision): DecisionView => ({
  decisionId: one.decisionId,
  applicationId: one.applicationId,
  subject: one.subject,
  procedure: one.procedure,
  outcome: outcomeNameOf(one.made?.outcome ?? Outcome.OUTCOME_UNSPECIFIED),
  reasons: one.made?.reasons ?? '',
  gives: one.made?.gives ?? '',
  fromDay: one.made?.fromDay || null,
  toDay: one.made?.toDay || null,
  issuedAt: instantOf(one.issuedAtMs),
  signedBy: one.signedBy ? agentView(one.signedBy) : null,
  delegationId: one.delegationId || null,
  remedies: one.remedies.map(remedyOpenView),
  algorithmNotice: one.algorithmNotice || null,
  releaseSha256: one.releaseSha256 || null,
  jws: one.jws,
  keptUntilDay: one.keptUntilDay,
  legalHold: one.legalHold || null,
})

/** The decision that an answer of the service carries. Error: INTERNAL where it carries none. */
export const decisionIn = ({ decision: one }: { readonly decision?: Decision | undefined }): DecisionView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its decision' })
  return decisionView(one)
}

export const decisionExplainedView = (one: ExplainDecisionResponse): DecisionExplainedView => ({
  language: one.language,
  contribution: one.contribution,
  data: one.data.map(({ title, value, source, asOfMs }) => ({
    title,
    value,
    source,
    asOf: asOfMs === 0 ? null : instantOf(asOfMs),
  })),
  parameters: one.parameters.map(({ title, value, weight, legalReference }) => ({
    title,
    value,
    weight,
    legalReference,
  })),
  operations: [...one.operations],
  explanation: one.explanation ? explanationView(one.explanation) : null,
})

/** A delegation to register, as the contract takes it. */
export const delegationOf = ({
  agent,
  jwk,
  outcomes: named,
  ...given
}: z.infer<typeof delegationGiven>): Delegation => ({
  ...given,
  agent,
  outcomes: named.map((each) => outcomes[each]),
  jwkJson: JSON.stringify(jwk),
  delegationId: '',
  endedAtMs: 0,
})

const keyIn = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

export const delegationView = (one: Delegation): z.infer<typeof delegation> => ({
  delegationId: one.delegationId,
  agent: one.agent
    ? agentView(one.agent)
    : { agentId: '', firstName: '', lastName: '', capacity: '', isUnnamed: false },
  jwk: keyIn(one.jwkJson),
  procedures: [...one.procedures],
  outcomes: one.outcomes.map(outcomeNameOf),
  fromDay: one.fromDay,
  toDay: one.toDay,
  legalReference: one.legalReference,
  endedAt: one.endedAtMs === 0 ? null : instantOf(one.endedAtMs),
})

/** The delegation that an answer of the service carries. Error: INTERNAL where it carries none. */
export const delegationIn = ({
  delegation: one,
}: {
  readonly delegation?: Delegation | undefined
}): z.infer<typeof delegation> => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its delegation' })
  return delegationView(one)
}
