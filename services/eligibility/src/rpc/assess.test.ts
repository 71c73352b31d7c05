import type { Call } from '@unefois/chassis/rpc'
import type { RequestEvidenceRequest, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { RouteCause } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openAgency, procedureSource, ruleSource, system } from '../agency.fixture.js'
import { assess } from './assess.js'
import { planAssessment } from './plan-assessment.js'
import { publishProcedure } from './publish-procedure.js'
import { publishRelease } from './publish-release.js'

const subject = `p1.1.${'a'.repeat(22)}`
const basisId = 'b'.repeat(22)
const fund = { provider: 'fund', purpose: 'rate', basisId }
const asked: { request: RequestEvidenceRequest; accessToken: string | undefined }[] = []
let answer: () => Promise<RequestEvidenceResponse>
const exchangeId = '0b0e7a52-0000-4000-8000-000000000001'
const evidence = (value: unknown) => async (): Promise<RequestEvidenceResponse> => ({
  exchangeId,
  outcome: {
    $case: 'evidence',
    value: { valueJson: JSON.stringify(value), version: 3, asOfMs: 7, predicates: [], keepUntilMs: 9 },
  },
})

let agency: Awaited<ReturnType<typeof openAgency>>
beforeAll(async () => {
  agency = await openAgency({
    requestEvidence: async (request, { accessToken }) => {
      asked.push({ request, accessToken })
      return answer()
    },
  })
  for (const source of [ruleSource(), ruleSource({ benefit: 'over', validTo: '2026-03-31' })])
    await publishRelease(agency).handle({ source, replaces: '' }, system())
  const ofChild = '[{ evidenceType: income, field: is-low, purpose: rate }]'
  await publishRelease(agency).handle(
    { source: ruleSource({ benefit: 'kin', sources: ofChild }), replaces: '' },
    system(),
  )
  const plain = { id: 'plain', kind: 'plain', benefit: '' }
  const kin = { id: 'kin', benefit: 'benefit: kin' }
  for (const changes of [{}, { id: 'over', benefit: 'benefit: over' }, plain, kin])
    await publishProcedure(agency).handle({ source: procedureSource(changes) }, system())
})
afterAll(() => agency.close())
beforeEach(() => {
  asked.length = 0
  answer = evidence({ amount: 900 })
})

const calling: Call = { ...system(), accessToken: 'the token of the caller' }
const stranger: Call = {
  ...calling,
  caller: {
    kind: 'person',
    clientId: 'pages',
    subject: `p1.1.${'z'.repeat(22)}` as never,
    acr: 'eidas1',
    authTimeSeconds: 1,
    loginHandle: 'h',
  },
}
const whole = { subject, procedure: 'grant', day: '', facts: [], bases: [fund], relatedSubject: '', language: '' }
const assessed = async (given: object = {}, call: Call = calling) => {
  const { outcome } = await assess(agency).handle({ ...whole, ...given }, call)
  if (outcome?.$case !== 'assessment') throw new Error('nothing was assessed')
  return outcome.value
}
const plan = (given: object = {}, call: Call = calling) =>
  planAssessment(agency).handle({ subject, procedure: 'grant', day: '', facts: [], language: '', ...given }, call)
const income = (value: number) => ({ name: 'revenu', value: { $case: 'number' as const, value } })

describe.each([
  ['Assess', (given: object, call?: Call) => assessed(given, call)],
  ['PlanAssessment', plan],
] as const)('%s', (_, ask) => {
  it('refuses a person who names another, a procedure that is none or has no rule, and a fact that is none', async () => {
    await expect(ask({}, stranger)).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(ask({ procedure: 'nothing' })).rejects.toMatchObject({ reason: 'PROCEDURE_UNKNOWN' })
    await expect(ask({ procedure: 'plain' })).rejects.toMatchObject({ reason: 'BENEFIT_UNKNOWN' })
    await expect(ask({ facts: [income(-5)] })).rejects.toMatchObject({ reason: 'FACT_INVALID' })
    expect(asked).toEqual([])
  })
})

describe('PlanAssessment', () => {
  it('says who could tell what is missing, in which mode and under which text, and asks nobody', async () => {
    expect(await plan()).toMatchObject({
      outcome: {
        $case: 'plan',
        value: {
          facts: [
            {
              fact: { name: 'revenu' },
              holders: [
                {
                  provider: 'fund',
                  source: { evidenceType: 'income', field: 'amount', purpose: 'rate' },
                  mode: 'information',
                  legalReference: 'article 1',
                },
              ],
            },
          ],
        },
      },
    })
    expect(await plan({ facts: [income(5)] })).toMatchObject({ outcome: { value: { facts: [] } } })
    expect(await plan({ procedure: 'over' })).toMatchObject({ outcome: { $case: 'noRelease' } })
    expect(asked).toEqual([])
  })
})

describe('Assess', () => {
  it('asks nobody about a second person whom the caller did not name', async () => {
    expect(await assessed({ procedure: 'kin' })).toMatchObject({ used: [], notObtained: [] })
    expect(asked).toEqual([])
    const relatedSubject = `p1.1.${'c'.repeat(22)}`
    await assessed({ procedure: 'kin', relatedSubject })
    expect(asked).toMatchObject([
      { request: { fields: [], predicates: [{ predicate: 'is-low', argumentSubject: relatedSubject }] } },
    ])
  })

  it('asks the fund for the missing fact alone, with the caller’s own token, and says on what it rests', async () => {
    const found = await assessed()
    expect(asked).toEqual([
      {
        request: {
          subject,
          provider: 'fund',
          evidenceType: 'income',
          purpose: 'rate',
          procedure: 'grant',
          basisId,
          fields: ['amount'],
          predicates: [],
        },
        accessToken: 'the token of the caller',
      },
    ])
    expect(found).toMatchObject({
      finding: { answer: Answer.ANSWER_YES },
      used: [
        {
          fact: income(900),
          isSelfDeclared: false,
          provider: 'fund',
          exchangeId,
          version: 3,
          source: { evidenceType: 'income', field: 'amount', purpose: 'rate' },
        },
      ],
      notObtained: [],
    })
  })

  it('asks nobody for what the person has answered, and marks it so', async () => {
    const found = await assessed({ facts: [income(2000)] })
    expect(asked).toEqual([])
    expect(found).toMatchObject({
      finding: { answer: Answer.ANSWER_NO },
      used: [{ fact: income(2000), isSelfDeclared: true, provider: '' }],
    })
  })

  it.each([
    ['without a basis', []],
    ['on a basis for another purpose', [{ ...fund, purpose: 'search' }]],
    ['on a basis with a member that holds nothing', [{ ...fund, provider: 'hall' }]],
  ])('asks nobody %s, and says what is missing', async (_, bases) => {
    const found = await assessed({ bases })
    expect(asked).toEqual([])
    expect(found).toMatchObject({ finding: { answer: Answer.ANSWER_UNKNOWN, missing: [{ name: 'revenu' }] }, used: [] })
  })

  it('takes silence for unknown and never for no, asks once, and names the other routes', async () => {
    const routes = [{ kind: 'counter', textFr: 'Guichet', textEn: 'Counter' }]
    const value = { cause: RouteCause.ROUTE_CAUSE_STALE, routes }
    answer = async () => ({ exchangeId, outcome: { $case: 'otherRoute', value } })
    const found = await assessed({ bases: [fund, fund] })
    expect(found).toMatchObject({
      finding: { answer: Answer.ANSWER_UNKNOWN },
      notObtained: [{ provider: 'fund', facts: ['revenu'], why: { $case: 'otherRoute', value } }, {}],
    })
    answer = async () => ({ exchangeId, outcome: { $case: 'pending', value: { retryAfterMs: 5 } } })
    expect(await assessed()).toMatchObject({
      finding: { answer: Answer.ANSWER_UNKNOWN },
      notObtained: [{ why: { $case: 'pending' } }],
    })
  })

  it.each([
    ['text where a number is asked', { amount: '900' }],
    ['a value out of its bounds', { amount: -1 }],
    ['a list', { amount: [900] }],
    ['nothing at the field', {}],
  ])('takes %s for unknown', async (_, value) => {
    answer = evidence(value)
    expect(await assessed()).toMatchObject({
      finding: { answer: Answer.ANSWER_UNKNOWN },
      used: [],
      notObtained: [{ facts: ['revenu'], exchangeId, why: { $case: 'isUnfit' } }],
    })
  })

  it.each<Reason>(['CONSENT_REVOKED', 'PREVIEW_REQUIRED', 'NOTICE_MISMATCH', 'UNAVAILABLE'])(
    'tells that a gate refused with %s, and goes on',
    async (reason) => {
      answer = () => Promise.reject(new MeshError(reason))
      expect(await assessed()).toMatchObject({
        finding: { answer: Answer.ANSWER_UNKNOWN },
        notObtained: [{ provider: 'fund', why: { $case: 'refused', value: reason } }],
      })
    },
  )

  it.each<Reason>(['TOKEN_EXPIRED', 'CALLER_NOT_ALLOWED'])(
    'ends with %s, which is the caller’s own',
    async (reason) => {
      answer = () => Promise.reject(new MeshError(reason))
      await expect(assessed()).rejects.toMatchObject({ reason })
    },
  )

  it('decides nothing without a release in force, and asks nobody', async () => {
    const { outcome } = await assess(agency).handle({ ...whole, procedure: 'over' }, calling)
    expect(outcome?.$case).toBe('noRelease')
    expect(asked).toEqual([])
  })
})
