import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { authorityOrigin } from '../federation.fixture.js'
import { Browser, type Fakes, gatewayForTest, personToken, subject } from '../gateway.fixture.js'

const basisId = `b1.${'B'.repeat(22)}`
const evidence = {
  valueJson: '{"resources":{"value":512}}',
  version: 1,
  asOfMs: 1_700_000_000_000,
  predicates: [],
  keepUntilMs: 1_800_000_000_000,
}
const hall = (more: Fakes = {}): Fakes => ({
  ...more,
  consent: { recordNotice: async () => ({ basisId, toldAtMs: 1 }), ...more.consent },
  documents: {
    requestEvidence: async () => ({ exchangeId: 'x1', outcome: { $case: 'evidence' as const, value: evidence } }),
    ...more.documents,
  },
})
const loggedIn = async (fakes: Fakes) => {
  const gateway = await gatewayForTest('agency', fakes)
  const browser = new Browser(gateway)
  await browser.logIn()
  return { ...gateway, browser }
}
const notice = '/procedures/school-meals/notice'
const consentRequest = '/procedures/leisure-card/consent-request'

describe('a procedure', () => {
  it('that no authorisation allows does not exist', async () => {
    const { browser } = await loggedIn(hall())
    expect((await browser.get('/procedures/anything')).statusCode).toBe(403)
    expect((await browser.get('/')).body).toContain('href="/procedures/school-meals"')
  })

  it('tells before a login what is asked, from whom and why, and asks for no consent where the law provides', async () => {
    const { browser } = await loggedIn(hall())
    browser.cookies.clear()
    const { body } = await browser.get('/procedures/school-meals')
    for (const told of [
      'Text of School meals',
      '<h3>Resources</h3>',
      'Body fund',
      'Kept for at most',
      '<li>Value</li>',
      'article 1',
      'object',
      'Come to the counter',
    ])
      expect(body).toContain(told)
    expect(body).toContain('Log in to continue')
    expect(body.toLowerCase()).not.toContain('consent')
  })

  it('asks nobody without a login or the form of this session', async () => {
    const { browser, calls } = await loggedIn(hall())
    const page = await browser.get('/procedures/school-meals')
    expect((await browser.post(notice, { key: 'k'.repeat(43) })).statusCode).toBe(403)
    expect((await browser.send(page, notice, { key: 'short' })).statusCode).toBe(400)
    browser.cookies.clear()
    expect((await browser.send(page, notice)).statusCode).toBe(401)
    expect(calls.filter(({ rpc }) => !rpc.startsWith('identity'))).toEqual([])
  })

  it('records the notice, asks for the evidence on that basis, and shows it', async () => {
    const { browser, calls } = await loggedIn(hall())
    const page = await browser.get('/procedures/school-meals')
    const result = await browser.send(page, notice)
    expect(result.body).toContain('<th scope="row">Value</th><td>512</td>')
    const [told, asked] = calls.filter(({ rpc }) => !rpc.startsWith('identity'))
    expect(told).toMatchObject({
      rpc: 'consent.recordNotice',
      request: {
        subject,
        provider: 'fund',
        evidenceTypes: ['resources'],
        textVersion: '1',
        language: 'en',
        channel: 1,
      },
      call: { accessToken: personToken('hall') },
    })
    expect(asked).toMatchObject({ rpc: 'documents.requestEvidence', request: { basisId, fields: [], predicates: [] } })
  })

  it('has one effect when its form is sent twice', async () => {
    const { browser, calls } = await loggedIn(hall())
    const page = await browser.get('/procedures/school-meals')
    await browser.send(page, notice)
    await browser.send(page, notice)
    const keys = calls.filter(({ rpc }) => rpc === 'consent.recordNotice').map(({ call }) => call.idempotencyKey)
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[\x21-\x7e]{8,128}$/)
  })

  it('shows another route for a refusal and for nothing found, never a dead end', async () => {
    const refused = await loggedIn(
      hall({
        documents: {
          requestEvidence: () => {
            throw new MeshError('NOTICE_MISMATCH')
          },
        },
      }),
    )
    const first = await refused.browser.send(await refused.browser.get('/procedures/school-meals'), notice)
    expect(first.body).toContain('NOTICE_MISMATCH')
    expect(first.body).toContain('Come to the counter')
    const value = { cause: 1 as const, routes: [{ kind: 'paper', textFr: 'Papier', textEn: 'Send a <letter>' }] }
    const absent = await loggedIn(
      hall({
        documents: {
          requestEvidence: async () => ({ exchangeId: 'x', outcome: { $case: 'otherRoute' as const, value } }),
        },
      }),
    )
    const second = await absent.browser.send(await absent.browser.get('/procedures/school-meals'), notice)
    expect(second.body).toContain('This is no refusal')
    expect(second.body).toContain('Send a &lt;letter&gt;')
  })
})

describe('a procedure that needs consent', () => {
  const opening = (authorityUrl: string): Fakes =>
    hall({ consent: { openConsentRequest: async () => ({ requestId: 'q1', authorityUrl, expiresAtMs: 1 }) } })

  it('sends the person nowhere but to the consent authority', async () => {
    const { browser } = await loggedIn(opening('https://evil.test/consent/q1'))
    const page = await browser.get('/procedures/leisure-card')
    expect((await browser.send(page, consentRequest, { days: '30' })).statusCode).toBe(500)
  })

  it('opens the request for the chosen time and sends the person to answer', async () => {
    const { browser, calls } = await loggedIn(opening(`${authorityOrigin}/consent/q1`))
    const page = await browser.get('/procedures/leisure-card')
    expect(page.headers['content-security-policy']).toContain(`form-action 'self' ${authorityOrigin};`)
    expect((await browser.send(page, consentRequest, { days: '9999' })).statusCode).toBe(400)
    const response = await browser.send(page, consentRequest, { days: '30' })
    expect([response.statusCode, response.headers.location]).toEqual([303, `${authorityOrigin}/consent/q1`])
    expect(calls.at(-1)?.request).toMatchObject({
      subject,
      providers: ['fund'],
      evidenceTypes: ['resources'],
      durationDays: 30,
      returnUrl: 'http://127.0.0.1:4001/procedures/leisure-card',
    })
  })

  const returning = async (
    states: readonly (typeof ConsentState)[keyof typeof ConsentState][],
    documents: Fakes['documents'] = {},
  ) => {
    const left = [...states]
    const gateway = await loggedIn(
      hall({
        documents,
        consent: {
          openConsentRequest: async () => ({
            requestId: 'q1',
            authorityUrl: `${authorityOrigin}/consent/q1`,
            expiresAtMs: 1,
          }),
          getConsentOutcome: async () => ({
            state: (left.length > 1 ? left.shift() : left[0]) ?? ConsentState.CONSENT_STATE_REQUESTED,
            bases: [{ provider: 'fund', basisId }],
            subject: `p1.1.${'S'.repeat(22)}`,
            purpose: 'leisure-card',
          }),
        },
      }),
    )
    await gateway.browser.send(await gateway.browser.get('/procedures/leisure-card'), consentRequest, { days: '30' })
    return gateway
  }

  it('shows the outcome of a request to nobody before a login', async () => {
    const { browser, calls } = await returning([ConsentState.CONSENT_STATE_GIVEN])
    browser.cookies.clear()
    const page = await browser.get('/procedures/leisure-card?consent=given&request=q1')
    expect(page.statusCode).toBe(401)
    expect(page.body).toContain('/login?return=%2Fprocedures%2Fleisure-card%3Fconsent%3Dgiven%26request%3Dq1')
    expect(calls.some(({ rpc }) => rpc === 'consent.getConsentOutcome')).toBe(false)
  })

  it('does not believe the address: a no is a no, and the evidence is not asked for', async () => {
    const { browser, calls } = await returning([ConsentState.CONSENT_STATE_REFUSED])
    const page = await browser.get('/procedures/leisure-card?consent=given&request=q1')
    expect(page.body).toContain('You said no.')
    expect(page.body).toContain('href="/procedures/leisure-card"')
    expect(calls.some(({ rpc }) => rpc === 'documents.requestEvidence')).toBe(false)
  })

  it('waits a moment for the answer, then asks for the evidence on its basis', async () => {
    const { browser, calls } = await returning([ConsentState.CONSENT_STATE_REQUESTED, ConsentState.CONSENT_STATE_GIVEN])
    const page = await browser.get('/procedures/leisure-card?consent=given&request=q1')
    expect(page.body).toContain('<td>512</td>')
    expect(calls.at(-1)).toMatchObject({
      rpc: 'documents.requestEvidence',
      request: { basisId, purpose: 'leisure-card' },
    })
  })

  it('asks again when the provider has not heard of the consent yet, and no more than that', async () => {
    let refusals = 1
    const { browser, calls } = await returning([ConsentState.CONSENT_STATE_GIVEN], {
      requestEvidence: async () => {
        if (refusals-- > 0) throw new MeshError('CONSENT_REQUIRED')
        return { exchangeId: 'x1', outcome: { $case: 'evidence' as const, value: evidence } }
      },
    })
    const page = await browser.get('/procedures/leisure-card?consent=given&request=q1')
    expect(page.body).toContain('<td>512</td>')
    expect(calls.filter(({ rpc }) => rpc === 'documents.requestEvidence')).toHaveLength(2)
  })

  it('does not ask again after any other refusal', async () => {
    const { browser, calls } = await returning([ConsentState.CONSENT_STATE_GIVEN], {
      requestEvidence: () => {
        throw new MeshError('CONSENT_REVOKED')
      },
    })
    const page = await browser.get('/procedures/leisure-card?consent=given&request=q1')
    expect(page.body).toContain('You had withdrawn your consent.')
    expect(calls.filter(({ rpc }) => rpc === 'documents.requestEvidence')).toHaveLength(1)
  })

  it('says so when the answer has not come yet, and lets the person look again', async () => {
    const { browser } = await returning([ConsentState.CONSENT_STATE_REQUESTED])
    const page = await browser.get('/procedures/leisure-card?consent=given&request=q1')
    expect(page.body).toContain('Awaiting your answer')
    expect(page.body).toContain('href="/procedures/leisure-card?consent=given&amp;request=q1"')
  })
})

describe('a procedure in which the person asks themselves', () => {
  const path = '/procedures/grant'
  const wanting = (documents: Fakes['documents'] = {}): Fakes =>
    hall({ consent: { recordExplicitRequest: async () => ({ basisId, askedAtMs: 1 }) }, documents: documents ?? {} })
  const unseen = { requestEvidence: async () => Promise.reject(new MeshError('PREVIEW_REQUIRED')) }
  const state = `fund~${basisId}`

  it('asks nobody before the person does, and nobody for a person who has not logged in', async () => {
    const { browser, calls } = await loggedIn(wanting())
    const page = await browser.get(path)
    expect(page.body).toContain('Ask for these data')
    browser.cookies.clear()
    expect((await browser.send(page, `${path}/request`)).statusCode).toBe(401)
    expect((await browser.get(`${path}?${new URLSearchParams({ state })}`)).statusCode).toBe(401)
    expect(calls.filter(({ rpc }) => !rpc.startsWith('identity'))).toEqual([])
  })

  it('does not exist where the authorisation is of another mode', async () => {
    const { browser } = await loggedIn(wanting())
    const page = await browser.get(path)
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.body) ?? []
    const sent = await browser.post('/procedures/school-meals/request', { form_token: token, key: 'k'.repeat(43) })
    expect(sent.statusCode).toBe(403)
  })

  it.each(['', 'fund', 'fund~none', `fund~${basisId}~x`, `..~${basisId}`, Array(21).fill(state).join(',')])(
    'refuses a way back that it never gave: %s',
    async (given) => {
      const { browser, calls } = await loggedIn(wanting())
      expect((await browser.get(`${path}?${new URLSearchParams({ state: given })}`)).statusCode).toBe(400)
      expect(calls.filter(({ rpc }) => rpc.startsWith('documents'))).toEqual([])
    },
  )

  it('records the request under the person’s own token and asks on its basis', async () => {
    const { browser, calls } = await loggedIn(wanting())
    const sent = await browser.send(await browser.get(path), `${path}/request`)
    expect(sent.headers.location).toBe(`${path}?${new URLSearchParams({ state })}`)
    const result = await browser.get(String(sent.headers.location))
    expect(result.body).toContain('<th scope="row">Value</th><td>512</td>')
    const [recorded, asked] = calls.filter(({ rpc }) => !rpc.startsWith('identity'))
    expect(recorded).toMatchObject({
      rpc: 'consent.recordExplicitRequest',
      request: { subject, provider: 'fund', purpose: 'grant', evidenceTypes: ['resources'], textVersion: '1' },
      call: { accessToken: personToken('hall') },
    })
    expect(asked).toMatchObject({ rpc: 'documents.requestEvidence', request: { basisId, purpose: 'grant' } })
  })

  it('leads to the portal’s preview, and says that nothing was sent', async () => {
    const { browser } = await loggedIn(wanting(unseen))
    const { body } = await browser.get(`${path}?${new URLSearchParams({ state })}`)
    expect(body).toContain('Nothing was sent.')
    expect(body).not.toContain('Your procedure is not blocked')
    const [, link = ''] = /class="button" href="([^"]+)"/.exec(body) ?? []
    const { origin, pathname, searchParams } = new URL(link.replaceAll('&amp;', '&'))
    expect(`${origin}${pathname}`).toBe('http://127.0.0.1:4002/preview')
    expect(Object.fromEntries(searchParams)).toEqual({
      requester: 'hall',
      provider: 'fund',
      type: 'resources',
      purpose: 'grant',
      basis: basisId,
      return: 'http://127.0.0.1:4001/procedures/grant',
      state,
    })
  })

  it('offers the other ways after a no', async () => {
    const declined = { requestEvidence: async () => Promise.reject(new MeshError('PREVIEW_DECLINED')) }
    const { browser } = await loggedIn(wanting(declined))
    const { body } = await browser.get(`${path}?${new URLSearchParams({ state })}`)
    expect(body).toContain('You had seen what would be sent, and said no.')
    expect(body).toContain('Come to the counter')
  })

  it('is told by REST where the person sees first', async () => {
    const { app } = await loggedIn(wanting(unseen))
    const exchange = { provider: 'fund', evidenceType: 'resources', purpose: 'grant', procedure: 'grant', basisId }
    const response = await app.inject({
      method: 'POST',
      url: '/v1/exchanges',
      payload: exchange,
      headers: { authorization: `Bearer ${personToken('hall')}`, 'idempotency-key': 'key-12345678' },
    })
    expect(response.statusCode).toBe(412)
    expect(response.json().facts.preview_url).toBe(
      `http://127.0.0.1:4002/preview?requester=hall&provider=fund&type=resources&purpose=grant&basis=${encodeURIComponent(basisId)}`,
    )
  })
})
