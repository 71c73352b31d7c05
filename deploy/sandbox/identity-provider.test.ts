import { createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '@unefois/chassis/config'
import { Postgres } from '@unefois/chassis/postgres'
import { gatewayConfig } from '@unefois/gateway/config'
import { startGateway } from '@unefois/gateway/server'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type IdentityProviderOptions, startIdentityProvider } from './identity-provider.js'
import { type LogInClient, logIn, logInAt } from './log-in.js'
import { choosePort } from './ports.js'
import { Visitor } from './visitor.js'

const keyOf = (kid: string, type: 'ec' | 'ed25519' = 'ec'): { publicJwk: JsonWebKey; privateJwk: JsonWebKey } => {
  const pair = type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const own = { kid, use: 'sig', alg: type === 'ec' ? 'ES256' : 'EdDSA' }
  return {
    publicJwk: { ...pair.publicKey.export({ format: 'jwk' }), ...own },
    privateJwk: { ...pair.privateKey.export({ format: 'jwk' }), ...own },
  }
}
const person = {
  login: 'ada',
  givenName: 'Ada <b>',
  familyName: 'Test',
  birthdate: '1990-01-02',
  gender: 'female',
  birthplace: '75107',
  birthcountry: '99100',
  acr: 'eidas2',
}
const signing = keyOf('idp-1')
const keys = { hall: keyOf('hall'), fund: keyOf('fund', 'ed25519'), door: keyOf('door') }
const client = (clientId: 'hall' | 'fund', jwk: object = keys[clientId].privateJwk): LogInClient => ({
  clientId,
  jwk,
  redirectUri: `https://${clientId}.test/callback`,
})
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

let issuer: string
let gatewayPort: number
let stop: () => Promise<void>

beforeAll(async () => {
  gatewayPort = await choosePort()
  const options: IdentityProviderOptions = {
    host: '127.0.0.1',
    port: await choosePort(new Set([gatewayPort])),
    clients: [
      {
        clientId: 'hall',
        jwk: keys.hall.publicJwk,
        redirectUris: ['https://hall.test/callback'],
      },
      { clientId: 'door', jwk: keys.door.publicJwk, redirectUris: [`http://127.0.0.1:${gatewayPort}/callback`] },
      { clientId: 'fund', jwk: keys.fund.publicJwk, redirectUris: ['https://fund.test/callback'] },
    ],
    people: [person],
    signingKeys: [signing.privateJwk],
  }
  const provider = await startIdentityProvider(options)
  issuer = provider.issuer
  stop = provider.stop
})
afterAll(() => stop())

describe('the stand-in identity provider', () => {
  it('refuses a return address that is not the client’s', async () => {
    const elsewhere = { response_type: 'code', client_id: 'hall', redirect_uri: 'https://evil.test/', scope: 'openid' }
    const page = await new Visitor().open(`${issuer}/auth?${new URLSearchParams(elsewhere)}`)
    expect([page.status, new URL(page.url).origin]).toEqual([400, issuer])
    expect(page.text).toContain('invalid_redirect_uri')
  })

  it('refuses a client that signs with another key', async () => {
    await expect(logIn(issuer, client('hall', keyOf('hall').privateJwk), 'ada')).rejects.toThrow('invalid_client')
  })

  it('refuses an authorisation request without PKCE', async () => {
    const asked = {
      response_type: 'code',
      client_id: 'hall',
      redirect_uri: 'https://hall.test/callback',
      scope: 'openid',
    }
    const page = await new Visitor().open(`${issuer}/auth?${new URLSearchParams(asked)}`, (next) =>
      next.startsWith('https://hall.test'),
    )
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request')
  })

  it('knows only its test people, and says that it is a stand-in', async () => {
    await expect(logIn(issuer, client('hall'), 'nobody')).rejects.toThrow('status 400')
    const asked = {
      response_type: 'code',
      client_id: 'hall',
      redirect_uri: 'https://hall.test/callback',
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    }
    const { text } = await new Visitor().open(`${issuer}/auth?${new URLSearchParams(asked)}`)
    expect(text).toContain('This is not FranceConnect')
    expect(text).toContain('Ada &lt;b&gt; Test')
    expect(text).not.toContain('<script')
  })

  it('asserts the pivot identity, the level and the time of the login, signed with ES256', async () => {
    const { idToken } = await logIn(issuer, client('hall'), 'ada')
    const [header = '', payload = '', signature = ''] = idToken.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'ES256', kid: 'idp-1' })
    const key = createPublicKey({ key: signing.publicJwk, format: 'jwk' })
    const signed = Buffer.from(`${header}.${payload}`)
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(claimsOf(idToken)).toMatchObject({
      iss: issuer,
      aud: 'hall',
      given_name: 'Ada <b>',
      family_name: 'Test',
      birthdate: '1990-01-02',
      gender: 'female',
      birthplace: '75107',
      birthcountry: '99100',
      acr: 'eidas2',
      amr: ['user'],
      auth_time: expect.any(Number),
    })
  })

  it('names one person differently to each client, and the same to one', async () => {
    const [first, again, other] = await Promise.all(
      [client('hall'), client('hall'), client('fund')].map((one) => logIn(issuer, one, 'ada')),
    )
    expect(claimsOf(first?.idToken ?? '').sub).toBe(claimsOf(again?.idToken ?? '').sub)
    expect(claimsOf(first?.idToken ?? '').sub).not.toBe(claimsOf(other?.idToken ?? '').sub)
    expect(first?.idToken).not.toContain('ada')
  })
})

describe('a gateway with the stand-in', () => {
  const fedToken: string[] = []

  const withGateway = async (work: (origin: string) => Promise<void>): Promise<void> => {
    const directory = mkdtempSync(join(tmpdir(), 'unefois-idp-'))
    const path = (name: string, content: string | Buffer): string => {
      writeFileSync(join(directory, name), content)
      return join(directory, name)
    }
    const { host, port, user, password, database } = inject('postgres')
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log } as never
    const admin = new Postgres({ host, port, user, password, database, schema: 'public', poolSize: 2 }, log)
    const schema = `gateway_idp_${gatewayPort}`
    await admin.query(`CREATE SCHEMA ${schema}`)
    const publicUrl = `http://127.0.0.1:${gatewayPort}`
    const config = readConfig(
      gatewayConfig,
      {
        member: 'hall',
        admin: { host: '127.0.0.1', port: 0 },
        bus: { url: 'nats://127.0.0.1:1', neighbours: {} },
        federation: { source: '-', cache: '-', signer: '-', signerKeys: [{}] },
        postgres: { host, port, database, user, passwordFile: path('password', password), schema, poolSize: 2 },
        kind: 'agency',
        http: { host: '127.0.0.1', port: gatewayPort },
        publicUrl,
        oidc: { issuer, clientId: 'door', clientKey: path('client.json', JSON.stringify(keys.door.privateJwk)) },
        sessionKey: path('session.key', Buffer.alloc(32, 7)),
      },
      'the test',
    )
    const accessToken = `${Buffer.from('{"alg":"EdDSA","kid":"k","typ":"at+jwt"}').toString('base64url')}.e30.c2ln`
    const gateway = await startGateway(config, {
      log,
      federation: {
        current: {
          claims: { members: [], purposes: [], evidenceTypes: [] },
          authorisationsInForce: () => [],
        },
      } as never,
      callerOf: () =>
        ({ kind: 'person', clientId: 'c', subject: 's', acr: 'eidas1', authTimeSeconds: 1, loginHandle: 'h' }) as never,
      neighbours: {
        identity: {
          exchangeToken: async ({ subjectToken }: { subjectToken: string }) => {
            fedToken.push(subjectToken)
            return { accessToken, expiresInSeconds: 300, subject: 's', acr: 'eidas1', authTimeSeconds: 1 }
          },
        },
      } as never,
    })
    try {
      await work(gateway.origin)
    } finally {
      await gateway.stop()
      await admin.query(`DROP SCHEMA ${schema} CASCADE`)
      await admin.close()
      rmSync(directory, { recursive: true })
    }
  }

  it('logs a person in by code, PKCE, state, nonce and private_key_jwt, and hands the ID token to its identity service', async () => {
    await withGateway(async (origin) => {
      const visitor = new Visitor()
      const page = await logInAt(visitor, origin, 'ada', '/docs')
      expect([page.status, new URL(page.url).pathname]).toEqual([200, '/docs'])
      expect(page.text).toContain('action="/logout"')
      expect(claimsOf(fedToken[0] ?? '')).toMatchObject({ iss: issuer, aud: 'door', family_name: 'Test' })
      // The stand-in still remembers her, but after a logout the gateway has her asked again.
      await visitor.send(page, '/logout')
      const again = await visitor.open(`${origin}/login`)
      expect(again.text).toContain('This is not FranceConnect')
    })
  })

  it('opens no session for an answer whose code is not the provider’s', async () => {
    await withGateway(async (origin) => {
      const visitor = new Visitor()
      const started = await visitor.open(`${origin}/login`, (next) => next.startsWith(issuer))
      const state = new URL(started.url).searchParams.get('state') ?? ''
      const answer = new URLSearchParams({ code: 'forged', state, iss: issuer })
      const page = await visitor.open(`${origin}/callback?${answer}`)
      expect(page.status).toBe(401)
      expect(page.text).toContain('LOGIN_REQUIRED')
    })
  })
})
