import { Answer, type Finding } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { RightSought, SeekRightsResponse } from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { type Fakes, gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const path = '/v1/eligibility/rights-sought'
const release = {
  ...{ sha256: 'a'.repeat(64), benefit: 'grant', title: { fr: 'Aide', en: 'Grant' }, validFrom: '2026-01-01' },
  ...{ validTo: '', author: 'Ada', reviewer: 'René', legalReferences: [], scope: [], publishedAtMs: 1, replacedBy: '' },
}
const explanation = { language: 'fr', summary: 'oui', conditions: [], scope: [] }
const finding: Finding = { answer: Answer.ANSWER_YES, release, gives: [], missing: [], explanation }

const calls = async (body: object, token: string, rights: Fakes['rights'] = {}) => {
  const { app, calls: noted } = await gatewayForTest('agency', { rights })
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
  return { status: response.statusCode, body: response.json(), noted }
}
const system = systemToken('hall', { scope: 'rights:seek notice:write evidence:request' })
const wish = { procedure: 'grant', campaign: 'autumn', subjects: [subject] }
const answering = (outcome: SeekRightsResponse['outcome']) => ({ seekRights: async () => ({ outcome }) })

describe('POST /v1/eligibility/rights-sought', () => {
  it.each([
    ['without a token', wish, '', 'TOKEN_MISSING'],
    ['of nobody', { ...wish, subjects: [] }, system, 'REQUEST_INVALID'],
    ['of somebody twice', { ...wish, subjects: [subject, subject] }, system, 'REQUEST_INVALID'],
    ['about a name that is no pseudonym', { ...wish, subjects: ['ada'] }, system, 'REQUEST_INVALID'],
    ['without a campaign', { procedure: 'grant', subjects: [subject] }, system, 'REQUEST_INVALID'],
    ['with facts, which nobody stated', { ...wish, facts: {} }, system, 'REQUEST_INVALID'],
  ])('refuses a request %s', async (_, body, token, reason) => {
    const refused = await calls(body, token)
    expect(refused.body).toMatchObject({ reason })
    expect(refused.noted).toEqual([])
  })

  it('passes the service’s refusal on, as of a person’s own token', async () => {
    const seekRights = () => {
      throw new MeshError('CALLER_NOT_ALLOWED')
    }
    const { status, body } = await calls(wish, personToken('hall'), { seekRights })
    expect([status, body.reason]).toEqual([403, 'CALLER_NOT_ALLOWED'])
  })

  it('says that no rule is in force', async () => {
    const value = { day: '2026-11-22', nearest: release }
    const { body } = await calls(wish, system, answering({ $case: 'noRelease', value }))
    expect(body).toMatchObject({ noRelease: { day: '2026-11-22', nearest: { benefit: 'grant' } } })
  })

  it('passes the search on with the caller’s own token, and answers what was found about each', async () => {
    const people: RightSought[] = [
      { subject: 'a', outcome: { $case: 'assessment', value: { finding, used: [], notObtained: [] } } },
      { subject: 'b', outcome: { $case: 'receives', value: true } },
      { subject: 'c', outcome: { $case: 'hasOpposed', value: true } },
      { subject: 'd', outcome: { $case: 'refused', value: 'SUBJECT_UNKNOWN' } },
    ]
    const { body, noted } = await calls(wish, system, answering({ $case: 'sought', value: { people } }))
    expect(noted).toMatchObject([
      { rpc: 'rights.seekRights', request: { ...wish, language: '' }, call: { accessToken: system } },
    ])
    expect(body.people).toMatchObject([
      { subject: 'a', outcome: 'assessed', finding: { answer: 'yes' }, used: [], notObtained: [] },
      { subject: 'b', outcome: 'receives' },
      { subject: 'c', outcome: 'has-opposed' },
      { subject: 'd', outcome: 'refused', reason: 'SUBJECT_UNKNOWN' },
    ])
  })

  it('answers nothing where the service said nothing of somebody', async () => {
    const people = [{ subject: 'a', outcome: undefined }]
    const { status } = await calls(wish, system, answering({ $case: 'sought', value: { people } }))
    expect(status).toBe(500)
  })
})
