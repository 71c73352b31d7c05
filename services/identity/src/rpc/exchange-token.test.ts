import { accessTokenType, personOf } from '@unefois/proto/access-token'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorityAskedBy } from '../agency.fixture.js'
import { type AuthorityFixture, ask, callBy, openAuthority } from '../authority.fixture.js'
import { keys, members, startSeconds } from '../federation.fixture.js'
import { idToken, mother } from '../people.fixture.js'
import { exchangeToken } from './exchange-token.js'

const idTokenType = 'urn:ietf:params:oauth:token-type:id_token'
const gateway = callBy({ kind: 'neighbour', service: 'gateway' })

let authority: AuthorityFixture
beforeAll(async () => {
  authority = await openAuthority()
  await authority.stores.register.register(mother, authority.clock.nowMs())
})
afterAll(() => authority.postgres.close())

const rpc = (accessTokenSeconds = 600) =>
  exchangeToken({
    member: members.requester,
    clock: authority.clock,
    authority: authorityAskedBy(authority, members.requester),
    tokenKey: keys.of(members.requester, 'token').privateKey,
    accessTokenSeconds,
  })
const exchange = (subjectToken: string, call = gateway, accessTokenSeconds?: number) =>
  ask(rpc(accessTokenSeconds), { subjectToken, subjectTokenType: idTokenType }, call)
const read = (accessToken: string) =>
  checkToken(accessToken, accessTokenType, {
    audience: members.requester,
    nowSeconds: startSeconds,
    keyOf: authority.federation.current.keyOf('token'),
  })

describe('ExchangeToken', () => {
  it('refuses a token type other than the two', () => {
    const subjectTokenType = 'urn:ietf:params:oauth:token-type:access_token'
    expect(rpc().request.safeParse({ subjectToken: 'a.b.c', subjectTokenType }).success).toBe(false)
  })

  it('refuses a token for another member’s client, as the authority does', async () => {
    const refused = exchange(idToken(mother, { aud: 'portal-client' }))
    await expect(refused).rejects.toMatchObject({ reason: 'TOKEN_AUDIENCE_WRONG' })
  })

  it('refuses a login that has already ended', async () => {
    const late = exchangeToken({
      member: members.requester,
      clock: { ...authority.clock, nowMs: () => (startSeconds + 1800) * 1000, monotonicMs: () => 0 },
      authority: authorityAskedBy(authority, members.requester),
      tokenKey: keys.of(members.requester, 'token').privateKey,
      accessTokenSeconds: 600,
    })
    await expect(
      ask(late, { subjectToken: idToken(mother), subjectTokenType: idTokenType }, gateway),
    ).rejects.toMatchObject({ reason: 'LOGIN_HANDLE_INVALID' })
  })

  it('gives an access token whose subject is this agency’s own pseudonym', async () => {
    const { accessToken, ...rest } = await exchange(idToken(mother))
    expect(rest).toEqual({
      expiresInSeconds: 600,
      subject: expect.stringMatching(/^p1\.1\./),
      acr: 'eidas1',
      authTimeSeconds: startSeconds - 30,
    })
    const claims = read(accessToken)
    expect(claims).toMatchObject({ iss: members.requester, client_id: 'gateway', exp: startSeconds + 600 })
    const person = personOf(claims)
    expect(person).toMatchObject({ subject: rest.subject, acr: 'eidas1' })
    const login = await authority.stores.logins.find(person?.loginHandle ?? '')
    expect(login).toMatchObject({ member: members.requester })
  })

  it('names the calling system as the client', async () => {
    const system = callBy({ kind: 'system', clientId: 'counter', scopes: ['identity:exchange'] })
    expect(read((await exchange(idToken(mother), system)).accessToken).client_id).toBe('counter')
  })

  it('gives no token that outlives the login', async () => {
    const { accessToken, expiresInSeconds } = await exchange(idToken(mother), gateway, 3600)
    expect(expiresInSeconds).toBe(1800)
    expect(read(accessToken).exp).toBe(startSeconds + 1800)
  })
})
