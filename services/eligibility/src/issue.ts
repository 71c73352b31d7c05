import { parisDay } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import { canonicalJson } from '@unefois/proto/canonical-json'
import { type DecisionClaims, type DecisionStatement, decisionType } from '@unefois/proto/decision-statements'
import type { RemedyOpen } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { AlgorithmUsed } from '@unefois/proto/gen/unefois/eligibility/v1/decision_file'
import type { Decision, DecisionMade, Delegation } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { agentShown } from '@unefois/proto/hand'
import { signToken } from '@unefois/proto/token'
import type { DecisionBasis } from './decision-basis.js'
import type { DecisionNeeds } from './decision-needs.js'
import { stateAfter } from './domain/decision.js'
import { remedyClaims } from './domain/decision-statement.js'
import { languages } from './domain/explanation.js'
import { remediesAfter } from './domain/remedies.js'
import { replaced } from './domain/review.js'
import { dayAfterTerm } from './domain/term.js'
import { isExplicable } from './explained-decision.js'
import { keepReview } from './review-changes.js'
import { findingView } from './rpc/finding-view.js'
import { addReliances } from './store/reliances.js'

/** Who signed a statement, and how; absent where nobody needed to. */
export interface SignedBy {
  readonly delegation: Delegation
  /** Compact JWS. */
  readonly signature: string
}

const openRemedyClaims = (remedies: readonly RemedyOpen[]): DecisionClaims['remedies'] =>
  remedyClaims(remedies).map((claims, index) => {
    const lastDay = remedies[index]?.lastDay ?? ''
    return { ...claims, ...(lastDay !== '' && { last_day: lastDay }) }
  })

const algorithmUsed = ({ book }: Pick<DecisionNeeds, 'book'>, { rule }: DecisionBasis): AlgorithmUsed | undefined => {
  if (!rule) return undefined
  const { read, facts } = rule.ruling
  const { purpose, contribution } = rule.algorithm
  return {
    releaseSha256: read.stored.sha256,
    findings: languages.map((language) => findingView(book, read, facts, language)),
    purpose: { fr: purpose.fr, en: purpose.en },
    purposeFalc: purpose.falc ?? '',
    contribution: { fr: contribution.fr, en: contribution.en },
    contributionFalc: contribution.falc ?? '',
  }
}

/** Whether the part that a rule takes can be explained as the law asks; without a rule there is nothing to explain. */
export const canBeExplained = (
  { runtime }: Pick<DecisionNeeds, 'runtime'>,
  { rule }: DecisionBasis,
  isSigned: boolean,
): boolean => {
  if (!rule) return true
  const { ruling, algorithm } = rule
  return isExplicable({ read: ruling.read, used: ruling.used, algorithm, isSigned }, runtime.federation.current)
}

/** Issues a decision and keeps its file; the application, which the caller has locked, ends with it. */
export const issue = async (
  needs: DecisionNeeds,
  tx: Transaction,
  basis: DecisionBasis,
  { made, statement, signedBy }: ToIssue,
): Promise<Decision> => {
  const { runtime, decisions, applications, decisionKey } = needs
  const { application, procedure, terms, rule, review } = basis
  const issuedAtMs = Math.floor(runtime.clock.nowMs())
  const day = parisDay(runtime.clock)
  const isAppeal = application.appealedDecisionId !== ''
  const remedies = remediesAfter(made.outcome, procedure, { day, isAppeal })
  const claims: DecisionClaims = {
    iss: runtime.member,
    statement,
    ...(signedBy && { signature: signedBy.signature }),
    issued_at_ms: issuedAtMs,
    remedies: openRemedyClaims(remedies),
    iat: Math.floor(issuedAtMs / 1000),
  }
  const agent = signedBy?.delegation.agent
  const decision: Decision = {
    decisionId: statement.decision,
    applicationId: application.applicationId,
    subject: application.subject,
    procedure: application.procedure,
    made,
    issuedAtMs,
    signedBy: agent && agentShown(agent),
    delegationId: signedBy?.delegation.delegationId ?? '',
    remedies,
    algorithmNotice: statement.algorithm_notice ?? '',
    releaseSha256: statement.release_sha256 ?? '',
    jws: signToken(decisionType, claims, decisionKey),
    keptUntilDay: dayAfterTerm(day, terms.retention.after),
    legalHold: '',
  }
  const used = [...(rule?.ruling.used ?? application.used)]
  await decisions.insert(tx, {
    decision,
    statementJson: canonicalJson(statement).toString(),
    signatureJws: signedBy?.signature ?? '',
    revision: application.revision,
    language: statement.language,
    entries: application.entries,
    corrections: application.corrections,
    used,
    notObtained: application.notObtained,
    algorithm: algorithmUsed(needs, basis),
  })
  const { decisionId } = decision
  await addReliances(tx, decisionId, used)
  const decided = { state: stateAfter(made.outcome), decisionId, atMs: issuedAtMs, replaces: review?.decisionId }
  await applications.decide(tx, application, decided)
  if (review) await keepReview(needs, tx, replaced(review, decisionId, issuedAtMs))
  return decision
}

/** What becomes a decision. */
export interface ToIssue {
  readonly made: DecisionMade
  readonly statement: DecisionStatement
  readonly signedBy: SignedBy | undefined
}
