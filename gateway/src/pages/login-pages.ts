import { MeshError } from '@unefois/proto/reasons'
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client'
import { returnPath } from '../login/return-path.js'
import { TokenExchange } from '../login/token-exchange.js'
import { cookieOf } from '../session/cookies.js'
import type { LoginAttempts } from '../session/login-attempts.js'
import { randomSecret } from '../session/secrets.js'
import type { PageDoor } from './page-door.js'

const defaultAcr = 'eidas1'
const browserSeconds = 3600
const leftSeconds = 12 * 3600
const secretShape = /^[A-Za-z0-9_-]{43}$/

const acrOf = (given: unknown): string => {
  if (given === undefined) return defaultAcr
  if (typeof given === 'string' && /^eidas[123]$/.test(given)) return given
  throw new MeshError('REQUEST_INVALID', { facts: { field: 'acr' } })
}

const addLogin = (door: PageDoor, attempts: LoginAttempts): void => {
  const { app, context, cookies } = door
  app.get('/login', async (request, reply) => {
    const query = request.query as Record<string, unknown>
    const returnTo = returnPath(query.return, context.config.publicUrl)
    const acr = acrOf(query.acr)
    const secrets = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() }
    const asksAgain = cookieOf(request, cookies.left) !== undefined || query.acr !== undefined
    const provider = await context.signIn.begin({ ...secrets, acr, asksAgain })
    // Kept while other tabs log in too; the state tells the attempts apart.
    const known = cookieOf(request, cookies.browser)
    const browser = known !== undefined && secretShape.test(known) ? known : randomSecret()
    door.setCookie(reply, cookies.browser, browser, browserSeconds)
    const { nonce, codeVerifier } = secrets
    await attempts.begin(secrets.state, browser, { nonce, codeVerifier, returnTo })
    return reply.header('cache-control', 'no-store').redirect(provider.href, 303)
  })
}

const addCallback = (door: PageDoor, attempts: LoginAttempts): void => {
  const { app, context, cookies, sessions } = door
  const { config, neighbours, clock } = context
  const tokens = new TokenExchange({ member: config.member, identity: neighbours.identity, clock })
  app.get('/callback', async (request, reply) => {
    const { state } = request.query as { state?: unknown }
    const browser = cookieOf(request, cookies.browser)
    const isComplete = typeof state === 'string' && browser !== undefined
    const attempt = isComplete ? await attempts.take(state, browser) : undefined
    if (!isComplete || !attempt) throw new MeshError('LOGIN_REQUIRED')
    const { deadline } = await door.visit(request)
    const idToken = await context.signIn.finish(new URL(request.url, config.publicUrl), { state, ...attempt })
    const accessToken = await tokens.exchange(idToken, 'urn:ietf:params:oauth:token-type:id_token', deadline)
    const replaced = cookieOf(request, cookies.session)
    if (replaced !== undefined) await sessions.close(replaced)
    const { id, expiresAtMs } = await sessions.open(accessToken)
    door.setCookie(reply, cookies.session, id, (expiresAtMs - clock.nowMs()) / 1000)
    door.setCookie(reply, cookies.left, '', 0)
    return reply.header('cache-control', 'no-store').redirect(attempt.returnTo, 303)
  })
}

/** Log in at the identity provider, come back under a new session, log out. */
export const addLoginPages = (door: PageDoor, attempts: LoginAttempts): void => {
  addLogin(door, attempts)
  addCallback(door, attempts)
  door.submit('/logout', {}, async ({ session }, _fields, reply) => {
    await door.sessions.close(session.id)
    door.setCookie(reply, door.cookies.session, '', 0)
    door.setCookie(reply, door.cookies.left, '1', leftSeconds)
    return { redirectTo: '/' }
  })
}
