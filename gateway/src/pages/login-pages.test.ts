import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { Browser, gatewayForTest, personToken } from '../gateway.fixture.js'
import { forgetEnded } from '../session/forget-ended.js'

const sessionCookie = 'unefois-portal-session'
const home = {
  identity: { listKnowingMembers: async () => ({ members: [], tickets: [] }) },
  remoteAuthority: { listConsents: async () => ({ consents: [], nextPageToken: '' }) },
}
const isLoggedIn = async (browser: Browser): Promise<boolean> =>
  (await browser.get('/')).body.includes('action="/logout"')

describe('a login', () => {
  it.each(['https://evil.test', '//evil.test', '/\\evil.test', '/%09/evil.test/..//evil.test'])(
    'refuses to come back to %s',
    async (returnTo) => {
      const { app } = await gatewayForTest('portal', home)
      const response = await app.inject({ method: 'GET', url: `/login?return=${encodeURIComponent(returnTo)}` })
      if (response.statusCode === 303) {
        // What is taken as a path stays on this origin.
        expect(returnTo).toMatch(/^\/%09/)
      } else expect(response.json().reason).toBe('REQUEST_INVALID')
    },
  )

  it('refuses an assurance level that does not exist', async () => {
    const { app } = await gatewayForTest('portal', home)
    expect((await app.inject({ method: 'GET', url: '/login?acr=eidas9' })).json().reason).toBe('REQUEST_INVALID')
  })

  it('refuses an answer that nobody here asked for, and one that another browser asked for', async () => {
    const gateway = await gatewayForTest('portal', home)
    const [mine, other] = [new Browser(gateway), new Browser(gateway)]
    const started = await other.get('/login')
    const state = new URL(String(started.headers.location)).searchParams.get('state')
    for (const answer of ['/callback', '/callback?code=c&state=x', `/callback?code=c&state=${state}`]) {
      const response = await mine.get(answer)
      expect(response.statusCode).toBe(401)
      expect(response.body).toContain('LOGIN_REQUIRED')
    }
    expect(gateway.expected).toEqual([])
    expect(mine.cookies.has(sessionCookie)).toBe(false)
  })

  it('takes each answer once', async () => {
    const gateway = await gatewayForTest('portal', home)
    const browser = new Browser(gateway)
    const started = await browser.get('/login')
    const state = new URL(String(started.headers.location)).searchParams.get('state')
    expect((await browser.get(`/callback?code=c&state=${state}`)).statusCode).toBe(303)
    expect((await browser.get(`/callback?code=c&state=${state}`)).statusCode).toBe(401)
  })

  it('opens no session when the identity service refuses the token', async () => {
    const gateway = await gatewayForTest('portal', {
      identity: {
        exchangeToken: () => {
          throw new MeshError('TOKEN_AUDIENCE_WRONG')
        },
      },
    })
    const browser = new Browser(gateway)
    expect((await browser.logIn()).statusCode).toBe(401)
    expect(browser.cookies.has(sessionCookie)).toBe(false)
  })

  it('never adopts a session id that the browser brought (session fixation)', async () => {
    const gateway = await gatewayForTest('portal', home)
    const planted = 'P'.repeat(43)
    const victim = new Browser(gateway)
    victim.cookies.set(sessionCookie, planted)
    await victim.logIn()
    expect(victim.cookies.get(sessionCookie)).not.toBe(planted)
    const attacker = new Browser(gateway)
    attacker.cookies.set(sessionCookie, planted)
    expect(await isLoggedIn(attacker)).toBe(false)
  })

  it('ends the session that it replaces', async () => {
    const gateway = await gatewayForTest('portal', home)
    const browser = new Browser(gateway)
    await browser.logIn()
    const left = new Browser(gateway)
    left.cookies.set(sessionCookie, browser.cookies.get(sessionCookie) ?? '')
    expect(await isLoggedIn(left)).toBe(true)
    await browser.logIn()
    expect(await isLoggedIn(left)).toBe(false)
    expect(await isLoggedIn(browser)).toBe(true)
  })

  it('comes back to the page that asked for it, with state, nonce and PKCE of its own', async () => {
    const gateway = await gatewayForTest('portal', home)
    const browser = new Browser(gateway)
    const answer = await browser.logIn('/preview?requester=hall')
    expect(answer.headers.location).toBe('/preview?requester=hall')
    await browser.logIn()
    const [first, second] = gateway.expected
    for (const name of ['state', 'nonce', 'codeVerifier'] as const) {
      expect(first?.[name]).toMatch(/^[\w-]{20,}$/)
      expect(first?.[name]).not.toBe(second?.[name])
    }
  })

  it('lets two tabs of one browser log in side by side', async () => {
    const gateway = await gatewayForTest('portal', home)
    const browser = new Browser(gateway)
    const states = []
    for (const tab of ['/?tab=1', '/?tab=2']) {
      const started = await browser.get(`/login?return=${encodeURIComponent(tab)}`)
      states.push(new URL(String(started.headers.location)).searchParams.get('state'))
    }
    expect((await browser.get(`/callback?code=c&state=${states[0]}`)).headers.location).toBe('/?tab=1')
    expect((await browser.get(`/callback?code=c&state=${states[1]}`)).headers.location).toBe('/?tab=2')
  })
})

describe('a session', () => {
  it('gives nothing to who reads the database: neither cookie nor token', async () => {
    const gateway = await gatewayForTest('portal', home)
    const browser = new Browser(gateway)
    await browser.logIn()
    const { rows } = await gateway.context.postgres.query('SELECT * FROM session')
    const stored = JSON.stringify(rows, (_name, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    )
    expect(rows).toHaveLength(1)
    expect(stored).not.toContain(browser.cookies.get(sessionCookie))
    expect(stored).not.toContain(personToken('portal').split('.')[1])
  })

  it('cannot be moved to another row by who writes the database', async () => {
    const gateway = await gatewayForTest('portal', home)
    const [one, two] = [new Browser(gateway), new Browser(gateway)]
    await one.logIn()
    await two.logIn()
    await gateway.context.postgres.query(
      'UPDATE session SET access_token = (SELECT s.access_token FROM session s WHERE s.id_hash <> session.id_hash)',
    )
    expect(await isLoggedIn(one)).toBe(false)
  })

  it('ends with the access token behind it, and is then forgotten', async () => {
    const gateway = await gatewayForTest('portal', {
      ...home,
      identity: {
        ...home.identity,
        exchangeToken: async () => ({
          accessToken: personToken('portal'),
          expiresInSeconds: 0,
          subject: 's',
          acr: 'eidas1',
          authTimeSeconds: 1,
        }),
      },
    })
    const browser = new Browser(gateway)
    await browser.logIn()
    expect(await isLoggedIn(browser)).toBe(false)
    await forgetEnded(gateway.context.postgres, Date.now() + 1)
    expect((await gateway.context.postgres.query('SELECT 1 FROM session')).rowCount).toBe(0)
  })

  it('is nobody once the access token is refused', async () => {
    const gateway = await gatewayForTest('portal', {
      ...home,
      identity: {
        exchangeToken: async () => ({
          accessToken: personToken('portal', { hasExpired: true }),
          expiresInSeconds: 600,
          subject: 's',
          acr: 'eidas1',
          authTimeSeconds: 1,
        }),
      },
    })
    const browser = new Browser(gateway)
    await browser.logIn()
    expect(await isLoggedIn(browser)).toBe(false)
  })

  it('has a cookie that scripts and other sites do not get, named after the member', async () => {
    const gateway = await gatewayForTest('portal', home)
    const response = await new Browser(gateway).logIn()
    const cookie = response.cookies.find(({ name }) => name === sessionCookie)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
    expect(cookie).not.toHaveProperty('domain')
  })

  it('has a __Host- cookie over TLS', async () => {
    const gateway = await gatewayForTest('portal', { ...home, config: { publicUrl: 'https://portal.test' } })
    const response = await new Browser(gateway).logIn()
    expect(response.cookies.find(({ name }) => name === '__Host-unefois-portal-session')).toMatchObject({
      secure: true,
    })
  })
})

describe('a logout', () => {
  it('is refused from another site, without an origin, without and with another session’s form token', async () => {
    const gateway = await gatewayForTest('portal', home)
    const [browser, other] = [new Browser(gateway), new Browser(gateway)]
    await browser.logIn()
    await other.logIn()
    const tokenIn = (body: string): string => /name="form_token" value="([^"]+)"/.exec(body)?.[1] ?? ''
    const own = tokenIn((await browser.get('/')).body)
    const foreign = tokenIn((await other.get('/')).body)
    const attempts: [Record<string, string>, Record<string, string>][] = [
      [{ form_token: own }, { origin: 'https://evil.test' }],
      [{ form_token: own }, { origin: 'null' }],
      [{ form_token: own }, { origin: '' }],
      [{ form_token: own }, { 'sec-fetch-site': 'same-site' }],
      [{ form_token: own }, { 'sec-fetch-site': 'cross-site' }],
      [{}, {}],
      [{ form_token: foreign }, {}],
    ]
    for (const [fields, headers] of attempts) {
      const response = await browser.post('/logout', fields, headers)
      expect(response.statusCode).toBe(403)
      expect(response.body).toContain('ORIGIN_NOT_ALLOWED')
    }
    expect(await isLoggedIn(browser)).toBe(true)
  })

  it('ends the session here, and makes the next login ask again', async () => {
    const gateway = await gatewayForTest('portal', home)
    const browser = new Browser(gateway)
    await browser.logIn()
    const kept = browser.cookies.get(sessionCookie) ?? ''
    const response = await browser.send(await browser.get('/'), '/logout')
    expect([response.statusCode, response.headers.location]).toEqual([303, '/'])
    browser.cookies.set(sessionCookie, kept)
    expect(await isLoggedIn(browser)).toBe(false)
    const started = await browser.get('/login')
    expect(new URL(String(started.headers.location)).searchParams.get('asksAgain')).toBe('true')
  })
})
