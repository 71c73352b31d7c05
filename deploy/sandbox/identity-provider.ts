import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Configuration, type JWK, Provider } from 'oidc-provider'
import { failurePage, loginPage, loginStyle } from './identity-provider-page.js'
import { memoryStore } from './identity-provider-store.js'
import { requireFreePort } from './ports.js'

/** A test person as the stand-in asserts them: FranceConnect's pivot identity and the level of their login. */
export interface TestPerson {
  readonly login: string
  /** Given names, separated by one space. */
  readonly givenName: string
  readonly familyName: string
  /** YYYY-MM-DD. */
  readonly birthdate: string
  readonly gender: string
  /** INSEE commune code; empty when born abroad. */
  readonly birthplace: string
  readonly birthcountry: string
  readonly acr: string
}

export interface IdentityProviderOptions {
  readonly host: string
  readonly port: number
  readonly clients: readonly {
    readonly clientId: string
    /** Public key for private_key_jwt. */
    readonly jwk: object
    readonly redirectUris: readonly string[]
  }[]
  readonly people: readonly TestPerson[]
  /** Private P-256 JWKs; the first signs. */
  readonly signingKeys: readonly object[]
}

const pivot = ['given_name', 'family_name', 'birthdate', 'gender', 'birthplace', 'birthcountry'] as const
const idTokenSeconds = 600
const mostFormBytes = 4096

const claimsOf = (person: TestPerson) => ({
  sub: person.login,
  given_name: person.givenName,
  family_name: person.familyName,
  birthdate: person.birthdate,
  gender: person.gender,
  birthplace: person.birthplace,
  birthcountry: person.birthcountry,
})

const configurationOf = ({ clients, people, signingKeys }: IdentityProviderOptions): Configuration => {
  const pairwiseSecret = createHash('sha256').update(JSON.stringify(signingKeys[0])).digest()
  return {
    adapter: memoryStore(),
    clients: clients.map(({ clientId, jwk, redirectUris }) => ({
      client_id: clientId,
      redirect_uris: [...redirectUris],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      subject_type: 'pairwise',
      id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk as JWK] },
      require_auth_time: true,
    })),
    jwks: { keys: signingKeys.map((jwk) => ({ ...jwk, use: 'sig', alg: 'ES256' }) as JWK) },
    cookies: {
      // Browsers share cookies among the ports of one host, and gateways live on the others.
      names: { session: 'idp_session', interaction: 'idp_interaction', resume: 'idp_resume' },
      keys: [randomBytes(32).toString('base64url')],
    },
    subjectTypes: ['pairwise'],
    // FranceConnect's sub differs for each client; the library's default would join clients of one host.
    pairwiseIdentifier: async (_ctx, accountId, client) =>
      createHash('sha256').update(pairwiseSecret).update(`${client.clientId}\n${accountId}`).digest('hex'),
    acrValues: ['eidas1', 'eidas2', 'eidas3'],
    scopes: ['openid', ...pivot],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      ...Object.fromEntries(pivot.map((name) => [name, [name]])),
    },
    // FranceConnect puts the identity into the ID token itself.
    conformIdTokenClaims: false,
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    ttl: {
      AccessToken: 60,
      AuthorizationCode: 60,
      IdToken: idTokenSeconds,
      Interaction: 900,
      Grant: 3600,
      Session: 3600,
    },
    findAccount: async (_ctx, login) => {
      const person = people.find((one) => one.login === login)
      return person && { accountId: login, claims: async () => claimsOf(person) }
    },
    // Consenting to the login itself is skipped: every scope asked for is granted.
    loadExistingGrant: async ({ oidc }) => {
      const { provider, client, session, params } = oidc
      const accountId = session?.accountId
      if (!client || accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId })
      grant.addOIDCScope(String(params?.scope ?? 'openid'))
      await grant.save()
      return grant
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html'
      ctx.body = failurePage(description === undefined ? error : `${error}: ${description}`)
    },
  }
}

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > mostFormBytes) throw new Error('the form is too large')
  }
  return new URLSearchParams(text)
}

const answerInteraction = async (
  provider: Provider,
  people: readonly TestPerson[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { params, uid } = await provider.interactionDetails(request, response)
  const show = (status: number): void => {
    response
      .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(loginPage(people, String(params.client_id), `/interaction/${uid}`))
  }
  if (request.method !== 'POST') return show(200)
  const login = (await readForm(request)).get('login')
  const person = people.find((one) => one.login === login)
  if (!person) return show(400)
  await provider.interactionFinished(
    request,
    response,
    { login: { accountId: person.login, acr: person.acr, amr: ['user'] } },
    { mergeWithLastSubmission: false },
  )
}

/** Starts FranceConnect's stand-in on plain http of one host: its claims and formats, test people, no password. */
export const startIdentityProvider = async (
  options: IdentityProviderOptions,
): Promise<{ issuer: string; stop(): Promise<void> }> => {
  const { host, port, people } = options
  await requireFreePort(port, 'identity provider')
  const issuer = `http://${host}:${port}`
  const provider = new Provider(issuer, configurationOf(options))
  const standard = provider.callback()
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
    response.setHeader('x-content-type-options', 'nosniff')
    if (request.url === '/style.css')
      response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(loginStyle)
    else if (request.url?.startsWith('/interaction/'))
      answerInteraction(provider, people, request, response).catch(() => {
        if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' })
        response.end(failurePage('interaction_expired'))
      })
    else void standard(request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    issuer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
