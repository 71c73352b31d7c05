import { randomUUID } from 'node:crypto'
import { type Application, ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { afterExamination, isAppealable } from './after-examination.js'
import { system } from './agency.fixture.js'
import { openCorrection } from './decision.fixture.js'
import { type Office, openOffice, readDecision, toldIncome } from './decision-office.fixture.js'
import { longestParts } from './domain/algorithm-explanation.js'
import { grantByItself } from './grant-by-itself.js'
import { examineApplication } from './rpc/examine-application.js'
import { explainDecision } from './rpc/explain-decision.js'
import { recomputeDecision } from './rpc/recompute-decision.js'

let office: Office
/** The income that the fund tells. */
let told = 0
beforeAll(async () => {
  office = await openOffice({
    requestEvidence: async () => ({
      exchangeId: randomUUID(),
      outcome: {
        $case: 'evidence',
        value: { valueJson: JSON.stringify({ amount: told }), version: 1, asOfMs: 7, predicates: [], keepUntilMs: 9 },
      },
    }),
  })
})
afterAll(() => office.close())

const low = { procedure: 'quick', used: [toldIncome(10)] }
const deposit = (change: Partial<Application> = {}) => office.deposit({ ...low, ...change })
const grant = (application: Application) =>
  office.postgres.transaction((tx) => grantByItself(office.needs, tx, application))

describe('an application is not granted without anybody signing', () => {
  it.each<[string, Partial<Application>]>([
    ['by a procedure that does not do so', { procedure: 'grant' }],
    ['by a procedure without a rule', { procedure: 'plain' }],
    ['where the rule says no', { used: [toldIncome(5000)] }],
    ['where the rule does not know', { used: [] }],
    ['on what the person stated', { used: [], facts: [{ name: 'revenu', value: { $case: 'number', value: 10 } }] }],
    [
      'on what the person stated, where evidence says otherwise',
      { facts: [{ name: 'revenu', value: { $case: 'number', value: 9 } }] },
    ],
    ['while something is missing', { corrections: [openCorrection('2026-12-01')] }],
    ['in an appeal', { appealedDecisionId: randomUUID() }],
    ['once it was withdrawn', { state: ApplicationState.APPLICATION_STATE_WITHDRAWN }],
    ['when no rule was in force on its day', { depositedAtMs: Date.parse('2025-01-01T12:00:00Z') }],
  ])('%s', async (_what, change) => {
    const application = await deposit(change)
    expect(await grant(application)).toBeUndefined()
    expect(await office.read(application.applicationId)).toMatchObject({
      state: application.state,
      decisionId: '',
      revision: application.revision,
    })
  })

  it('on a special category, also where the list says so only since (GDPR article 9)', async () => {
    const application = await deposit()
    const { federation } = office.agency.runtime
    const { current } = federation
    const evidenceTypes = current.claims.evidenceTypes.map((type) => ({ ...type, specialCategory: true as const }))
    const special = Object.assign(Object.create(current), { claims: { ...current.claims, evidenceTypes } })
    const needs = {
      ...office.needs,
      runtime: { ...office.needs.runtime, federation: { ...federation, current: special } },
    }
    const granted = office.postgres.transaction((tx) => grantByItself(needs as never, tx, application))
    expect(await granted).toBeUndefined()
  })
})

describe('an application that could not be explained', () => {
  it('is left to a person', async () => {
    const application = await deposit()
    const needs = office.whereFundIsNamed('x'.repeat(longestParts))
    const granted = office.postgres.transaction((tx) => grantByItself(needs, tx, application))
    expect(await granted).toBeUndefined()
  })
})

describe('an examination', () => {
  const examine = async (application: Application, amount: number) => {
    told = amount
    const applying = {
      ...office.agency,
      isAppealable: isAppealable(office.needs),
      afterExamination: afterExamination(office.needs, office.agency),
    }
    const bases = [{ provider: 'fund', purpose: 'rate', basisId: 'b1.AAAAAAAAAAAAAAAAAAAAAA' }]
    const { applicationId } = application
    return examineApplication(applying).handle({ applicationId, bases, relatedSubject: '', ownRecords: [] }, system())
  }

  it('leaves open what the rule does not grant', async () => {
    const { application } = await examine(await deposit({ used: [] }), 5000)
    expect(application).toMatchObject({ state: ApplicationState.APPLICATION_STATE_IN_REVIEW, decisionId: '' })
  })

  it('ends in a grant where all that decides is told', async () => {
    const { application, outcome } = await examine(await deposit({ used: [] }), 10)
    expect(outcome).toMatchObject({ $case: 'finding', value: { answer: Answer.ANSWER_YES } })
    expect(application).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_GRANTED,
      decisionId: expect.stringMatching(/./),
      used: [{ provider: 'fund', isSelfDeclared: false }],
    })
  })

  it('of a procedure that does not decide leaves a yes to a person', async () => {
    const { application } = await examine(await deposit({ used: [], procedure: 'grant' }), 10)
    expect(application).toMatchObject({ state: ApplicationState.APPLICATION_STATE_IN_REVIEW, decisionId: '' })
  })
})

describe('an appeal', () => {
  const isOne = (decision: { decisionId: string; subject: string; procedure: string }) =>
    office.postgres.transaction((tx) => isAppealable(office.needs)(tx, decision))

  it('is made against a decision of the same person and procedure that was issued here', async () => {
    const { decisionId = '', subject = '', procedure = '' } = (await grant(await deposit())) ?? {}
    expect(await isOne({ decisionId, subject, procedure })).toBe(true)
    expect(await isOne({ decisionId, subject, procedure: 'plain' })).toBe(false)
    expect(await isOne({ decisionId, subject: 'p1.1.BAAAAAAAAAAAAAAAAAAAAA', procedure })).toBe(false)
    expect(await isOne({ decisionId: randomUUID(), subject, procedure })).toBe(false)
  })
})

describe('an application is granted without anybody signing', () => {
  it('where evidence confirms what the person stated', async () => {
    const facts = [{ name: 'revenu', value: { $case: 'number' as const, value: 10 } }]
    expect(await grant(await deposit({ facts }))).toMatchObject({ made: { outcome: Outcome.OUTCOME_GRANTED } })
  })

  it('where all that decides came from evidence, with the notice and without remedies', async () => {
    const application = await deposit({ language: 'en' })
    const decision = await grant(application)
    expect(decision).toMatchObject({
      made: { outcome: Outcome.OUTCOME_GRANTED, gives: 'Grant' },
      signedBy: undefined,
      delegationId: '',
      remedies: [],
      algorithmNotice: expect.stringMatching(/algorithm/),
    })
    const { statement, signature } = readDecision(decision?.jws ?? '')
    expect(signature).toBeUndefined()
    expect(statement).toMatchObject({ outcome: 'granted', finding: 'yes' })
    expect(statement).not.toHaveProperty('agent')
    expect(await office.read(application.applicationId)).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_GRANTED,
      decisionId: decision?.decisionId,
    })
    const decisionId = decision?.decisionId ?? ''
    const explained = await explainDecision(office.needs).handle({ decisionId, language: '' }, system())
    expect(explained.contribution).toMatch(/without an agent signing/)
    expect(await recomputeDecision(office.needs).handle({ decisionId }, system())).toMatchObject({ isSame: true })
  })
})
