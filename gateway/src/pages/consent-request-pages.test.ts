import { type ConsentRequestView, ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { agencyOrigin } from '../federation.fixture.js'
import { Browser, gatewayForTest, personToken } from '../gateway.fixture.js'

const view = (more: Partial<ConsentRequestView> = {}): ConsentRequestView => ({
  requestId: 'q1',
  requester: 'hall',
  purpose: 'leisure-card',
  durationDays: 30,
  state: ConsentState.CONSENT_STATE_REQUESTED,
  disclosures: [
    { provider: 'fund', evidenceType: 'resources', fields: ['resources.value'], predicates: ['dependent-child'] },
  ],
  returnUrl: `${agencyOrigin}/procedures/leisure-card`,
  expiresAtMs: 1_800_000_000_000,
  textVersion: '1',
  ...more,
})
const answers = {
  grantConsent: async () => ({ consentId: 'c1', returnUrl: 'https://elsewhere.test', validUntilMs: 1 }),
  refuseConsent: async () => ({ returnUrl: 'https://elsewhere.test' }),
}
const loggedIn = async (request: () => ConsentRequestView = view) => {
  const gateway = await gatewayForTest('consent-authority', {
    config: { publicUrl: 'http://127.0.0.1:4003' },
    consentAuthority: { getConsentRequest: async () => ({ request: request() }), ...answers },
  })
  const browser = new Browser(gateway)
  await browser.logIn('/consent/q1')
  return { ...gateway, browser }
}
const isAnswered = (calls: { rpc: string }[]): boolean => calls.some(({ rpc }) => /grant|refuse/.test(rpc))

describe('a consent request', () => {
  it('is shown to nobody before a login', async () => {
    const gateway = await gatewayForTest('consent-authority', { consentAuthority: answers })
    const page = await new Browser(gateway).get('/consent/q1')
    expect(page.statusCode).toBe(401)
    expect(page.body).toContain('/login?return=%2Fconsent%2Fq1')
    expect(gateway.calls).toEqual([])
  })

  it('is unknown to anybody but its person', async () => {
    const { browser } = await loggedIn(() => {
      throw new MeshError('CONSENT_REQUEST_UNKNOWN')
    })
    const page = await browser.get('/consent/q1')
    expect(page.statusCode).toBe(404)
    expect(page.body).not.toContain('hall')
  })

  it('is not answered from another site, nor with another word than yes or no', async () => {
    const { browser, calls } = await loggedIn()
    const page = await browser.get('/consent/q1')
    expect((await browser.send(page, '/consent/q1', { answer: 'maybe' })).statusCode).toBe(400)
    expect((await browser.send(page, '/consent/q1', {})).statusCode).toBe(400)
    expect((await browser.send(page, '/consent/q1', { answer: 'yes', extra: '1' })).statusCode).toBe(400)
    expect((await browser.post('/consent/q1', { answer: 'yes' })).statusCode).toBe(403)
    expect((await browser.post('/consent/q1', { answer: 'yes' }, { origin: agencyOrigin })).statusCode).toBe(403)
    expect(isAnswered(calls)).toBe(false)
  })

  it('is not answered when the way back is not registered for who asks', async () => {
    const { browser, calls } = await loggedIn(() => view({ returnUrl: 'https://evil.test/' }))
    const response = await browser.send(await browser.get('/consent/q1'), '/consent/q1', { answer: 'yes' })
    expect(response.statusCode).toBe(422)
    expect(isAnswered(calls)).toBe(false)
  })

  it('offers to log in and come back when the session has ended in between', async () => {
    const { browser } = await loggedIn()
    const page = await browser.get('/consent/q1')
    browser.cookies.delete('unefois-authorities-session')
    const response = await browser.send(page, '/consent/q1', { answer: 'yes' })
    expect(response.statusCode).toBe(401)
    expect(response.body).toContain('/login?return=%2Fconsent%2Fq1')
  })

  it('cannot be answered once closed', async () => {
    const { browser } = await loggedIn(() => view({ state: ConsentState.CONSENT_STATE_GIVEN }))
    expect((await browser.get('/consent/q1')).body).not.toContain('name="answer"')
  })

  it('says who asks, what for, which data from whom, for how long, that a no has no consequence, and where to preview', async () => {
    const { browser } = await loggedIn()
    const { body, headers } = await browser.get('/consent/q1')
    for (const told of [
      'Body hall asks for your consent',
      'Leisure card',
      'Text of Leisure card',
      '<h3>Resources</h3>',
      'Body fund',
      '<li>Value</li><li>Dependent child</li>',
      '30\u00a0days',
      'A no has no consequence',
      'http://127.0.0.1:4002/preview?requester=hall&amp;provider=fund&amp;type=resources&amp;purpose=leisure-card&amp;request=q1',
    ])
      expect(body).toContain(told)
    expect(body).toContain(
      '<button name="answer" value="yes">Yes, I agree</button><button name="answer" value="no">No, I do not agree</button>',
    )
    expect(headers['content-security-policy']).toContain(`form-action 'self' ${agencyOrigin};`)
  })

  it.each([
    ['yes', 'given', 'consentAuthority.grantConsent'],
    ['no', 'refused', 'consentAuthority.refuseConsent'],
  ])('answered %s goes back to who asked, who is told %s', async (answer, consent, rpc) => {
    const { browser, calls } = await loggedIn()
    const response = await browser.send(await browser.get('/consent/q1'), '/consent/q1', { answer })
    expect(response.statusCode).toBe(303)
    expect(response.headers.location).toBe(`${agencyOrigin}/procedures/leisure-card?consent=${consent}&request=q1`)
    const told = calls.find((one) => one.rpc === rpc)
    expect(told).toMatchObject({ request: { requestId: 'q1' }, call: { accessToken: personToken('authorities') } })
  })
})
