import { createHash, createPrivateKey, type JsonWebKey, randomBytes, sign } from 'node:crypto'
import { type VisitedPage, Visitor } from './visitor.js'

/** A relying party as it is registered at the identity provider, with its private key. */
export interface LogInClient {
  readonly clientId: string
  /** Private JWK, Ed25519 or P-256. */
  readonly jwk: object
  readonly redirectUri: string
}

const scope = 'openid given_name family_name birthdate gender birthplace birthcountry'
const assertionSeconds = 60

/** A client assertion for private_key_jwt (RFC 7523). */
export const clientAssertion = ({ clientId, jwk }: LogInClient, issuer: string): string => {
  const { kid, kty } = jwk as { kid?: string; kty?: string }
  const alg = kty === 'OKP' ? 'EdDSA' : 'ES256'
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const jti = randomBytes(16).toString('base64url')
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti, iat, exp: iat + assertionSeconds }
  const signed = `${encode({ alg, kid, typ: 'JWT' })}.${encode(claims)}`
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
  const signature =
    alg === 'EdDSA'
      ? sign(null, Buffer.from(signed), key)
      : sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

/**
 * Logs a test person in at the stand-in as an application would, page by page and with no back door, and answers the ID
 * token for that application. Throws an Error that names the step that failed.
 */
export const logIn = async (
  issuer: string,
  client: LogInClient,
  login: string,
  { acr = 'eidas1' }: { acr?: string } = {},
): Promise<{ idToken: string }> => {
  const visitor = new Visitor()
  const [verifier, state, nonce] = [0, 1, 2].map(() => randomBytes(32).toString('base64url')) as [
    string,
    string,
    string,
  ]
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope,
    state,
    nonce,
    acr_values: acr,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const isBack = (next: string): boolean => next.startsWith(`${client.redirectUri}?`)
  const page = await visitor.open(`${issuer}/auth?${asked}`, isBack)
  const back = isBack(page.url) ? page : await visitor.send(page, '/interaction/', { login }, isBack)
  const answer = new URL(back.url).searchParams
  const code = answer.get('code')
  if (code === null || answer.get('state') !== state)
    throw new Error(`the identity provider did not log ${login} in: ${answer.get('error') ?? `status ${back.status}`}`)
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: verifier,
      client_id: client.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: clientAssertion(client, issuer),
    }),
  })
  const { id_token: idToken, error } = (await response.json()) as { id_token?: string; error?: string }
  if (idToken === undefined) throw new Error(`the identity provider gave no token: ${error}`)
  return { idToken }
}

/** Logs a test person in at a gateway, as a person with a browser would, and comes back to `path` of it. */
export const logInAt = async (visitor: Visitor, gateway: string, login: string, path = '/'): Promise<VisitedPage> => {
  const page = await visitor.open(`${gateway}/login?${new URLSearchParams({ return: path })}`)
  return new URL(page.url).pathname.startsWith('/interaction/') ? visitor.send(page, '/interaction/', { login }) : page
}
