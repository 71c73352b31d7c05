import { PreviewAnswer } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { describe, expect, it } from 'vitest'
import { agencyOrigin } from '../federation.fixture.js'
import { Browser, type Fakes, gatewayForTest, personToken, systemToken } from '../gateway.fixture.js'

const basisId = `b1.${'B'.repeat(22)}`
const evidence = {
  valueJson: '{"resources":{"value":512}}',
  version: 4,
  asOfMs: 1_700_000_000_000,
  predicates: [],
  keepUntilMs: 1_800_000_000_000,
}
const validUntilMs = 1_800_000_000_000
const portal = (outcome: 'evidence' | 'otherRoute' = 'evidence'): Fakes => ({
  identity: { requestTicket: async ({ provider }) => ({ ticket: `ticket for ${provider}`, expiresAtSeconds: 1 }) },
  documentsOf: () => ({
    previewEvidence: async () => ({
      outcome:
        outcome === 'evidence'
          ? { $case: 'evidence' as const, value: evidence }
          : {
              $case: 'otherRoute' as const,
              value: { cause: 1, routes: [{ kind: 'counter', textFr: 'Venez', textEn: 'Come to us' }] },
            },
    }),
    answerPreview: async () => ({ validUntilMs }),
  }),
})
const loggedIn = async (fakes: Fakes = portal()) => {
  const gateway = await gatewayForTest('portal', fakes)
  const browser = new Browser(gateway)
  await browser.logIn()
  return { ...gateway, browser }
}
const back = `${agencyOrigin}/procedures/grant`
const address = (more: Record<string, string> = {}) =>
  `/preview?${new URLSearchParams({ requester: 'hall', provider: 'fund', type: 'resources', purpose: 'grant', ...more })}`
const owed = { basis: basisId, return: back, state: `fund~${basisId}` }

describe('the preview of a request that waits for it', () => {
  it('is for somebody who has logged in', async () => {
    const { browser, calls } = await loggedIn()
    browser.cookies.clear()
    expect((await browser.get(address(owed))).statusCode).toBe(401)
    expect(calls.filter(({ rpc }) => rpc.startsWith('documents'))).toEqual([])
  })

  it('refuses to send anybody to an address that the requester has not registered, before anything is asked', async () => {
    const { browser, calls } = await loggedIn()
    for (const elsewhere of ['https://evil.example/', `${back}/`, `${back}?a=b`]) {
      const page = await browser.get(address({ ...owed, return: elsewhere }))
      expect(page.statusCode).toBe(422)
    }
    const page = await browser.get(address(owed))
    const forged = await browser.send(page, '/preview', { answer: 'yes', return: 'https://evil.example/' })
    expect(forged.statusCode).toBe(422)
    expect(calls.filter(({ rpc }) => rpc.endsWith('answerPreview'))).toEqual([])
  })

  it.each([{ answer: 'perhaps' }, { basis: 'none' }, { version: '-1' }, { version: 'x' }, { extra: '1' }])(
    'refuses a form with %j',
    async (fields: Record<string, string>) => {
      const { browser, calls } = await loggedIn()
      const page = await browser.get(address(owed))
      const answered = await browser.send(page, '/preview', { answer: 'yes', ...fields })
      expect(answered.statusCode).toBe(400)
      expect(calls.filter(({ rpc }) => rpc.endsWith('answerPreview'))).toEqual([])
    },
  )

  it('asks for no answer where nothing would be sent, and leads back', async () => {
    const { browser } = await loggedIn(portal('otherRoute'))
    const { body } = await browser.get(address(owed))
    expect(body).toContain('Come to us')
    expect(body).not.toContain('action="/preview"')
    expect(body).toContain(`href="${back}?state=fund%7E${basisId}"`)
  })

  it('asks for no answer where no request waits', async () => {
    const { browser } = await loggedIn()
    const { body } = await browser.get(address())
    expect(body).toContain('<th scope="row">Value</th><td>512</td>')
    expect(body).not.toContain('action="/preview"')
  })

  it.each([
    ['yes', PreviewAnswer.PREVIEW_ANSWER_CONFIRMED],
    ['no', PreviewAnswer.PREVIEW_ANSWER_DECLINED],
  ])('keeps a %s to the version that was shown, and leads back to the request', async (answer, kept) => {
    const { browser, calls } = await loggedIn()
    const page = await browser.get(address(owed))
    expect(page.headers['content-security-policy']).toContain(`form-action 'self' ${agencyOrigin}`)
    const answered = await browser.send(page, '/preview', { answer })
    expect(answered.statusCode).toBe(303)
    expect(answered.headers.location).toBe(`${back}?state=fund%7E${basisId}`)
    expect(calls.at(-1)).toMatchObject({
      rpc: 'documents of fund.answerPreview',
      request: {
        ticket: 'ticket for fund',
        requester: 'hall',
        evidenceType: 'resources',
        purpose: 'grant',
        requestedBasisId: basisId,
        answer: kept,
        evidenceVersion: 4,
      },
    })
  })

  it('says what was recorded where there is no way back', async () => {
    const { browser } = await loggedIn()
    const page = await browser.get(address({ basis: basisId }))
    expect((await browser.send(page, '/preview', { answer: 'yes' })).body).toContain('You said yes')
    expect((await browser.send(page, '/preview', { answer: 'no' })).body).toContain('Nothing will be sent')
  })
})

describe('the same by REST', () => {
  const of = { requester: 'hall', provider: 'fund', evidenceType: 'resources', purpose: 'grant' }
  const answerTo = (
    app: Awaited<ReturnType<typeof gatewayForTest>>['app'],
    body: object,
    token = personToken('portal'),
  ) =>
    app.inject({
      method: 'POST',
      url: '/v1/me/preview-answers',
      payload: body,
      headers: { authorization: `Bearer ${token}` },
    })
  const whole = { ...of, basisId, answer: 'confirmed', evidenceVersion: 4 }

  it('refuses a system: nobody answers in a person’s place', async () => {
    const { app } = await gatewayForTest('portal', portal())
    expect((await answerTo(app, whole, systemToken('portal'))).json().reason).toBe('CALLER_NOT_ALLOWED')
    const seen = await app.inject({
      url: `/v1/me/preview?${new URLSearchParams(of)}`,
      headers: { authorization: `Bearer ${systemToken('portal')}` },
    })
    expect(seen.json().reason).toBe('CALLER_NOT_ALLOWED')
  })

  it.each([{ answer: 'yes' }, { basisId: 'b' }, { evidenceVersion: -1 }])('refuses %j', async (fields) => {
    const { app } = await gatewayForTest('portal', portal())
    expect((await answerTo(app, { ...whole, ...fields })).json().reason).toBe('REQUEST_INVALID')
  })

  it('shows what would be sent and keeps the answer', async () => {
    const { app } = await gatewayForTest('portal', portal())
    const seen = await app.inject({
      url: `/v1/me/preview?${new URLSearchParams(of)}`,
      headers: { authorization: `Bearer ${personToken('portal')}` },
    })
    expect(seen.json()).toMatchObject({ evidence: { version: 4, value: { resources: { value: 512 } } }, routes: [] })
    expect((await answerTo(app, whole)).json()).toEqual({ validUntil: '2027-01-15T08:00:00.000Z' })
  })
})
