import { AccessOutcome, ExchangeSide } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, type Reason, reasons } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import type { GatewayKind } from '../config.js'
import { gatewayForTest, personToken, subject, systemToken, tokenOf } from '../gateway.fixture.js'
import { operations } from './operations.js'

const basisId = `b1.${'B'.repeat(22)}`
const exchange = { provider: 'fund', evidenceType: 'resources', purpose: 'school-meals', procedure: 'p', basisId }
const post = (payload: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: '/v1/exchanges',
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  headers: {
    authorization: `Bearer ${personToken('hall')}`,
    'content-type': 'application/json',
    'idempotency-key': 'key-12345678',
    ...headers,
  },
})
const access = {
  recordId: 'r1',
  side: ExchangeSide.EXCHANGE_SIDE_REQUESTER,
  counterparty: 'fund',
  purpose: 'school-meals',
  procedure: 'p',
  evidenceType: 'resources',
  fields: ['resources.value'],
  predicates: [],
  mode: 1 as const,
  outcome: AccessOutcome.ACCESS_OUTCOME_RELEASED,
  reason: '',
  atMs: 1_700_000_000_000,
  exchangeId: 'x1',
}

describe('the REST door', () => {
  it.each<[string, ReturnType<typeof post>, Reason]>([
    ['an empty authorization', post(exchange, { authorization: '' }), 'TOKEN_MALFORMED'],
    ['a body that is no JSON', post('{"a":'), 'REQUEST_MALFORMED'],
    ['an empty body', post(''), 'REQUEST_MALFORMED'],
    ['a list', post('[]'), 'REQUEST_MALFORMED'],
    ['a name given twice', post('{"provider":"fund","provider":"hall"}'), 'REQUEST_MALFORMED'],
    ['deep JSON', post(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`), 'REQUEST_MALFORMED'],
    ['very deep JSON', post(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'REQUEST_MALFORMED'],
    ['a prototype', post('{"__proto__":{}}'), 'REQUEST_MALFORMED'],
    ['more than 256 kB', post({ a: 'x'.repeat(256 * 1024) }), 'REQUEST_TOO_LARGE'],
    ['a form', post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 'CONTENT_TYPE_UNSUPPORTED'],
    ['plain text', post('{}', { 'content-type': 'text/plain' }), 'CONTENT_TYPE_UNSUPPORTED'],
    ['an unknown member', post({ ...exchange, isAdmin: true }), 'REQUEST_INVALID'],
    ['a subject that is no pseudonym', post({ ...exchange, subject: '1850575' }), 'REQUEST_INVALID'],
    ['a purpose of the wrong shape', post({ ...exchange, purpose: 'A B' }), 'REQUEST_INVALID'],
    ['no idempotency key', post(exchange, { 'idempotency-key': '' }), 'IDEMPOTENCY_KEY_MISSING'],
    ['a short idempotency key', post(exchange, { 'idempotency-key': 'short' }), 'REQUEST_INVALID'],
    [
      'a system that names nobody',
      post(exchange, { authorization: `Bearer ${systemToken('hall')}` }),
      'REQUEST_INVALID',
    ],
  ])('refuses %s, and asks no service', async (_what, request, reason) => {
    const { app, calls } = await gatewayForTest('agency')
    const response = await app.inject(request)
    expect(response.statusCode).toBe(reasons[reason].http)
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(response.json()).toMatchObject({
      reason,
      status: reasons[reason].http,
      type: `urn:unefois:reason:${reason}`,
    })
    expect(response.json().traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(calls).toEqual([])
  })

  it('says which field was refused and never its value', async () => {
    const { app } = await gatewayForTest('agency')
    const response = await app.inject(post({ ...exchange, subject: 'Jeanne Martin' }))
    expect(response.json().facts).toEqual({ field: 'subject' })
    expect(response.body).not.toContain('Jeanne')
  })

  it('asks for a token where there is none', async () => {
    const { app } = await gatewayForTest('agency')
    const response = await app.inject({ method: 'GET', url: '/v1/me', headers: { 'accept-language': 'fr' } })
    expect(response.statusCode).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="hall"')
    expect(response.json()).toMatchObject({ reason: 'TOKEN_MISSING', title: 'Aucun jeton d’accès n’a été fourni.' })
  })

  it.each(
    (['agency', 'portal', 'consent-authority'] as GatewayKind[]).flatMap((kind) =>
      operations.filter(({ kinds }) => !kinds.includes(kind)).map(({ id }) => [kind, id] as const),
    ),
  )('of the %s does not have %s', async (kind, id) => {
    const { app } = await gatewayForTest(kind)
    const found = operations.find((one) => one.id === id)
    const method = found?.method ?? 'GET'
    const response = await app.inject({ method, url: found?.path ?? '', ...(method === 'POST' && { payload: {} }) })
    expect(response.json()).toMatchObject({ reason: 'METHOD_UNKNOWN', status: 404 })
  })

  it('takes no session cookie for a token', async () => {
    const { app } = await gatewayForTest('portal')
    const response = await app.inject({
      method: 'GET',
      url: '/v1/me/accesses',
      cookies: { 'unefois-portal-session': 'x' },
    })
    expect(response.json().reason).toBe('TOKEN_MISSING')
  })

  it('passes a service’s refusal on with its facts, and asks for the higher login (RFC 9470)', async () => {
    const { app } = await gatewayForTest('agency', {
      documents: {
        requestEvidence: () => {
          throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas2' } })
        },
      },
    })
    const response = await app.inject(post(exchange))
    expect(response.json()).toMatchObject({ reason: 'ASSURANCE_TOO_LOW', facts: { required_acr: 'eidas2' } })
    expect(response.headers['www-authenticate']).toContain('acr_values="eidas2"')
  })

  it('answers within its deadline when a service does not', async () => {
    const { app } = await gatewayForTest('agency', {
      config: { requestDeadlineMs: 500 },
      documents: { requestEvidence: () => new Promise(() => undefined) },
    })
    expect((await app.inject(post(exchange))).json()).toMatchObject({ reason: 'DEADLINE_EXCEEDED', status: 504 })
  })

  it('stops a client that calls too often, and says for how long', async () => {
    const { app } = await gatewayForTest('agency', { config: { requestsPerMinute: 2 } })
    const ask = () => app.inject({ method: 'GET', url: '/v1/agencies' })
    expect([(await ask()).statusCode, (await ask()).statusCode]).toEqual([200, 200])
    const third = await ask()
    expect(third.json()).toMatchObject({ reason: 'RATE_LIMITED', status: 429 })
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect((await app.inject({ method: 'GET', url: '/nowhere' })).json().reason).toBe('RATE_LIMITED')
  })

  it('exchanges a federated token at the own identity service and carries the access token on', async () => {
    const { app, calls } = await gatewayForTest('agency', {
      documents: {
        requestEvidence: () => ({
          exchangeId: 'x1',
          outcome: {
            $case: 'evidence' as const,
            value: {
              valueJson: '{"resources":{"value":3}}',
              version: 1,
              asOfMs: 1_700_000_000_000,
              predicates: [],
              keepUntilMs: 1_800_000_000_000,
            },
          },
        }),
      } as never,
    })
    const federated = tokenOf({ typ: 'JWT' }, { iss: 'https://idp.test' })
    const response = await app.inject(post(exchange, { authorization: `Bearer ${federated}` }))
    expect(response.statusCode).toBe(201)
    expect(response.headers.location).toBe('/v1/exchanges/x1')
    expect(response.json()).toMatchObject({ outcome: 'evidence', evidence: { value: { resources: { value: 3 } } } })
    expect(calls[0]).toMatchObject({ rpc: 'identity.exchangeToken', request: { subjectToken: federated } })
    expect(calls[0]?.call).not.toHaveProperty('accessToken')
    expect(calls[1]).toMatchObject({
      rpc: 'documents.requestEvidence',
      request: { subject, provider: 'fund', fields: [], predicates: [] },
      call: { accessToken: personToken('hall'), idempotencyKey: 'key-12345678' },
    })
  })

  it('answers pending with when to come back, and another route as an answer', async () => {
    const outcomes = [
      { $case: 'pending', value: { retryAfterMs: 1500 } },
      { $case: 'otherRoute', value: { cause: 1, routes: [{ kind: 'counter', textFr: 'a', textEn: 'b' }] } },
    ]
    const { app } = await gatewayForTest('agency', {
      documents: { requestEvidence: () => ({ exchangeId: 'x1', outcome: outcomes.shift() }) } as never,
    })
    const pending = await app.inject(post(exchange))
    expect([pending.statusCode, pending.headers['retry-after']]).toEqual([202, '2'])
    const other = await app.inject(post(exchange))
    expect(other.statusCode).toBe(201)
    expect(other.json()).toMatchObject({ outcome: 'other-route', cause: 'absent', routes: [{ text: { en: 'b' } }] })
  })

  it('opens a consent request and never grants', async () => {
    const { app, calls } = await gatewayForTest('agency', {
      consent: {
        openConsentRequest: async () => ({
          requestId: 'q1',
          authorityUrl: 'https://a.test/consent/q1',
          expiresAtMs: 1,
        }),
      },
    })
    const body = {
      purpose: 'p-x',
      providers: ['fund'],
      evidenceTypes: ['resources'],
      durationDays: 30,
      returnUrl: 'https://h.test/',
    }
    const response = await app.inject({ ...post(body), url: '/v1/me/consents' })
    expect(response.statusCode).toBe(201)
    expect(response.json().authorityUrl).toBe('https://a.test/consent/q1')
    expect(calls.map(({ rpc }) => rpc)).toEqual(['consent.openConsentRequest'])
  })

  it.each([
    ['/v1/me', {}],
    ['/v1/agencies', {}],
    ['/v1/evidence-types', {}],
    ['/v1/exchanges/x1', { documents: { getExchange: async () => ({ access, evidence: undefined }) } }],
    [
      '/v1/me/consents/requests/q1',
      { consent: { getConsentOutcome: async () => ({ state: 2, bases: [{ provider: 'fund', basisId }] }) } },
    ],
  ])('answers GET %s in its documented shape', async (url, fakes) => {
    const { app } = await gatewayForTest('agency', fakes as never)
    const response = await app.inject({
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${personToken('hall')}` },
    })
    const documented = operations.find((one) => new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(url))
    expect(response.statusCode).toBe(200)
    expect(documented?.responses[200]?.schema.parse(response.json())).toEqual(response.json())
  })

  it('sends its security headers with every answer', async () => {
    const { app } = await gatewayForTest('agency')
    for (const url of ['/', '/v1/me', '/nowhere', '/style.css']) {
      const { headers } = await app.inject({ method: 'GET', url, headers: { accept: 'text/html' } })
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).not.toMatch(/unsafe|script-src/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('same-origin')
      expect(headers).not.toHaveProperty('strict-transport-security')
    }
    const { headers } = await app.inject({ method: 'GET', url: '/v1/me' })
    expect(headers['cache-control']).toBe('no-store')
  })

  it('promises TLS for the future only where it is reached by TLS', async () => {
    const { app } = await gatewayForTest('agency', { config: { publicUrl: 'https://hall.test' } })
    const { headers } = await app.inject({ method: 'GET', url: '/v1/agencies' })
    expect(headers['strict-transport-security']).toContain('max-age=31536000')
  })

  it('serves its own description, to machines and to people', async () => {
    const { app } = await gatewayForTest('agency')
    expect((await app.inject({ method: 'GET', url: '/openapi.json' })).json().openapi).toBe('3.1.0')
    const page = await app.inject({ method: 'GET', url: '/docs?lang=fr', headers: { accept: 'text/html' } })
    expect(page.body).toContain('/v1/exchanges')
    expect(page.body).toContain('CONSENT_REVOKED')
    expect(page.body).not.toContain('<script')
  })
})

describe('POST /v1/explicit-requests', () => {
  const ask = async (token: string) => {
    const gateway = await gatewayForTest('agency', {
      consent: { recordExplicitRequest: async () => ({ basisId, askedAtMs: 1_700_000_000_000 }) },
    })
    const response = await gateway.app.inject({
      ...post({ provider: 'fund', purpose: 'grant', evidenceTypes: ['resources'], textVersion: '1', language: 'fr' }),
      url: '/v1/explicit-requests',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': 'key-12345678',
      },
    })
    return { response, calls: gateway.calls }
  }

  it('refuses a system: nobody asks in a person’s place', async () => {
    const { response, calls } = await ask(systemToken('hall'))
    expect(response.json().reason).toBe('CALLER_NOT_ALLOWED')
    expect(calls).toEqual([])
  })

  it('records the request of the person of the token', async () => {
    const { response, calls } = await ask(personToken('hall'))
    expect(response.statusCode).toBe(201)
    expect(response.json()).toEqual({ basisId, askedAt: '2023-11-14T22:13:20.000Z' })
    expect(calls.at(-1)).toMatchObject({ rpc: 'consent.recordExplicitRequest', request: { subject } })
  })
})

describe('the operations of a proactive search', () => {
  const recordedAtMs = 1_700_000_000_000
  const fakes: Parameters<typeof gatewayForTest>[1] = {
    consent: {
      recordProactiveUse: async () => ({ basisId, recordedAtMs }),
      recordContact: async () => ({ isFirst: true, oppositionAddress: 'https://portal.test', recordedAtMs }),
    },
    documents: {
      recordOpposition: async () => ({ recordedAtMs, keptUntilMs: recordedAtMs }),
      getExchange: async ({ purpose }) =>
        purpose === 'grant' ? { access } : Promise.reject(new MeshError('PURPOSE_LOCKED')),
    },
  }
  const use = { subject, provider: 'fund', purpose: 'grant', evidenceTypes: ['resources'], campaign: 'autumn' }
  const letter = {
    subject,
    purpose: 'grant',
    campaign: 'autumn',
    textVersion: '1',
    language: 'fr',
    channel: 'paper',
    offersOpposition: true,
  }
  const ask = async (url: string, body: object, token = systemToken('hall')) => {
    const { app, calls } = await gatewayForTest('agency', fakes)
    const { headers, ...request } = post(body)
    const response = await app.inject({ ...request, url, headers: { ...headers, authorization: `Bearer ${token}` } })
    return { response, calls }
  }

  it.each([
    ['/v1/proactive-uses', { ...use, subject: undefined }],
    ['/v1/proactive-uses', { ...use, campaign: 'A campaign' }],
    ['/v1/contacts', { ...letter, offersOpposition: undefined }],
    ['/v1/contacts', { ...letter, channel: 'fax' }],
    ['/v1/oppositions', { purpose: 'grant' }],
    ['/v1/oppositions', { subject, purpose: 'A B' }],
  ])('refuse at %s %j', async (url, body) => {
    const { response, calls } = await ask(url, body)
    expect(response.json().reason).toBe('REQUEST_INVALID')
    expect(calls).toEqual([])
  })

  it('refuse to read what was collected for no named purpose, or another', async () => {
    const { app } = await gatewayForTest('agency', fakes)
    const read = (url: string) => app.inject({ url, headers: { authorization: `Bearer ${systemToken('hall')}` } })
    for (const url of ['/v1/exchanges/x1', '/v1/exchanges/x1?purpose=control']) {
      const response = await read(url)
      expect([response.statusCode, response.json().reason]).toEqual([403, 'PURPOSE_LOCKED'])
    }
    expect((await read('/v1/exchanges/x1?purpose=grant')).statusCode).toBe(200)
  })

  it('record the search, the contact and the opposition', async () => {
    const recordedAt = '2023-11-14T22:13:20.000Z'
    const search = await ask('/v1/proactive-uses', use)
    expect(search.response.json()).toEqual({ basisId, recordedAt })
    expect(search.calls.at(-1)).toMatchObject({ rpc: 'consent.recordProactiveUse', request: use })
    const contact = await ask('/v1/contacts', letter)
    expect(contact.response.json()).toEqual({ isFirst: true, oppositionAddress: 'https://portal.test', recordedAt })
    expect(contact.calls.at(-1)).toMatchObject({ request: { ...letter, channel: 4 } })
    const opposed = await ask('/v1/oppositions', { purpose: 'grant' }, personToken('hall'))
    expect(opposed.response.json()).toEqual({ recordedAt, keptUntil: recordedAt })
    expect(opposed.calls.at(-1)).toMatchObject({ request: { subject, purpose: 'grant' } })
  })
})
