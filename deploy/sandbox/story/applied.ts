import { applicationReceiptType, decisionType } from '@unefois/proto/decision-statements'
import {
  type Application,
  ApplicationServiceDefinition,
  Channel,
  type ExamineApplicationRequest,
  type SubmitApplicationRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type Decision, DecisionServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { checkToken } from '@unefois/proto/token'
import type { AgencySystem } from '../agency-system.js'
import { type Assessed, assessedFrom } from './assessed.js'
import type { Cast } from './cast.js'

/** What became of an application that an agency's rule could grant. */
export interface Applied extends Assessed {
  /** The person's own copy of when silence would speak, from the signed receipt. */
  readonly silence: string
  /** What was granted, in words; empty where a person has to decide. */
  readonly granted: string
  readonly notice: string
  /** Whether receipt and decision are verified with the federation list alone. */
  readonly isVerifiedOffline: boolean
}

const deposit = async (town: AgencySystem, request: SubmitApplicationRequest): Promise<Application> => {
  const { application } = await town
    .service('eligibility', ApplicationServiceDefinition)
    .submitApplication(request, await town.call('applications:submit'))
  if (!application) throw new Error('nothing was deposited')
  return application
}

const examine = async (town: AgencySystem, request: ExamineApplicationRequest) => {
  const { application, outcome } = await town
    .service('eligibility', ApplicationServiceDefinition)
    .examineApplication(request, await town.call('applications:examine evidence:request'))
  if (!application || outcome?.$case !== 'finding') throw new Error(`nothing was found: ${JSON.stringify(outcome)}`)
  return { application, finding: outcome.value }
}

const decisionOf = async (town: AgencySystem, { decisionId }: Application): Promise<Decision | undefined> => {
  if (decisionId === '') return undefined
  const { decision } = await town
    .service('eligibility', DecisionServiceDefinition)
    .getDecision({ decisionId }, await town.call('applications:read'))
  return decision
}

/** Receipt and decision, verified as anybody can offline: with the signed federation list and nothing else. */
const verified = ({ places, script }: Cast, receipt: string, decision: Decision | undefined) => {
  const expected = { keyOf: places.list().keyOf('decision'), nowSeconds: Math.floor(Date.now() / 1000) }
  const acknowledged = checkToken(receipt, applicationReceiptType, expected)
  const decided = decision && checkToken(decision.jws, decisionType, expected)
  return {
    silence: acknowledged.silence,
    isVerifiedOffline:
      acknowledged.iss === script.requester &&
      decided?.iss === script.requester &&
      decided.statement.application === acknowledged.application,
  }
}

/** An agent deposits for the person what nobody holds, and the agency's software has the rest asked of those who hold it. */
export const applied = async (cast: Cast, subject: string, basisId: string): Promise<Applied> => {
  const { script, town, pseudonym } = cast
  const { purpose, given, agent, knownHere } = script.information
  const deposited = await deposit(town, {
    subject,
    procedure: purpose,
    channel: Channel.CHANNEL_COUNTER,
    depositedAtMs: 0,
    entries: Object.entries(given).map(([field, text]) => ({ field, text })),
    facts: [],
    language: 'en',
    appealedDecisionId: '',
    by: { who: { $case: 'agent', value: { ...agent, isUnnamed: false } } },
  })
  const { application, finding } = await examine(town, {
    applicationId: deposited.applicationId,
    bases: [{ provider: script.provider, purpose, basisId }],
    relatedSubject: pseudonym(script.child),
    ownRecords: Object.entries(knownHere).map(([name, value]) => ({ name, value: { $case: 'yes', value } })),
  })
  const decision = await decisionOf(town, application)
  const { silence, isVerifiedOffline } = verified(cast, deposited.receipt?.jws ?? '', decision)
  return {
    ...assessedFrom(finding, application.used),
    silence: `${silence.means} on ${silence.due_day ?? 'no day'}`,
    granted: decision?.made?.gives ?? '',
    notice: decision?.algorithmNotice ?? '',
    isVerifiedOffline,
  }
}
