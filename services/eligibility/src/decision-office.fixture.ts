import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import { type DecisionClaims, decisionSignatureType, decisionType } from '@unefois/proto/decision-statements'
import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import {
  type Decision,
  type DecisionMade,
  type Delegation,
  Outcome,
  type RegisterDelegationRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { SubjectId } from '@unefois/proto/ids'
import { generateKeyPair, importPrivateKey, type PrivateKey, registerPublicKey } from '@unefois/proto/keys'
import { checkToken, signToken } from '@unefois/proto/token'
import { applicationSource, decisionKeys, openAgency, procedureSource, ruleSource, system } from './agency.fixture.js'
import type { EligibilityContext } from './context.js'
import { decidedApplications } from './decided-applications.js'
import { applicationInReview, delegationOf } from './decision.fixture.js'
import type { DecisionNeeds } from './decision-needs.js'
import { issueDecision } from './rpc/issue-decision.js'
import { prepareDecision } from './rpc/prepare-decision.js'
import { publishProcedure } from './rpc/publish-procedure.js'
import { publishRelease } from './rpc/publish-release.js'
import { registerDelegation } from './rpc/register-delegation.js'
import { Decisions } from './store/decisions.js'
import { Delegations } from './store/delegations.js'

export const startMs = Date.parse('2026-11-22T09:00:00Z')
export const dayMs = 86_400_000

/** An income that the fund told. */
export const toldIncome = (amount: number): FactUsed => ({
  fact: { name: 'revenu', value: { $case: 'number', value: amount } },
  isSelfDeclared: false,
  provider: 'fund',
  source: { evidenceType: 'income', field: 'amount', purpose: 'rate' },
  exchangeId: randomUUID(),
  version: 1,
  asOfMs: startMs - dayMs,
})

/** An agent with a key of their own, and the delegation that names it. */
export interface Agent {
  readonly delegation: Delegation
  readonly key: PrivateKey
}

const [first, court] = [
  '{ title: { fr: p, en: p }, within: { count: 1, unit: months }, isMandatoryFirst: true, reference: law }',
  '{ title: { fr: j, en: j }, within: { count: 2, unit: months }, isMandatoryFirst: false, reference: law }',
]
/** Procedures that decide on applications, by their ids. */
const procedures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  grant: { remedies: `[${first}, ${court}]`, application: applicationSource() },
  quick: { id: 'quick', application: applicationSource({ automatic: 'true' }) },
  plain: { id: 'plain', kind: 'plain', benefit: '', application: applicationSource({ algorithm: '' }) },
}

/**
 * An agency with agents who decide: its service real down to PostgreSQL, its clock where a test puts it, its rule yes up to an
 * income of 1,000 € a year.
 */
export const openOffice = async (documents?: EligibilityContext['documents']) => {
  const agency = await openAgency(documents)
  const sources = new Map<string, string>()
  await publishRelease(agency).handle({ source: ruleSource(), replaces: '' }, system())
  for (const [id, changes] of Object.entries(procedures)) {
    const { procedure } = await publishProcedure(agency).handle({ source: procedureSource(changes) }, system())
    sources.set(id, procedure?.sha256 ?? '')
  }
  const needs: DecisionNeeds = {
    ...agency,
    delegations: new Delegations(agency.postgres),
    decisions: new Decisions(agency),
    applications: decidedApplications(agency),
  }
  const { postgres } = agency
  return {
    agency,
    needs,
    postgres,
    setNow: agency.setNow,
    /** Keeps an application as it is given, and answers it. */
    deposit: async (change: Partial<Application> = {}): Promise<Application> => {
      const procedure = change.procedure ?? 'grant'
      const application = applicationInReview({
        applicationId: randomUUID(),
        procedureSha256: sources.get(procedure) ?? '',
        used: [toldIncome(5000)],
        receipt: undefined,
        ...change,
      })
      const kept = await postgres.transaction((tx) =>
        agency.applications.insert(
          tx,
          { application, awaited: [] },
          { dueDay: undefined, deleteAfterMs: undefined },
          { keptAtMs: startMs, cameBy: 'person' },
        ),
      )
      return kept.application
    },
    /** Replaces what an application is, one revision later. */
    change: (applicationId: string, change: Partial<Application>) =>
      postgres.transaction(async (tx) => {
        const before = await agency.applications.lock(tx, applicationId)
        if (!before) throw new Error('no such application')
        const { application } = before
        const after = { ...before, application: { ...application, revision: application.revision + 1, ...change } }
        await agency.applications.save(tx, before, after, { dueDay: undefined, deleteAfterMs: undefined })
      }),
    read: async (applicationId: string): Promise<Application | undefined> => needs.applications.get(applicationId),
    /** Registers an agent; a name of their own each time. */
    appoint: async (change: Partial<Delegation> = {}): Promise<Agent> => {
      const { publicJwk, privateJwk } = generateKeyPair('sign', 'their-own-kid')
      const delegation: RegisterDelegationRequest['delegation'] = delegationOf({
        delegationId: '',
        agent: {
          agentId: randomUUID(),
          firstName: 'Ada',
          lastName: 'Agent',
          capacity: 'Head of office',
          isUnnamed: false,
        },
        jwkJson: JSON.stringify(publicJwk),
        procedures: Object.keys(procedures),
        ...change,
      })
      const { delegation: registered } = await postgres.transaction((tx) =>
        registerDelegation(needs).effect({ delegation }, system(), tx),
      )
      return { delegation: registered as Delegation, key: importPrivateKey(privateJwk) }
    },
    prepare: async (
      applicationId: string,
      made: DecisionMade,
      { delegation }: Agent,
      reviewId = '',
    ): Promise<string> => {
      const { delegationId } = delegation
      const answer = await prepareDecision(needs).handle({ applicationId, made, delegationId, reviewId }, system())
      return answer.statementJson
    },
    issue: async (
      applicationId: string,
      made: DecisionMade,
      signatureJws: string,
      reviewId = '',
    ): Promise<Decision> => {
      const answer = await postgres.transaction((tx) =>
        issueDecision(needs).effect({ applicationId, made, signatureJws, reviewId }, system(), tx),
      )
      return answer.decision as Decision
    },
    /** The same, with the fund called otherwise in the federation list. */
    whereFundIsNamed: (name: string): DecisionNeeds => {
      const { current } = agency.runtime.federation
      const members = current.claims.members.map((each) =>
        each.id === 'fund' ? { ...each, name: { fr: name, en: name } } : each,
      )
      const renamed = Object.assign(Object.create(current), { claims: { ...current.claims, members } })
      return { ...needs, runtime: { ...needs.runtime, federation: { current: renamed } } as DecisionNeeds['runtime'] }
    },
    close: () => agency.close(),
  }
}
export type Office = Awaited<ReturnType<typeof openOffice>>

/** A call of a person in a session of their own. */
export const person = (subject: string): Call => ({
  ...system(),
  caller: {
    kind: 'person',
    clientId: 'gateway',
    subject: subject as SubjectId,
    acr: 'eidas1',
    authTimeSeconds: startMs / 1000,
    loginHandle: 'handle',
  },
})

const agencyKey = registerPublicKey(decisionKeys.publicJwk)

/** What a decision states, verified as anybody would. */
export const readDecision = (jws: string): DecisionClaims =>
  checkToken(jws, decisionType, {
    keyOf: (issuer) => (issuer === 'hall' ? agencyKey : undefined),
    nowSeconds: startMs / 1000,
  })

/** Signs a prepared statement as an agent's own software would. */
export const signStatement = (statementJson: string, { key }: Pick<Agent, 'key'>): string =>
  signToken(decisionSignatureType, JSON.parse(statementJson), key)

/** Prepares, signs and issues. */
export const decide = async (
  office: Office,
  applicationId: string,
  made: DecisionMade,
  agent: Agent,
): Promise<Decision> =>
  office.issue(applicationId, made, signStatement(await office.prepare(applicationId, made, agent), agent))

export const outcomes = [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_PARTLY_GRANTED, Outcome.OUTCOME_REFUSED] as const
