import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway, personToken, subject, systemToken } from '../gateway.fixture.js'
import { cachingOf } from './caching.js'
import { etagOf, isNamedIn } from './etag.js'
import { operations } from './operations.js'

const other = `p1.1.${'T'.repeat(22)}`
const by = (token: string, more: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...more })
const told = (name: string) => ({
  consentId: name,
  requester: 'hall',
  purpose: 'leisure-card',
  disclosures: [],
  state: 2 as const,
  validFromMs: 1,
  validUntilMs: 2,
  events: [],
  withdrawalRecordedAtMs: 0,
  withdrawalInForceAtMs: 0,
  receiptJson: '{}',
})

let agency: OpenGateway
let portal: OpenGateway
beforeAll(async () => {
  agency = await openGateway('agency', {
    documents: {
      getExchange: async () => {
        throw new MeshError('EXCHANGE_UNKNOWN')
      },
      getStatementOnHonour: async ({ statementId, purpose }) => ({
        statementId,
        subject,
        evidenceType: 'resources',
        purpose,
        exchangeId: 'x1',
        values: [],
        text: 'told',
        textVersion: '1',
        language: 'en',
        channel: 1,
        statedAtMs: 1,
        keepUntilMs: 2,
      }),
    },
    corrections: {
      listCorrections: async () => {
        throw new MeshError('PAGE_TOKEN_MISMATCH')
      },
    },
  })
  portal = await openGateway('portal', {
    identity: {
      listKnowingMembers: async () => ({ members: ['fund'], tickets: [] }),
      requestTicket: async ({ subject: of }) => ({ ticket: `ticket of ${of}`, expiresAtSeconds: 1 }),
    },
    remoteAuthority: {
      listConsents: async ({ ticket, pageToken }) => ({
        consents: [told(`${ticket} ${pageToken}`)],
        nextPageToken: pageToken === '' ? 'n' : '',
      }),
    },
    documentsOf: () => ({
      listAccesses: async ({ pageToken }) => {
        if (pageToken !== '') throw new MeshError('PAGE_TOKEN_MISMATCH')
        return { accesses: [], nextPageToken: '' }
      },
    }),
  })
})
afterAll(() => Promise.all([agency.close(), portal.close()]))

const get = ({ app }: OpenGateway, url: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'GET', url, headers })

describe('a list over REST', () => {
  it.each([
    ['a page of none', '/v1/agencies?pageSize=0', 'pageSize'],
    ['a page larger than there are', '/v1/agencies?pageSize=101', 'pageSize'],
    ['a size that is no number', '/v1/agencies?pageSize=ten', 'pageSize'],
    ['two sizes', '/v1/agencies?pageSize=1&pageSize=2', 'pageSize'],
    ['a role that is none', '/v1/agencies?role=king', 'role'],
    ['a filter that it does not have', '/v1/agencies?colour=red', 'colour'],
    ['a moment that is none', '/v1/corrections?since=yesterday', 'since'],
    ['a state that is none', '/v1/contests?state=undone', 'state'],
  ])('refuses %s, naming the field', async (_, url, field) => {
    const answer = await get(agency, url, by(systemToken('hall')))
    expect(answer.json()).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field } })
  })

  it('names what an enumeration allows, and what the federation has', async () => {
    const role = await get(agency, '/v1/agencies?role=king')
    expect(role.json().detail).toContain('"identity-authority"')
    for (const [url, facts] of [
      ['/v1/evidence-types?provider=nobody', { field: 'provider', allowed: expect.stringContaining('fund') }],
      [
        '/v1/corrections?evidenceType=nonsense',
        { field: 'evidenceType', allowed: expect.stringContaining('resources') },
      ],
      ['/v1/contests?evidenceType=nonsense', { field: 'evidenceType', allowed: expect.any(String) }],
    ] as const) {
      const answer = await get(agency, url, by(systemToken('hall')))
      expect(answer.json(), url).toMatchObject({ reason: 'FILTER_UNKNOWN', status: 400, facts })
    }
    for (const url of [
      'accesses?agency=nobody',
      'accesses?purpose=none',
      'consents?requester=nobody',
      'holdings?evidenceType=no',
    ]) {
      const answer = await get(portal, `/v1/me/${url}`, by(personToken('portal')))
      expect(answer.json().reason, url).toBe('FILTER_UNKNOWN')
    }
  })

  it('refuses a page token of other filters, of its own and of whoever answers', async () => {
    const first = (await get(agency, '/v1/agencies?pageSize=1&role=agency')).json()
    const token = encodeURIComponent(first.nextPageToken)
    const others = [
      '/v1/agencies?pageToken=',
      '/v1/agencies?role=portal&pageToken=',
      '/v1/agencies?role=agency&q=a&pageToken=',
    ]
    for (const url of others) expect((await get(agency, `${url}${token}`)).json().reason).toBe('PAGE_TOKEN_MISMATCH')
    const heard = await get(agency, '/v1/corrections?pageToken=7~abcdefghijkl', by(systemToken('hall')))
    expect(heard.json().reason).toBe('PAGE_TOKEN_MISMATCH')
    const uses = await get(portal, '/v1/me/accesses?member=fund&pageToken=7~abcdefghijkl', by(personToken('portal')))
    expect(uses.json().reason).toBe('PAGE_TOKEN_MISMATCH')
    const nobodys = await get(portal, '/v1/me/accesses?pageToken=7', by(personToken('portal')))
    expect(nobodys.json()).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field: 'member' } })
  })

  it('goes through the agencies page by page, found by words without case and accents', async () => {
    const seen: string[] = []
    let after: string | null = ''
    for (; after !== null; ) {
      const page: { agencies: { id: string }[]; nextPageToken: string | null } = (
        await get(agency, `/v1/agencies?pageSize=2${after && `&pageToken=${encodeURIComponent(after)}`}`)
      ).json()
      expect(page.agencies.length).toBeLessThanOrEqual(2)
      seen.push(...page.agencies.map(({ id }) => id))
      after = page.nextPageToken
    }
    const ids = agency.context.federation.current.claims.members.map(({ id }) => id as string).sort()
    expect(seen).toEqual(ids)
    const ofWords = async (url: string) => (await get(agency, url)).json()
    expect((await ofWords('/v1/agencies?q=ORGÀNISME%20h')).agencies).toMatchObject([{ id: 'hall' }])
    expect((await ofWords('/v1/agencies?role=portal')).agencies).toMatchObject([{ id: 'portal' }])
    expect((await ofWords('/v1/evidence-types?provider=hall')).evidenceTypes).toEqual([])
    expect((await ofWords('/v1/evidence-types?provider=fund&q=resources')).evidenceTypes).toMatchObject([
      { id: 'resources' },
    ])
  })

  it('hands size, token and filters to whoever answers', async () => {
    const url = '/v1/me/consents?pageSize=7&pageToken=n&state=withdrawn&requester=hall&purpose=leisure-card'
    expect((await get(portal, url, by(personToken('portal')))).json()).toMatchObject({ nextPageToken: null })
    expect(portal.calls.at(-1)?.request).toMatchObject({
      pageSize: 7,
      pageToken: 'n',
      state: 4,
      requester: 'hall',
      purpose: 'leisure-card',
    })
    const uses =
      '/v1/me/accesses?agency=hall&side=provider&outcome=refused&since=2026-01-01T00:00:00%2B01:00&pageSize=3'
    await get(portal, uses, by(personToken('portal')))
    expect(portal.calls.at(-1)?.request).toMatchObject({
      counterparty: 'hall',
      side: 2,
      outcome: 2,
      sinceMs: Date.parse('2025-12-31T23:00:00Z'),
      untilMs: 0,
      pageSize: 3,
    })
  })
})

describe('an ETag', () => {
  it('is decided for everything that reads', () => {
    const undecided = operations.filter((one) => one.method === 'GET' && cachingOf(one) === 'undecided')
    expect(
      undecided.map(({ id }) => id),
      'enter these in caching.ts',
    ).toEqual([])
    for (const one of operations.filter(({ method }) => method !== 'GET')) expect(cachingOf(one)).toBe('never')
  })

  it('is never given to values of evidence, nor to a refusal', async () => {
    const values = await get(agency, '/v1/statements-on-honour/s1?purpose=leisure-card', by(systemToken('hall')))
    const refused = await get(agency, '/v1/exchanges/x1', by(systemToken('hall'), { 'if-none-match': '*' }))
    expect([values.statusCode, refused.statusCode]).toEqual([200, 404])
    for (const { headers } of [values, refused]) {
      expect(headers).not.toHaveProperty('etag')
      expect(headers['cache-control']).toBe('no-store')
    }
  })

  it('names one answer of one person, whose private cache asks each time', async () => {
    const hers = await get(portal, '/v1/me/consents', by(personToken('portal')))
    const etag = String(hers.headers.etag)
    expect(etag).toMatch(/^"[A-Za-z0-9_-]{27}"$/)
    expect(hers.headers['cache-control']).toBe('private, no-cache')
    expect(hers.headers.vary).toContain('Authorization')
    const again = await get(portal, '/v1/me/consents', by(personToken('portal'), { 'if-none-match': etag }))
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag])
    expect(again.headers).not.toHaveProperty('content-type')
    const his = await get(
      portal,
      '/v1/me/consents',
      by(personToken('portal', { sub: other }), { 'if-none-match': etag }),
    )
    expect(his.statusCode).toBe(200)
    expect(his.body).toContain(other)
    expect(his.body).not.toContain(subject)
    const nobodys = await get(portal, '/v1/me/consents', { 'if-none-match': etag })
    expect(nobodys.json().reason).toBe('TOKEN_MISSING')
  })

  it('is the same for HEAD, which has no body', async () => {
    const whole = await get(agency, '/v1/evidence-types')
    expect(whole.headers['cache-control']).toBe('public, max-age=60')
    const head = await agency.app.inject({ method: 'HEAD', url: '/v1/evidence-types' })
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, '', whole.headers.etag])
    const unchanged = { 'if-none-match': `"x", W/${whole.headers.etag}` }
    const still = await agency.app.inject({ method: 'HEAD', url: '/v1/evidence-types', headers: unchanged })
    expect([still.statusCode, still.body]).toEqual([304, ''])
    expect((await get(agency, '/v1/evidence-types?provider=hall', unchanged)).statusCode).toBe(200)
  })

  it('cannot be made without the key, and is compared whole', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    expect(etagOf('{}', one)).not.toBe(etagOf('{}', two))
    expect(isNamedIn('"ab"', '"a"')).toBe(false)
    expect(isNamedIn('"a"b"', '"b"')).toBe(false)
    expect(isNamedIn(undefined, '"a"')).toBe(false)
    for (const header of ['"a"', 'W/"a"', '"b", "a"', ' * ']) expect(isNamedIn(header, '"a"')).toBe(true)
  })
})
