import type { DecisionStatement } from '@unefois/proto/decision-statements'
import type { Application, RemedyOpen } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { DecisionMade, Delegation } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { agentShown } from '@unefois/proto/hand'
import { outcomeName } from './outcome.js'
import type { Answer } from './release.js'

/** What the rule found, and in which release. */
export interface RuleTookPart {
  readonly releaseSha256: string
  readonly answer: Answer
  /** The notice of CRPA L311-3-1. */
  readonly notice: string
}

/** What becomes a decision once it is signed. */
export interface DecisionPrepared {
  readonly member: string
  readonly decisionId: string
  /** Seconds. */
  readonly preparedAt: number
  readonly application: Application
  readonly made: DecisionMade
  readonly rule: RuleTookPart | undefined
  /** Where it comes in the place of another decision. */
  readonly review?: DecisionStatement['review']
  readonly remedies: readonly RemedyOpen[]
  /** Absent where the procedure decides favourably by itself. */
  readonly delegation: Delegation | undefined
}

/** 24 hours: what an agent read is not signed into a decision days later. */
export const longestPreparedSeconds = 24 * 3600

/** Remedies as a statement writes them. */
export const remedyClaims = (remedies: readonly RemedyOpen[]): DecisionStatement['remedies'] =>
  remedies.map(({ title = { fr: '', en: '' }, count, unit, isMandatoryFirst, legalReference }) => ({
    title: { fr: title.fr, en: title.en },
    count,
    unit: unit as DecisionStatement['remedies'][number]['unit'],
    is_mandatory_first: isMandatoryFirst,
    reference: legalReference,
  }))

/** What an agent signs; of the same application, decision and moment always the same. */
export const statementOf = (prepared: DecisionPrepared): DecisionStatement => {
  const { member, decisionId, preparedAt, application, made, rule, remedies, delegation, review } = prepared
  const agent = delegation?.agent && agentShown(delegation.agent)
  return {
    iss: member,
    sub: application.subject,
    iat: preparedAt,
    decision: decisionId,
    application: application.applicationId,
    revision: application.revision,
    ...(application.appealedDecisionId !== '' && { appealed_decision: application.appealedDecisionId }),
    ...(review && { review }),
    procedure: application.procedure,
    procedure_sha256: application.procedureSha256,
    ...(rule && { release_sha256: rule.releaseSha256, finding: rule.answer, algorithm_notice: rule.notice }),
    outcome: outcomeName(made.outcome) ?? 'refused',
    reasons: made.reasons,
    gives: made.gives,
    ...(made.fromDay !== '' && { from_day: made.fromDay }),
    ...(made.toDay !== '' && { to_day: made.toDay }),
    remedies: remedyClaims(remedies),
    language: application.language === 'en' ? 'en' : 'fr',
    ...(delegation && { delegation: delegation.delegationId }),
    ...(agent && {
      agent: {
        id: agent.agentId,
        first_name: agent.firstName,
        last_name: agent.lastName,
        capacity: agent.capacity,
        is_unnamed: agent.isUnnamed,
      },
    }),
  }
}
