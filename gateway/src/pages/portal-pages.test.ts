import { type Consent, ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type Access, AccessOutcome, ExchangeSide } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { isBasisId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { Browser, type Fakes, gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const access = (more: Partial<Access>): Access => ({
  recordId: 'r1',
  side: ExchangeSide.EXCHANGE_SIDE_PROVIDER,
  counterparty: 'hall',
  purpose: 'school-meals',
  procedure: 'p',
  evidenceType: 'resources',
  fields: ['resources.value'],
  predicates: ['dependent-child'],
  mode: 1,
  outcome: AccessOutcome.ACCESS_OUTCOME_RELEASED,
  reason: '',
  atMs: 1_700_000_000_000,
  exchangeId: 'x1',
  ...more,
})
const consent = (more: Partial<Consent> = {}): Consent => ({
  consentId: 'c1',
  requester: 'hall',
  purpose: 'leisure-card',
  disclosures: [{ provider: 'fund', evidenceType: 'resources', fields: ['resources.value'], predicates: [] }],
  state: ConsentState.CONSENT_STATE_GIVEN,
  validFromMs: 1_700_000_000_000,
  validUntilMs: 1_800_000_000_000,
  events: [{ state: ConsentState.CONSENT_STATE_GIVEN, atMs: 1_700_000_000_000, actor: 'person' }],
  withdrawalRecordedAtMs: 0,
  withdrawalInForceAtMs: 0,
  receiptJson: '{"schema_version":"1"}',
  ...more,
})
const unreachable = () => {
  throw new MeshError('PROVIDER_UNREACHABLE')
}
const portal: Fakes = {
  identity: {
    listKnowingMembers: async () => ({ members: ['fund', 'hall'], tickets: [] }),
    requestTicket: async ({ provider }) => ({ ticket: `ticket for ${provider}`, expiresAtSeconds: 1 }),
  },
  documentsOf: (member) => ({
    listAccesses: member === 'hall' ? unreachable : async () => ({ accesses: [access({})], nextPageToken: '' }),
    getAccessProof: async () => ({
      record: Buffer.from('{}'),
      salt: Buffer.from('salt'),
      leafIndex: 3,
      checkpoint: 'c',
      inclusionProof: [Buffer.from('hash')],
    }),
  }),
  remoteAuthority: { listConsents: async () => ({ consents: [consent()], nextPageToken: '' }) },
}
const loggedIn = async (fakes: Fakes = portal) => {
  const gateway = await gatewayForTest('portal', fakes)
  const browser = new Browser(gateway)
  await browser.logIn()
  return { ...gateway, browser }
}

describe('my page', () => {
  it('shows nothing of anybody before a login, and names the other ways', async () => {
    const gateway = await gatewayForTest('portal', portal)
    const page = await new Browser(gateway).get('/')
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('Counter or 01\u00a000\u00a000\u00a000\u00a000')
    expect(page.body).toContain('href="/login?return=%2F"')
    expect(gateway.calls).toEqual([])
  })

  it.each(['/preview?requester=hall&provider=fund&type=resources&purpose=p', '/accesses/fund/r1/proof'])(
    'asks for a login before %s, and offers to come back',
    async (url) => {
      const gateway = await gatewayForTest('portal', portal)
      const page = await new Browser(gateway).get(url)
      expect(page.statusCode).toBe(401)
      expect(page.body).toContain(`/login?return=${encodeURIComponent(url).replaceAll('%20', '+')}`)
      expect(gateway.calls).toEqual([])
    },
  )

  it('names a body that did not answer beside those that did', async () => {
    const { browser } = await loggedIn()
    const { body } = await browser.get('/')
    expect(body).toContain('<strong>Body hall</strong> did not answer; its list is missing here.')
    expect(body).toContain('On record at one end only for now: Body hall did not answer.')
    expect(body).toContain('<h3>School meals</h3>')
  })

  it('names no member that the federation does not have, and asks nobody for it', async () => {
    const { browser, calls } = await loggedIn()
    const before = calls.length
    expect((await browser.get('/accesses/nobody?before=t')).statusCode).toBe(404)
    expect((await browser.get('/accesses/fund')).statusCode).toBe(400)
    expect(calls.slice(before)).toEqual([])
  })

  it('leads to the entries before those shown, and shows them', async () => {
    const page = async ({ pageToken }: { pageToken: string }) => ({
      accesses: [access({ recordId: `after ${pageToken}`, exchangeId: '' })],
      nextPageToken: pageToken === '' ? 'older' : '',
    })
    const { browser, calls } = await loggedIn({ ...portal, documentsOf: () => ({ listAccesses: page }) })
    const { body } = await browser.get('/')
    expect(body).toContain('<a href="/accesses/fund?before=older">See older entries: Body fund</a>')
    const older = await browser.get('/accesses/fund?before=older')
    expect(older.body).toContain('According to: Body fund')
    expect(older.body).toContain('/accesses/fund/after%20older/proof')
    expect(calls.at(-1)).toMatchObject({ rpc: 'documents of fund.listAccesses', request: { pageToken: 'older' } })
  })

  it('shows an exchange once when both ends recorded it, with the proof of each, and says when one did not', async () => {
    const atHall = access({ recordId: 'r2', side: ExchangeSide.EXCHANGE_SIDE_REQUESTER, counterparty: 'fund' })
    const alone = access({ recordId: 'r3', exchangeId: 'x2', purpose: 'leisure-card' })
    const { browser } = await loggedIn({
      ...portal,
      documentsOf: (member) => ({
        listAccesses: async () => ({ accesses: member === 'hall' ? [atHall] : [access({}), alone], nextPageToken: '' }),
      }),
    })
    const { body } = await browser.get('/')
    expect(body.match(/<h3>School meals<\/h3>/g)).toHaveLength(1)
    expect(body).toContain('2 requests about you')
    for (const proof of ['/accesses/fund/r1/proof', '/accesses/hall/r2/proof']) expect(body).toContain(proof)
    expect(body).toContain('Both bodies have it on record.')
    expect(body).toContain('On record at one end only: Body hall has no entry of this exchange.')
  })

  it('says what was refused and why, and what is unconfirmed as such', async () => {
    const accesses = [
      access({ outcome: AccessOutcome.ACCESS_OUTCOME_REFUSED, reason: 'CONSENT_REVOKED' }),
      access({ outcome: AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED }),
      access({ outcome: AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE }),
    ]
    const { browser } = await loggedIn({
      ...portal,
      documentsOf: () => ({ listAccesses: async () => ({ accesses, nextPageToken: '' }) }),
    })
    const { body } = await browser.get('/')
    expect(body).toContain('Refused, nothing was sent. You had withdrawn your consent.')
    expect(body).toContain('Unconfirmed: asked, and no answer is on record.')
    expect(body).toContain('Nothing to send; another way was offered')
  })

  it.each([
    ['en', 'Told no more', 'Will be told when this information changes, never what it says.', 'Told of what'],
    ['fr', 'N’est plus averti', 'Sera averti quand cette information change', 'Être averti de quoi'],
  ])('tells in %s who is told of changes, in one card that names no data', async (language, tag, sentence, what) => {
    const of = (recordId: string, outcome: Access['outcome'], atMs: number) =>
      access({ recordId, outcome, fields: [], predicates: [], atMs: 1_700_000_000_000 + atMs })
    const accesses = [
      of('r3', AccessOutcome.ACCESS_OUTCOME_SUBSCRIPTION_ENDED, 3000),
      of('r2', AccessOutcome.ACCESS_OUTCOME_CHANGE_TOLD, 2000),
      of('r1', AccessOutcome.ACCESS_OUTCOME_SUBSCRIBED, 1000),
    ]
    const { browser } = await loggedIn({
      ...portal,
      documentsOf: () => ({ listAccesses: async () => ({ accesses, nextPageToken: '' }) }),
    })
    const { body } = await browser.ask({ method: 'GET', url: '/', headers: { 'accept-language': language } })
    for (const text of [tag, sentence, what]) expect(body.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(text)
    expect(body).not.toContain(language === 'en' ? 'Which data' : 'Quelles données')
    for (const { recordId } of accesses) expect(body).toContain(`/accesses/fund/${recordId}/proof`)
  })

  it('lets no member write into the page', async () => {
    const evil = '"><script>alert(1)</script>'
    const hostile = access({ recordId: evil, counterparty: evil, purpose: evil, evidenceType: evil, fields: [evil] })
    const { browser } = await loggedIn({
      ...portal,
      documentsOf: () => ({ listAccesses: async () => ({ accesses: [hostile], nextPageToken: '' }) }),
      remoteAuthority: {
        listConsents: async () => ({ consents: [consent({ consentId: evil, purpose: evil })], nextPageToken: '' }),
      },
    })
    const { body } = await browser.get('/')
    expect(body).toContain('&lt;script&gt;')
    expect(body).not.toContain('<script')
  })

  it('goes on when one member’s list cannot be read, and when the consent authority is away', async () => {
    const { browser } = await loggedIn({
      ...portal,
      documentsOf: () => ({ listAccesses: async () => ({ accesses: [access({ atMs: 1e300 })], nextPageToken: '' }) }),
      remoteAuthority: { listConsents: unreachable },
    })
    const page = await browser.get('/')
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('did not answer; its list is missing here')
    expect(page.body).toContain('The consent authority did not answer.')
  })

  it('asks to log in again when the identity authority no longer knows the login', async () => {
    const { browser } = await loggedIn({
      ...portal,
      identity: {
        ...portal.identity,
        requestTicket: () => {
          throw new MeshError('LOGIN_HANDLE_INVALID')
        },
      },
    })
    const page = await browser.get('/')
    expect(page.statusCode).toBe(401)
    expect(page.body).toContain('href="/login?return=%2F"')
  })

  it('asks each member under a ticket and a basis of its own, with the login behind it', async () => {
    const { browser, calls } = await loggedIn()
    await browser.get('/')
    const tickets = calls.filter(({ rpc }) => rpc === 'identity.requestTicket').map(({ request }) => request as never)
    expect(tickets).toHaveLength(3)
    for (const ticket of tickets)
      expect(ticket).toMatchObject({ subject, purpose: 'personal-access', loginHandle: 'handle' })
    const bases = tickets.map(({ basisId }: { basisId: string }) => basisId)
    expect(bases.every(isBasisId)).toBe(true)
    expect(new Set(bases).size).toBe(3)
    const asked = calls.find(({ rpc }) => rpc === 'documents of fund.listAccesses')
    expect(asked?.request).toMatchObject({ ticket: 'ticket for fund', pageSize: 0, pageToken: '' })
    // A neighbour's call, not a person's: the access token stays out of it.
    expect(calls.find(({ rpc }) => rpc === 'identity.requestTicket')?.call).not.toHaveProperty('accessToken')
  })

  it('is in the visitor’s language, has one h1, a skip link and no script', async () => {
    const { browser } = await loggedIn()
    const french = await browser.get('/?lang=fr')
    expect(french.body).toContain('<html lang="fr">')
    expect(french.body).toContain('Qui a utilisé mes données')
    const again = await browser.get('/')
    expect(again.body).toContain('<html lang="fr">')
    for (const { body } of [french, again]) {
      expect(body.match(/<h1>/g)).toHaveLength(1)
      expect(body).toContain('<a class="skip" href="#main">')
      expect(body).not.toMatch(/<script|style="|onclick/)
    }
    expect(french.headers['cache-control']).toBe('no-store')
  })

  it('gives the proof of an entry as a file', async () => {
    const { browser } = await loggedIn()
    const file = await browser.get('/accesses/fund/r1/proof')
    expect(file.headers['content-disposition']).toBe('attachment; filename="proof.json"')
    expect(file.json()).toEqual({
      record: 'e30=',
      salt: 'c2FsdA==',
      leafIndex: 3,
      checkpoint: 'c',
      inclusionProof: ['aGFzaA=='],
    })
  })
})

describe('a withdrawal', () => {
  const revoked = (inForceAtMs: number): Fakes => ({
    ...portal,
    remoteAuthority: {
      ...portal.remoteAuthority,
      revokeConsent: async () => ({ recordedAtMs: 1_700_000_000_000, inForceAtMs }),
    },
  })

  it('is refused without the form of this session', async () => {
    const { browser, calls } = await loggedIn(revoked(0))
    for (const headers of [{ origin: 'https://evil.test' }, { 'sec-fetch-site': 'cross-site' }] as Record<
      string,
      string
    >[])
      expect((await browser.post('/consents/c1/withdraw', {}, headers)).statusCode).toBe(403)
    expect((await browser.post('/consents/c1/withdraw', {})).statusCode).toBe(403)
    expect(calls.some(({ rpc }) => rpc.endsWith('revokeConsent'))).toBe(false)
  })

  it('answers recorded, and in force or not yet', async () => {
    const first = await loggedIn(revoked(0))
    const pending = await first.browser.send(await first.browser.get('/'), '/consents/c1/withdraw')
    expect(pending.body).toContain('Your withdrawal is recorded')
    expect(pending.body).toContain('Not yet: each provider has to confirm it.')
    const second = await loggedIn(revoked(1_700_000_000_500))
    const done = await second.browser.send(await second.browser.get('/'), '/consents/c1/withdraw')
    expect(done.body).toContain('since <time datetime="2023-11-14T22:13:20.500Z">')
  })

  it('answers REST the same', async () => {
    const { app } = await gatewayForTest('portal', revoked(0))
    const response = await app.inject({
      method: 'DELETE',
      url: '/v1/me/consents/c1',
      headers: { authorization: `Bearer ${personToken('portal')}` },
    })
    expect(response.json()).toEqual({ recordedAt: '2023-11-14T22:13:20.000Z', inForceAt: null })
  })
})

describe('a preview', () => {
  it('refuses an incomplete address', async () => {
    const { browser } = await loggedIn()
    expect((await browser.get('/preview?requester=hall')).statusCode).toBe(400)
  })

  it('shows the values under their titles, and sends nothing', async () => {
    const value = {
      valueJson: '{"resources":{"value":512,"list":[true,null]}}',
      version: 1,
      asOfMs: 1_700_000_000_000,
      predicates: [{ predicate: 'dependent-child', holds: true }],
      keepUntilMs: 0,
    }
    const { browser, calls } = await loggedIn({
      ...portal,
      documentsOf: () => ({ previewEvidence: async () => ({ outcome: { $case: 'evidence' as const, value } }) }),
    })
    const page = await browser.get('/preview?requester=hall&provider=fund&type=resources&purpose=leisure-card')
    expect(page.body).toContain('<th scope="row">Value</th><td>512</td>')
    expect(page.body).toContain('<th scope="row">Dependent child</th><td>yes</td>')
    expect(page.body).toContain('Leisure card')
    expect(calls.map(({ rpc }) => rpc).slice(-2)).toEqual([
      'identity.requestTicket',
      'documents of fund.previewEvidence',
    ])
  })
})

describe('an opposition', () => {
  const found = access({ mode: 4, purpose: 'grant', side: ExchangeSide.EXCHANGE_SIDE_PROVIDER, counterparty: 'hall' })
  const withSearch = (accesses: Access[]): Fakes => ({
    ...portal,
    documentsOf: () => ({
      listAccesses: async () => ({ accesses, nextPageToken: '' }),
      opposeUse: async () => ({ recordedAtMs: 1_700_000_000_000, keptUntilMs: 1_763_000_000_000 }),
    }),
  })

  it('is offered where something was searched for proactively, and nowhere else', async () => {
    const { browser } = await loggedIn(withSearch([access({}), access({ recordId: 'r2', exchangeId: 'x2', mode: 2 })]))
    expect((await browser.get('/')).body).not.toContain('action="/oppositions"')
    const other = await loggedIn(withSearch([found]))
    expect((await other.browser.get('/')).body).toContain('Oppose it<span class="hidden"> (Grant,')
  })

  it('is refused without the form of this session, and for what is no member', async () => {
    const { browser, calls } = await loggedIn(withSearch([found]))
    const page = await browser.get('/')
    expect((await browser.post('/oppositions', { agency: 'hall', purpose: 'grant' })).statusCode).toBe(403)
    expect((await browser.send(page, '/oppositions', { agency: '../hall' })).statusCode).toBe(400)
    expect(calls.filter(({ rpc }) => rpc.endsWith('opposeUse'))).toEqual([])
  })

  it('goes to whoever searched, under a ticket for that member, and says until when it is kept', async () => {
    const { browser, calls } = await loggedIn(withSearch([found]))
    const { body } = await browser.send(await browser.get('/'), '/oppositions')
    expect(calls.at(-1)).toMatchObject({
      rpc: 'documents of hall.opposeUse',
      request: { ticket: 'ticket for hall', purpose: 'grant' },
    })
    expect(body).toContain('Your opposition is recorded')
    expect(body).toContain('datetime="2025-11-13T02:13:20.000Z"')
  })

  it('by REST is the same, and refused to a system', async () => {
    const { app } = await gatewayForTest('portal', withSearch([]))
    const ask = (token: string, payload: object) =>
      app.inject({
        method: 'POST',
        url: '/v1/me/oppositions',
        payload,
        headers: { authorization: `Bearer ${token}` },
      })
    const use = { agency: 'hall', purpose: 'grant' }
    expect((await ask(systemToken('portal'), use)).json().reason).toBe('CALLER_NOT_ALLOWED')
    expect((await ask(personToken('portal'), { ...use, agency: '..' })).json().reason).toBe('REQUEST_INVALID')
    expect((await ask(personToken('portal'), use)).json()).toEqual({
      recordedAt: '2023-11-14T22:13:20.000Z',
      keptUntil: '2025-11-13T02:13:20.000Z',
    })
  })
})

describe('GET /v1/me/accesses', () => {
  const ask = async (fakes: Fakes, query = '') => {
    const { app } = await gatewayForTest('portal', fakes)
    return app.inject({
      method: 'GET',
      url: `/v1/me/accesses${query}`,
      headers: { authorization: `Bearer ${personToken('portal')}` },
    })
  }

  it('refuses a page token without its member, and a member that is no id', async () => {
    expect((await ask(portal, '?pageToken=t')).json().reason).toBe('REQUEST_INVALID')
    expect((await ask(portal, '?member=..')).json().reason).toBe('REQUEST_INVALID')
  })

  it('merges newest first and marks the unreachable', async () => {
    const lists: Record<string, Access[]> = {
      fund: [access({ recordId: 'old', atMs: 1 }), access({ recordId: 'new', atMs: 3 })],
      hall: [access({ recordId: 'middle', atMs: 2, side: ExchangeSide.EXCHANGE_SIDE_REQUESTER, counterparty: 'fund' })],
    }
    const fakes: Fakes = {
      ...portal,
      identity: {
        ...portal.identity,
        listKnowingMembers: async () => ({ members: ['fund', 'hall', 'away'], tickets: [] }),
      },
      documentsOf: (member) => ({
        listAccesses: lists[member]
          ? async () => ({ accesses: lists[member] ?? [], nextPageToken: member === 'fund' ? 'older' : '' })
          : unreachable,
      }),
    }
    const body = (await ask(fakes)).json()
    expect(body.accesses.map(({ recordId }: { recordId: string }) => recordId)).toEqual(['new', 'middle', 'old'])
    expect(body.accesses[1]).toMatchObject({ member: 'hall', requester: 'hall', provider: 'fund', side: 'requester' })
    expect(body.accesses[0].proof).toBe('/v1/me/accesses/fund/new/proof')
    expect(body.members).toEqual([
      { member: 'fund', isReached: true, nextPageToken: 'older' },
      { member: 'hall', isReached: true },
      { member: 'away', isReached: false, reason: 'PROVIDER_UNREACHABLE' },
    ])
  })
})
