import { randomBytes } from 'node:crypto'
import { acceptedOnce } from '@unefois/chassis/accepted-once'
import type { Postgres } from '@unefois/chassis/postgres'
import { accessTokenType } from '@unefois/proto/access-token'
import { registerPublicKey } from '@unefois/proto/keys'
import { checkToken, signToken, type TokenType } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, callBy, SettableClock } from '../authority.fixture.js'
import { clientAssertion } from '../domain/client-assertion.js'
import { federationFixture, keys, members, startSeconds } from '../federation.fixture.js'
import { openSchema } from '../postgres.fixture.js'
import { agencyMigrations } from '../store/migrations.js'
import { issueToken } from './issue-token.js'

const clientId = 'family-desk'
const clientKey = keys.of(clientId, 'sign')
const any: TokenType<Record<string, unknown>> = { ...clientAssertion, readClaims: (payload) => ({ ...payload }) }

let postgres: Postgres
beforeAll(async () => {
  postgres = await openSchema(agencyMigrations)
})
afterAll(() => postgres.close())

const rpc = () =>
  issueToken({
    member: members.requester,
    clock: new SettableClock(),
    clients: new Map([
      [clientId, { key: registerPublicKey(clientKey.publicJwk), scopes: ['evidence:request', 'notice:write'] }],
    ]),
    replay: acceptedOnce(postgres),
    tokenKey: keys.of(members.requester, 'token').privateKey,
    accessTokenSeconds: 600,
  })

const assertion = (changed: Record<string, unknown> = {}, type = any, signer = clientKey.privateKey): string =>
  signToken(
    type,
    {
      iss: clientId,
      sub: clientId,
      aud: members.requester,
      jti: randomBytes(12).toString('base64url'),
      iat: startSeconds,
      exp: startSeconds + 300,
      ...changed,
    },
    signer,
  )

const issue = (clientAssertionText: string, scope = '') =>
  ask(rpc(), { clientAssertion: clientAssertionText, scope }, callBy({ kind: 'anyone' }))

describe('IssueToken', () => {
  it.each([
    ['an unknown client', assertion({ iss: 'nobody', sub: 'nobody' }), 'CLIENT_UNKNOWN'],
    ['another key of that name', assertion({}, any, keys.of('somebody', 'sign').privateKey), 'TOKEN_KEY_UNKNOWN'],
    ['another subject than the issuer', assertion({ sub: 'somebody' }), 'TOKEN_CLAIMS_INVALID'],
    ['another audience', assertion({ aud: members.provider }), 'TOKEN_AUDIENCE_WRONG'],
    ['more than five minutes', assertion({ exp: startSeconds + 301 }), 'TOKEN_CLAIMS_INVALID'],
    ['no jti', assertion({ jti: undefined }), 'TOKEN_CLAIMS_INVALID'],
    ['an expired assertion', assertion({ iat: startSeconds - 300, exp: startSeconds - 61 }), 'TOKEN_EXPIRED'],
    ['another type', assertion({}, { ...any, typ: 'JWT' }), 'TOKEN_TYPE_WRONG'],
  ])('refuses %s', async (_, text, reason) => {
    await expect(issue(text)).rejects.toMatchObject({ reason })
  })

  it('refuses an assertion the second time', async () => {
    const text = assertion()
    await issue(text)
    await expect(issue(text)).rejects.toMatchObject({ reason: 'TOKEN_REPLAYED' })
  })

  it('refuses a scope that the client does not have, and names it', async () => {
    await expect(issue(assertion(), 'notice:write register:write')).rejects.toMatchObject({
      reason: 'REQUEST_INVALID',
      facts: { field: 'scope', scope: 'register:write' },
    })
  })

  it('gives a token of this agency for the asked scopes, or for all of the client’s', async () => {
    const { accessToken, expiresInSeconds, scope } = await issue(assertion(), 'notice:write')
    expect({ expiresInSeconds, scope }).toEqual({ expiresInSeconds: 600, scope: 'notice:write' })
    const claims = checkToken(accessToken, accessTokenType, {
      audience: members.requester,
      nowSeconds: startSeconds,
      keyOf: federationFixture().keyOf('token'),
    })
    expect(claims).toEqual({
      iss: members.requester,
      aud: members.requester,
      sub: clientId,
      client_id: clientId,
      jti: expect.any(String),
      iat: startSeconds,
      exp: startSeconds + 600,
      scope: 'notice:write',
    })
    expect((await issue(assertion())).scope).toBe('evidence:request notice:write')
  })
})
