import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { aDecision, aDelegation, agent, applicationId, decisionId, delegationId, jwk } from '../application.fixture.js'
import { aRelease, releaseSha256 } from '../eligibility.fixture.js'
import { type Fakes, gatewayForTest, personToken, systemToken } from '../gateway.fixture.js'

const system = systemToken('hall', { scope: 'applications:decide' })
const drafts = `/v1/applications/${applicationId}/decision-drafts`
const decisions = `/v1/applications/${applicationId}/decisions`
const one = `/v1/decisions/${decisionId}`

interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly token?: string
  readonly body?: object | undefined
  readonly key?: string
}
const ask = async ({ method, url, token = system, body, key = 'a-key-of-its-own' }: Asked, rpcs: object = {}) => {
  const { app, calls } = await gatewayForTest('agency', { decisions: rpcs as Required<Fakes>['decisions'] })
  const response = await app.inject({
    method: method ?? (body ? 'POST' : 'GET'),
    url,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'idempotency-key': key }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  })
  const asked = calls.filter(({ rpc }) => rpc.startsWith('decisions.'))
  return { status: response.statusCode, headers: response.headers, body: response.json(), asked }
}

const made = { outcome: 'refused', reasons: 'Les ressources dépassent le plafond (article 8).' }
const draft = { ...made, delegationId }
const signed = { ...made, signatureJws: 'e30.e30.c2ln' }
const delegated = {
  agent,
  jwk,
  procedures: ['meals'],
  outcomes: ['granted', 'refused'],
  fromDay: '2026-01-01',
  toDay: '2026-12-31',
  legalReference: 'Arrêté 2026-12',
}

describe('a decision over REST', () => {
  it.each([
    [decisions, signed],
    [`${one}/legal-hold`, { reason: null }],
    ['/v1/delegations', delegated],
    [`/v1/delegations/${delegationId}/end`, {}],
  ])('has no effect at %s without a token and a key of its own', async (url, body) => {
    const stranger = await ask({ url, body, token: '' })
    expect([stranger.body.reason, stranger.asked]).toEqual(['TOKEN_MISSING', []])
    const keyless = await ask({ url, body, key: '' })
    expect([keyless.body.reason, keyless.asked]).toEqual(['IDEMPOTENCY_KEY_MISSING', []])
  })

  it.each<[string, string, object | undefined, string]>([
    ['an outcome that is none', drafts, { ...draft, outcome: 'maybe' }, 'outcome'],
    ['no outcome', drafts, { ...draft, outcome: undefined }, 'outcome'],
    ['reasons of 8,001 characters', drafts, { ...draft, reasons: 'x'.repeat(8001) }, 'reasons'],
    ['a day that is none', drafts, { ...draft, fromDay: '2026-13-01' }, 'fromDay'],
    ['no delegation', drafts, made, 'delegationId'],
    ['a signature that is no compact JWS', decisions, { ...signed, signatureJws: 'signed' }, 'signatureJws'],
    ['no signature', decisions, made, 'signatureJws'],
    ['an application that is none', '/v1/applications/seven/decisions', signed, 'id'],
    ['a decision that is none', '/v1/decisions/seven', undefined, 'id'],
    ['a language that there is not', `${one}/explanation?language=de`, undefined, 'language'],
    ['a hold without a word', `${one}/legal-hold`, {}, 'reason'],
    ['a hold for nothing much', `${one}/legal-hold`, { reason: 'dispute' }, 'reason'],
    ['a key with its private part', '/v1/delegations', { ...delegated, jwk: { ...jwk, d: 'secret' } }, 'jwk.d'],
    ['a key of another curve', '/v1/delegations', { ...delegated, jwk: { ...jwk, crv: 'P-256' } }, 'jwk.crv'],
    ['a delegation of nothing', '/v1/delegations', { ...delegated, outcomes: [] }, 'outcomes'],
    ['a delegation under no text', '/v1/delegations', { ...delegated, legalReference: '' }, 'legalReference'],
    [
      'an agent without a capacity',
      '/v1/delegations',
      { ...delegated, agent: { ...agent, capacity: '' } },
      'agent.capacity',
    ],
    ['a day of delegations that is none', '/v1/delegations?day=today', undefined, 'day'],
  ])('refuses %s, naming the field and never its value', async (_, url, body, field) => {
    const refused = await ask({ url, body })
    expect(refused.body).toMatchObject({ status: 400, reason: 'REQUEST_INVALID', facts: { field } })
    expect(JSON.stringify(refused.body)).not.toContain('secret')
    expect(refused.asked).toEqual([])
  })

  it('is nobody’s but its person’s, and what the service refuses is passed on', async () => {
    const refuse = (reason: 'DECISION_UNKNOWN' | 'DELEGATION_NOT_COVERING' | 'DECISION_WITHOUT_ALGORITHM') => () => {
      throw new MeshError(reason)
    }
    const person = personToken('hall', { sub: `p1.1.${'T'.repeat(22)}` })
    const others = await ask({ url: one, token: person }, { getDecision: refuse('DECISION_UNKNOWN') })
    expect([others.status, others.body.reason]).toEqual([404, 'DECISION_UNKNOWN'])
    expect(others.asked).toMatchObject([{ request: { decisionId }, call: { accessToken: person } }])
    const beyond = await ask({ url: decisions, body: signed }, { issueDecision: refuse('DELEGATION_NOT_COVERING') })
    expect([beyond.status, beyond.body.reason]).toEqual([403, 'DELEGATION_NOT_COVERING'])
    const plain = await ask(
      { url: `${one}/explanation`, token: person },
      { explainDecision: refuse('DECISION_WITHOUT_ALGORITHM') },
    )
    expect([plain.status, plain.body.reason]).toEqual([409, 'DECISION_WITHOUT_ALGORITHM'])
  })

  it('is prepared word for word as the agent signs it, and keeps nothing', async () => {
    const statementJson = '{"a":"é \\u2028","b":1}'
    const { body, asked } = await ask(
      { url: drafts, body: draft, key: '' },
      { prepareDecision: async () => ({ statementJson }) },
    )
    expect(body).toEqual({ statementJson })
    expect(asked).toMatchObject([
      {
        request: {
          applicationId,
          delegationId,
          made: { outcome: 3, reasons: made.reasons, gives: '', fromDay: '', toDay: '' },
        },
      },
    ])
  })

  it('is issued with the agent’s signature, and shown with null for what is absent', async () => {
    const { status, body, asked } = await ask(
      { url: decisions, body: signed },
      { issueDecision: async () => ({ decision: aDecision }) },
    )
    expect(asked).toMatchObject([
      { request: { signatureJws: signed.signatureJws }, call: { idempotencyKey: 'a-key-of-its-own' } },
    ])
    expect([status, body.decision]).toMatchObject([
      201,
      {
        decisionId,
        outcome: 'refused',
        fromDay: null,
        issuedAt: '2026-12-22T10:00:00.000Z',
        signedBy: agent,
        remedies: [{ lastDay: '2027-02-22', isMandatoryFirst: true }],
        releaseSha256,
        legalHold: null,
      },
    ])
    const automatic = { ...aDecision, signedBy: undefined, delegationId: '', algorithmNotice: '', releaseSha256: '' }
    const shown = await ask({ url: one }, { getDecision: async () => ({ decision: automatic }) })
    expect(shown.body.decision).toMatchObject({
      signedBy: null,
      delegationId: null,
      algorithmNotice: null,
      releaseSha256: null,
    })
    expect(shown.headers).not.toHaveProperty('etag')
  })

  it('is explained in four parts, in the language asked for', async () => {
    const explained = {
      language: 'fr-x-falc',
      contribution: 'Elle aide.',
      data: [
        { title: 'Ressources', value: '512 €', source: 'fund', asOfMs: 1_700_000_000_000 },
        { title: 'Habite ici', value: 'oui', source: 'vous', asOfMs: 0 },
      ],
      parameters: [{ title: 'Plafond', value: '1 000 €', weight: 'décide', legalReference: 'Article 8' }],
      operations: ['512 est sous 1 000.'],
    }
    const { body, asked } = await ask(
      { url: `${one}/explanation?language=fr-x-falc` },
      { explainDecision: async () => explained },
    )
    expect(asked).toMatchObject([{ request: { decisionId, language: 'fr-x-falc' } }])
    expect(body).toMatchObject({
      data: [{ asOf: '2023-11-14T22:13:20.000Z' }, { asOf: null }],
      parameters: explained.parameters,
      operations: explained.operations,
      explanation: null,
    })
  })

  it('is recomputed without a key, because nothing is kept', async () => {
    const finding = { answer: 2, release: aRelease, gives: [], missing: [] }
    const { body } = await ask(
      { method: 'POST', url: `${one}/recomputations`, key: '' },
      { recomputeDecision: async () => ({ isSame: true, finding }) },
    )
    expect(body).toMatchObject({ isSame: true, finding: { answer: 'no' } })
  })

  it('is held while a dispute needs it, until it is no longer', async () => {
    const setLegalHold = async ({ reason }: { reason: string }) => ({ decision: { ...aDecision, legalHold: reason } })
    const reason = 'Recours 26-123 au tribunal'
    const held = await ask({ url: `${one}/legal-hold`, body: { reason } }, { setLegalHold })
    expect(held.body.decision.legalHold).toBe(reason)
    const free = await ask({ url: `${one}/legal-hold`, body: { reason: null } }, { setLegalHold })
    expect([free.body.decision.legalHold, free.asked[0]?.request]).toEqual([null, { decisionId, reason: '' }])
  })

  it('is signed under delegations that are registered, listed and ended', async () => {
    const delegation = async () => ({ delegation: aDelegation })
    const registered = await ask({ url: '/v1/delegations', body: delegated }, { registerDelegation: delegation })
    expect(registered.status).toBe(201)
    expect(registered.asked).toMatchObject([
      { request: { delegation: { delegationId: '', jwkJson: JSON.stringify(jwk), outcomes: [1, 3], endedAtMs: 0 } } },
    ])
    expect(registered.body.delegation).toMatchObject({
      delegationId,
      jwk,
      outcomes: ['granted', 'refused'],
      endedAt: null,
    })
    const listed = await ask(
      { url: '/v1/delegations?day=2026-06-01&pageSize=200' },
      { listDelegations: async () => ({ delegations: [{ ...aDelegation, endedAtMs: 1 }], nextPageToken: 'n' }) },
    )
    expect(listed.body).toMatchObject({ delegations: [{ endedAt: '1970-01-01T00:00:00.001Z' }], nextPageToken: 'n' })
    expect(listed.asked).toMatchObject([{ request: { day: '2026-06-01', pageSize: 200 } }])
    const ended = await ask(
      { method: 'POST', url: `/v1/delegations/${delegationId}/end` },
      { endDelegation: delegation },
    )
    expect([ended.status, ended.asked[0]?.request]).toEqual([200, { delegationId }])
  })
})
