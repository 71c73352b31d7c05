import type { AssessRequest, Finding } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { Answer, FactKind } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { type Fakes, gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const source = { evidenceType: 'income', field: 'amount', purpose: 'rate' }
const missing = {
  name: 'revenu',
  kind: FactKind.FACT_KIND_NUMBER,
  question: 'Quel revenu ?',
  hint: '',
  unit: '€/an',
  minimum: 0,
  maximum: 9,
  decimals: 2,
  choices: [],
  sources: [source],
}
const release = {
  sha256: 'a'.repeat(64),
  benefit: 'grant',
  title: { fr: 'Aide', en: 'Grant' },
  validFrom: '2026-01-01',
  validTo: '',
  author: 'Ada',
  reviewer: 'René',
  legalReferences: [],
  scope: [],
  publishedAtMs: 1,
  replacedBy: '',
}
const explanation = { language: 'fr', summary: 'peut-être', conditions: [], scope: [] }
const finding: Finding = { answer: Answer.ANSWER_UNKNOWN, release, gives: [], missing: [missing], explanation }

const calls = async (path: string, body: object, token: string, eligibility: Fakes['eligibility'] = {}) => {
  const { app } = await gatewayForTest('agency', { eligibility })
  const response = await app.inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': 'a-key-of-its-own',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    payload: JSON.stringify(body),
  })
  return { status: response.statusCode, body: response.json() }
}
const system = systemToken('hall', { scope: 'eligibility:assess evidence:request' })

describe.each(['/v1/eligibility/assessment-plans', '/v1/eligibility/assessments'])('POST %s', (path) => {
  it.each([
    ['without a token', {}, '', 'TOKEN_MISSING'],
    ['of a system that names nobody', { procedure: 'grant' }, system, 'REQUEST_INVALID'],
    ['about a name that is no pseudonym', { subject: 'ada', procedure: 'grant' }, system, 'REQUEST_INVALID'],
    ['with a fact that is an object', { subject, procedure: 'grant', facts: { a: {} } }, system, 'REQUEST_INVALID'],
    [
      'with a member of JSON that it does not have',
      { subject, procedure: 'grant', benefit: 'x' },
      system,
      'REQUEST_INVALID',
    ],
  ])('refuses a request %s', async (_, body, token, reason) => {
    expect((await calls(path, body, token)).body).toMatchObject({ reason })
  })

  it('passes the service’s refusal on', async () => {
    const refuse = () => {
      throw new MeshError('PROCEDURE_UNKNOWN')
    }
    const { status, body } = await calls(path, { subject, procedure: 'nothing' }, system, {
      assess: refuse,
      planAssessment: refuse,
    } as never)
    expect([status, body.reason]).toEqual([404, 'PROCEDURE_UNKNOWN'])
  })

  it('says that no rule is in force', async () => {
    const none = async () => ({
      outcome: { $case: 'noRelease' as const, value: { day: '2026-11-22', nearest: release } },
    })
    const { body } = await calls(path, { procedure: 'grant' }, personToken('hall'), {
      assess: none,
      planAssessment: none,
    } as never)
    expect(body).toMatchObject({ noRelease: { day: '2026-11-22', nearest: { benefit: 'grant', validTo: null } } })
  })
})

describe('POST /v1/eligibility/assessment-plans', () => {
  it('names the person of the token, what is missing, and who could tell it', async () => {
    const asked: unknown[] = []
    const { body } = await calls('/v1/eligibility/assessment-plans', { procedure: 'grant' }, personToken('hall'), {
      planAssessment: async (request: unknown) => {
        asked.push(request)
        const holders = [{ provider: 'fund', source, mode: 'information', legalReference: 'article 1' }]
        return { outcome: { $case: 'plan', value: { release, facts: [{ fact: missing, holders }] } } }
      },
    } as never)
    expect(asked).toEqual([{ subject, procedure: 'grant', day: '', language: '', facts: [] }])
    expect(body.facts).toMatchObject([
      { fact: { name: 'revenu', kind: 'number' }, holders: [{ provider: 'fund', source, mode: 'information' }] },
    ])
  })
})

describe('POST /v1/eligibility/assessments', () => {
  it('answers the finding, on what it rests, and who did not tell', async () => {
    const basisId = `b1.${'B'.repeat(22)}`
    const asked: AssessRequest[] = []
    const of = { provider: 'fund', evidenceType: 'income', purpose: 'rate', facts: ['revenu'], exchangeId: '' }
    const why = [
      { $case: 'otherRoute', value: { cause: 2, routes: [{ kind: 'counter', textFr: 'Guichet', textEn: 'Counter' }] } },
      { $case: 'pending', value: { retryAfterMs: 1500 } },
      { $case: 'refused', value: 'CONSENT_REVOKED' },
      { $case: 'isUnfit', value: true },
    ]
    const used = [
      {
        fact: { name: 'a', value: { $case: 'yes', value: true } },
        isSelfDeclared: true,
        provider: '',
        exchangeId: '',
        version: 0,
        asOfMs: 0,
      },
      {
        fact: { name: 'b', value: { $case: 'number', value: 7 } },
        isSelfDeclared: false,
        provider: 'fund',
        source,
        exchangeId: 'e',
        version: 3,
        asOfMs: 9,
      },
    ]
    const request = {
      subject,
      procedure: 'grant',
      facts: { a: true },
      bases: [{ provider: 'fund', purpose: 'rate', basisId }],
    }
    const { body } = await calls('/v1/eligibility/assessments', request, system, {
      assess: async (given: AssessRequest) => {
        asked.push(given)
        const notObtained = why.map((each) => ({ ...of, why: each }))
        return { outcome: { $case: 'assessment', value: { finding, used, notObtained } } }
      },
    } as never)
    expect(asked).toMatchObject([
      { facts: [{ name: 'a', value: { $case: 'yes', value: true } }], bases: [{ basisId }], relatedSubject: '' },
    ])
    expect(body).toMatchObject({
      finding: { answer: 'unknown', missing: [{ name: 'revenu' }] },
      used: [
        { name: 'a', value: true, isSelfDeclared: true, evidence: null },
        { name: 'b', value: 7, evidence: { provider: 'fund', version: 3, source } },
      ],
      notObtained: [
        { why: 'other-route', facts: ['revenu'], routes: [{ kind: 'counter' }] },
        { why: 'pending', retryAfterSeconds: 2 },
        { why: 'refused', reason: 'CONSENT_REVOKED' },
        { why: 'unfit' },
      ],
    })
  })
})
