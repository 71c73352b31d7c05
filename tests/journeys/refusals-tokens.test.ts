import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { clientAssertion } from '@unefois/deploy/sandbox/log-in'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { reasons } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answersTo, expectedOf } from './_answers.js'
import { freshPerson, sharedFederation } from './_federation.js'
import { compactOf, forgeriesOf, keyAt, kidAt, type Original, originalOf, withClaims } from './_forgeries.js'
import { refusalOf } from './_refusals.js'
import { idTokenOf, portal, stranger, town } from './_resident.js'

let places: Places
let system: AgencySystem
let foreign: AgencySystem
let person: PlannedPerson
beforeAll(async () => {
  places = await sharedFederation()
  system = new AgencySystem(places, town)
  foreign = new AgencySystem(places, stranger)
  person = await freshPerson(places)
})
afterAll(() => {
  system.close()
  foreign.close()
})

const unknownExchange = { exchangeId: '5d3c8a1e-7c57-4c7b-9f4a-6a5a4f1f0a11' }
const accessToken = async (of: AgencySystem): Promise<string> =>
  (await of.call('evidence:request')).accessToken as string
const original = async (): Promise<Original> => originalOf(await accessToken(system), places.keys(town).token.path)

describe('an access token at the gRPC door', () => {
  const ask = (token: string): Promise<string> =>
    refusalOf('unefois.documents.v1.DocumentsService/GetExchange', () =>
      system.documents.getExchange(unknownExchange, { accessToken: token, deadlineMs: 5000 }),
    )

  it('is refused in every forged, ended, early or misdirected form, counted by reason, and written into no log', async () => {
    const forgeries = forgeriesOf(await original())
    expect(await answersTo(forgeries, ask)).toEqual(expectedOf(forgeries))
    const metrics = await (await fetch(`${places.admin(town)}/metrics`)).text()
    const log = readFileSync(join(places.directory, 'logs', `${town}.log`), 'utf8')
    for (const { token, reason } of forgeries) {
      expect(metrics).toMatch(new RegExp(`GetExchange"[^\\n]*door="grpc"[^\\n]*reason="${reason}"`))
      expect(log).not.toContain(token.split('.')[1])
    }
  })

  it('is refused when it is another agency’s, however it is relabelled', async () => {
    const theirs = originalOf(await accessToken(foreign), places.keys(stranger).token.path)
    expect(await ask(await accessToken(foreign))).toBe('TOKEN_KEY_UNKNOWN')
    expect(await ask(withClaims(theirs, { aud: town }))).toBe('TOKEN_KEY_UNKNOWN')
    expect(await ask(withClaims(theirs, { iss: town, aud: town }))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is refused when another key of the agency signed it', async () => {
    const { header, claims } = await original()
    const path = places.keys(town).statement.path
    expect(await ask(compactOf({ ...header, kid: kidAt(path) }, claims, keyAt(path)))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is refused when it is half a person, who could pass for a system', async () => {
    expect(await ask(withClaims(await original(), { acr: 'eidas3' }))).toBe('TOKEN_CLAIMS_INVALID')
  })

  it('is refused when it is a federated token, which is for the exchange only', async () => {
    expect(await ask(await idTokenOf(places, person, town))).toBe('TOKEN_TYPE_WRONG')
  })

  it('opens an operation only with the scope of its contract', async () => {
    const { accessToken: other } = await system.call('notice:write')
    expect(await ask(other as string)).toBe('CALLER_NOT_ALLOWED')
    // The token itself is right: with the scope, the answer is about the exchange.
    expect(await ask(await accessToken(system))).toBe('EXCHANGE_UNKNOWN')
  })
})

describe('an access token at the gateway', () => {
  const ask = async (token: string): Promise<string> => {
    const response = await fetch(`${places.origin(town)}/v1/exchanges/${unknownExchange.exchangeId}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const problem = (await response.json()) as { reason: keyof typeof reasons; type: string }
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(response.status).toBe(reasons[problem.reason].http)
    expect(problem.type).toBe(`urn:unefois:reason:${problem.reason}`)
    if (response.status === 401) expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
    return problem.reason
  }

  it('is refused in every forged, ended, early or misdirected form', async () => {
    const forgeries = forgeriesOf(await original())
    // What does not say that it is an access token of this agency goes to the exchange, which knows no such provider.
    const otherwise = { 'another type': 'TOKEN_KEY_UNKNOWN' }
    expect(await answersTo(forgeries, ask)).toEqual(expectedOf(forgeries, otherwise))
  })

  it('is refused when it is another agency’s', async () => {
    expect(await ask(await accessToken(foreign))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is missed where there is none, with the challenge of RFC 6750', async () => {
    const response = await fetch(`${places.origin(town)}/v1/me`)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, `Bearer realm="${town}"`])
    expect(await response.json()).toMatchObject({ reason: 'TOKEN_MISSING' })
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer one two'])('is not “%s”', async (authorization) => {
    const response = await fetch(`${places.origin(town)}/v1/me`, { headers: { authorization } })
    expect(await response.json()).toMatchObject({ reason: 'TOKEN_MALFORMED' })
  })
})

describe('a federated token', () => {
  const federated = async (): Promise<Original> =>
    originalOf(await idTokenOf(places, person, town), places.providerKey.path)
  const trade = async (token: string): Promise<string> =>
    refusalOf('unefois.identity.v1.IdentityService/ExchangeToken', async () =>
      system.identity.exchangeToken(
        { subjectToken: token, subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token' },
        await system.call('identity:exchange'),
      ),
    )

  it('is refused in every forged, ended, early or misdirected form', async () => {
    const forgeries = forgeriesOf(await federated())
    expect(await answersTo(forgeries, trade)).toEqual(expectedOf(forgeries))
  })

  it('is refused when the person gave it to another member, or to several', async () => {
    expect(await trade(await idTokenOf(places, person, portal))).toBe('TOKEN_AUDIENCE_WRONG')
    expect(await trade(withClaims(await federated(), { aud: [town, portal] }))).toBe('TOKEN_AUDIENCE_WRONG')
  })

  it('is refused from a provider that the federation does not accept', async () => {
    expect(await trade(withClaims(await federated(), { iss: 'https://elsewhere.example' }))).toBe('TOKEN_KEY_UNKNOWN')
    const ours = await original()
    expect(await trade(compactOf({ ...ours.header, typ: 'JWT' }, ours.claims, ours.key))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is refused without the time of a login, and of somebody whom the register does not know', async () => {
    expect(await trade(withClaims(await federated(), { auth_time: undefined }))).toBe('TOKEN_CLAIMS_INVALID')
    const changes = { sub: 'nobody-yet', family_name: 'Personne', given_name: 'Ignorée' }
    expect(await trade(withClaims(await federated(), changes))).toBe('SUBJECT_UNKNOWN')
  })
})

describe('a client assertion', () => {
  const assertion = (): Original => {
    const { keyPath, clientId } = places.system(town)
    const honest = clientAssertion({ clientId, jwk: JSON.parse(readFileSync(keyPath, 'utf8')), redirectUri: '' }, town)
    const made = originalOf(honest, keyPath)
    return { ...made, header: { ...made.header, typ: 'client-authentication+jwt' } }
  }
  const prove = (token: string, scope = 'evidence:request'): Promise<string> =>
    refusalOf('unefois.identity.v1.IdentityService/IssueToken', () =>
      system.identity.issueToken({ clientAssertion: token, scope }, { deadlineMs: 5000 }),
    )

  it('is refused in every forged, ended, early or misdirected form', async () => {
    const forgeries = forgeriesOf(assertion())
    expect(await answersTo(forgeries, prove)).toEqual(expectedOf(forgeries))
  })

  it('is accepted once', async () => {
    const { header, claims, key } = assertion()
    const token = compactOf(header, claims, key)
    expect(await prove(token)).toBe('nothing')
    expect(await prove(token)).toBe('TOKEN_REPLAYED')
    // Signed anew, it still is the same assertion.
    expect(await prove(compactOf({ ...header, extra: 1 }, claims, key))).toBe('TOKEN_REPLAYED')
  })

  it('is refused without a jti, of a long life, of an unknown client, and of a client for another', async () => {
    expect(await prove(withClaims(assertion(), { jti: undefined }))).toBe('TOKEN_CLAIMS_INVALID')
    const { iat } = assertion().claims as { iat: number }
    expect(await prove(withClaims(assertion(), { exp: iat + 301 }))).toBe('TOKEN_CLAIMS_INVALID')
    const { privateKey } = generateKeyPairSync('ed25519')
    const { header, claims } = assertion()
    expect(await prove(compactOf(header, { ...claims, iss: 'nobody', sub: 'nobody' }, privateKey))).toBe(
      'CLIENT_UNKNOWN',
    )
    expect(await prove(withClaims(assertion(), { sub: 'another-client' }))).toBe('TOKEN_CLAIMS_INVALID')
  })

  it('brings no scope that the client is not registered with', async () => {
    const { header, claims, key } = assertion()
    expect(await prove(compactOf(header, claims, key), 'evidence:request everything')).toBe('REQUEST_INVALID')
  })
})
