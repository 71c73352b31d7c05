import { randomUUID } from 'node:crypto'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { decisionSignatureType } from '@unefois/proto/decision-statements'
import { ApplicationServiceDefinition, Channel } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import {
  type DecisionMade,
  DecisionServiceDefinition,
  type Delegation,
  Outcome,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { generateKeyPair, importPrivateKey, type PrivateKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolAt, freshPerson, sharedFederation } from './_federation.js'
import { refusalOf, refused } from './_refusals.js'
import { town } from './_resident.js'

const procedure = 'school-meals'

let places: Places
let system: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  system = new AgencySystem(places, town)
})
afterAll(() => system.close())

const decisions = () => system.service('eligibility', DecisionServiceDefinition)
const agent = () => ({
  agentId: randomUUID(),
  firstName: 'Ada',
  lastName: 'Agent',
  capacity: 'Adjointe au maire',
  isUnnamed: false,
})
const delegation = (change: Partial<Delegation> = {}): Delegation => ({
  delegationId: '',
  agent: agent(),
  jwkJson: '{}',
  procedures: [procedure],
  outcomes: [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_REFUSED],
  fromDay: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
  toDay: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
  legalReference: 'Arrêté du maire portant délégation de signature, affiché en mairie',
  endedAtMs: 0,
  ...change,
})
const register = async (change: Partial<Delegation> = {}) =>
  decisions().registerDelegation({ delegation: delegation(change) }, await system.call('delegations:register'))

/** An agent of the town with a key of their own. */
const appointed = async (): Promise<{ readonly delegationId: string; readonly key: PrivateKey }> => {
  const { publicJwk, privateJwk } = generateKeyPair('sign', 'agent')
  const { delegation: registered } = await register({ jwkJson: JSON.stringify(publicJwk) })
  return { delegationId: registered?.delegationId ?? '', key: importPrivateKey(privateJwk) }
}

/** What somebody new to the town asks for at its counter. */
const deposited = async (): Promise<string> => {
  const subject = await enrolAt(places, town, await freshPerson(places))
  const { application } = await system.service('eligibility', ApplicationServiceDefinition).submitApplication(
    {
      subject,
      procedure,
      channel: Channel.CHANNEL_COUNTER,
      depositedAtMs: 0,
      entries: [{ field: 'school', text: 'École du Centre, CE1' }],
      facts: [],
      language: 'fr',
      appealedDecisionId: '',
      by: { who: { $case: 'agent', value: agent() } },
    },
    await system.call('applications:submit'),
  )
  return application?.applicationId ?? ''
}

const refusal: DecisionMade = {
  outcome: Outcome.OUTCOME_REFUSED,
  reasons: 'L’école demandée n’est pas une école de la commune.',
  gives: '',
  fromDay: '',
  toDay: '',
}
const grant: DecisionMade = {
  ...refusal,
  outcome: Outcome.OUTCOME_GRANTED,
  reasons: '',
  gives: 'Le tarif au quotient.',
}

describe('a delegation', () => {
  it('is not registered with a private key, for a procedure that is none, or for ever', async () => {
    const rpc = 'unefois.eligibility.v1.DecisionService/RegisterDelegation'
    const { privateJwk, publicJwk } = generateKeyPair('sign', 'agent')
    const leaked = await refused(rpc, () => register({ jwkJson: JSON.stringify(privateJwk) }))
    expect([leaked?.reason, leaked?.facts.field]).toEqual(['DELEGATION_INVALID', 'jwkJson'])
    const jwkJson = JSON.stringify(publicJwk)
    const unknown = await refused(rpc, () => register({ jwkJson, procedures: ['castle-aid'] }))
    expect([unknown?.reason, unknown?.facts.field]).toEqual(['DELEGATION_INVALID', 'procedures'])
    const endless = await refused(rpc, () => register({ jwkJson, toDay: '2099-12-31' }))
    expect([endless?.reason, endless?.facts.field]).toEqual(['DELEGATION_INVALID', 'toDay'])
    expect(endless?.facts.what).toBe('is within six years of fromDay')
  })

  it('does not end where there is none', async () => {
    const rpc = 'unefois.eligibility.v1.DecisionService/EndDelegation'
    const call = await system.call('delegations:register')
    expect(await refusalOf(rpc, () => decisions().endDelegation({ delegationId: randomUUID() }, call))).toBe(
      'DELEGATION_UNKNOWN',
    )
  })

  it('is listed by a token that one was given', async () => {
    const rpc = 'unefois.eligibility.v1.DecisionService/ListDelegations'
    const call = await system.call('delegations:read')
    const list = (more: object) => decisions().listDelegations({ day: '', pageSize: 0, pageToken: '', ...more }, call)
    expect(await refusalOf(rpc, () => list({ pageToken: 'nonsense' }))).toBe('PAGE_TOKEN_MISMATCH')
    expect(await refusalOf(rpc, () => list({ day: '2026-02-30' }))).toBe('REQUEST_INVALID')
  })
})

describe('a decision', () => {
  it('is not prepared on nothing, by nobody, without reasons, or on what is not known', async () => {
    const rpc = 'unefois.eligibility.v1.DecisionService/PrepareDecision'
    const call = await system.call('applications:decide')
    const { delegationId } = await appointed()
    const applicationId = await deposited()
    const prepare = (more: object) =>
      decisions().prepareDecision({ applicationId, delegationId, made: refusal, reviewId: '', ...more }, call)
    expect(await refusalOf(rpc, () => prepare({ applicationId: randomUUID() }))).toBe('APPLICATION_UNKNOWN')
    expect(await refusalOf(rpc, () => prepare({ delegationId: randomUUID() }))).toBe('DELEGATION_UNKNOWN')
    const partly = { ...grant, outcome: Outcome.OUTCOME_PARTLY_GRANTED }
    const silent = await refused(rpc, () => prepare({ made: partly }))
    expect([silent?.reason, silent?.facts.field]).toEqual(['APPLICATION_INVALID', 'made.reasons'])
    expect(await refusalOf(rpc, () => prepare({}))).toBe('DATUM_MISSING')
  })

  it('is not issued by a machine, by another key, otherwise than it was signed, or twice', async () => {
    const rpc = 'unefois.eligibility.v1.DecisionService/IssueDecision'
    const [{ delegationId, key }, applicationId] = [await appointed(), await deposited()]
    const issue = async (signatureJws: string, made = grant) =>
      decisions().issueDecision(
        { applicationId, made, signatureJws, reviewId: '' },
        await system.call('applications:decide'),
      )
    const { statementJson } = await decisions().prepareDecision(
      { applicationId, delegationId, made: grant, reviewId: '' },
      await system.call('applications:decide'),
    )
    const statement = JSON.parse(statementJson)
    const stranger = importPrivateKey(generateKeyPair('sign', 'agent').privateJwk)
    const signed = signToken(decisionSignatureType, statement, key)
    const { delegation: _, agent: __, ...alone } = statement
    expect(await refusalOf(rpc, () => issue('a.b.c'))).toBe('DECISION_SIGNATURE_INVALID')
    expect(await refusalOf(rpc, () => issue(signToken(decisionSignatureType, alone, key)))).toBe('DELEGATION_UNKNOWN')
    expect(await refusalOf(rpc, () => issue(signToken(decisionSignatureType, statement, stranger)))).toBe(
      'DECISION_SIGNATURE_INVALID',
    )
    expect(await refusalOf(rpc, () => issue(signed, { ...grant, gives: 'Rien du tout.' }))).toBe(
      'DECISION_SIGNATURE_INVALID',
    )
    expect(await refusalOf(rpc, () => issue(signed, refusal))).toBe('DATUM_MISSING')
    expect(await refusalOf(rpc, () => issue(signed))).toBe('nothing')
    expect(await refusalOf(rpc, () => issue(signed))).toBe('APPLICATION_ENDED')
  })

  it('is not there where none was issued', async () => {
    const decisionId = randomUUID()
    const [read, hold] = [await system.call('applications:read'), await system.call('applications:hold')]
    const unknown = [
      await refusalOf('unefois.eligibility.v1.DecisionService/GetDecision', () =>
        decisions().getDecision({ decisionId }, read),
      ),
      await refusalOf('unefois.eligibility.v1.DecisionService/ExplainDecision', () =>
        decisions().explainDecision({ decisionId, language: '' }, read),
      ),
      await refusalOf('unefois.eligibility.v1.DecisionService/RecomputeDecision', () =>
        decisions().recomputeDecision({ decisionId }, read),
      ),
      await refusalOf('unefois.eligibility.v1.DecisionService/SetLegalHold', () =>
        decisions().setLegalHold({ decisionId, reason: 'Un recours est en cours.' }, hold),
      ),
    ]
    expect(unknown).toEqual(['DECISION_UNKNOWN', 'DECISION_UNKNOWN', 'DECISION_UNKNOWN', 'DECISION_UNKNOWN'])
  })
})
