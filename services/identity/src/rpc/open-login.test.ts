import { generateKeyPairSync } from 'node:crypto'
import type { PrivateKey } from '@unefois/proto/keys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callOf, openAuthority } from '../authority.fixture.js'
import { agentIssuer, citizenIssuer, keys, members, startSeconds } from '../federation.fixture.js'
import { idToken, idTokenOfType, mother, presumed, twins } from '../people.fixture.js'
import { openLogin } from './open-login.js'

const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signerOf = (alg: PrivateKey['alg'], key: PrivateKey['key']): PrivateKey => ({ kid: alg, alg, key })

let authority: AuthorityFixture
const open = (federatedToken: string, member = members.requester) =>
  ask(openLogin(authority), { federatedToken }, callOf(member))

beforeAll(async () => {
  const jwks = [
    { ...foreign.publicKey.export({ format: 'jwk' }), kid: 'ES256' },
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'RS256' },
  ]
  authority = await openAuthority(jwks)
  for (const pivot of [mother, presumed, ...twins])
    await authority.stores.register.register(pivot, authority.clock.nowMs())
})
afterAll(() => authority.postgres.close())

const ofAgents = keys.of(agentIssuer, 'id-token').privateKey
const notOfProvider = keys.of('somebody', 'id-token').privateKey

describe('OpenLogin', () => {
  it.each([
    ['no token', 'not.a.token', 'TOKEN_MALFORMED'],
    ['an issuer that the federation does not have', idToken(mother, { iss: 'https://evil.test' }), 'TOKEN_KEY_UNKNOWN'],
    ['a key that the issuer does not have', idToken(mother, {}, notOfProvider), 'TOKEN_KEY_UNKNOWN'],
    ['the agents’ provider', idToken(mother, { iss: agentIssuer }, ofAgents), 'TOKEN_KEY_UNKNOWN'],
    ['another type of token', idToken(mother, {}, undefined, idTokenOfType('at+jwt')), 'TOKEN_TYPE_WRONG'],
    ['another member’s client', idToken(mother, { aud: 'portal-client' }), 'TOKEN_AUDIENCE_WRONG'],
    ['two audiences', idToken(mother, { aud: ['requester-client', 'portal-client'] }), 'TOKEN_AUDIENCE_WRONG'],
    ['an expired token', idToken(mother, { iat: startSeconds - 900, exp: startSeconds - 600 }), 'TOKEN_EXPIRED'],
    ['a token of the future', idToken(mother, { iat: startSeconds + 120 }), 'TOKEN_NOT_YET_VALID'],
    ['no auth_time', idToken(mother, { auth_time: undefined }), 'TOKEN_CLAIMS_INVALID'],
    ['a login of the future', idToken(mother, { auth_time: startSeconds + 120 }), 'TOKEN_CLAIMS_INVALID'],
    ['no acr', idToken(mother, { acr: undefined }), 'TOKEN_CLAIMS_INVALID'],
    ['an unknown acr', idToken(mother, { acr: 'eidas9' }), 'TOKEN_CLAIMS_INVALID'],
    ['no birthdate', idToken(mother, { birthdate: undefined }), 'TOKEN_CLAIMS_INVALID'],
  ])('refuses %s', async (_, token, reason) => {
    await expect(open(token)).rejects.toMatchObject({ reason })
  })

  it('refuses whoever shares only e-mail and telephone with somebody, and tells apart two who share them', async () => {
    const shared = { aud: 'portal-client', email: 'famille@exemple.test', phone_number: '+33100000000' }
    const subjects = await Promise.all(
      twins.map(async (twin) => (await open(idToken(twin, shared), members.portal)).subject),
    )
    expect(new Set(subjects).size).toBe(2)
    const nobody = open(idToken({ ...mother, familyName: 'Inconnue' }, shared), members.portal)
    await expect(nobody).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it('refuses a token whose signature does not verify', async () => {
    const [header, payload] = idToken(mother).split('.')
    const forged = `${header}.${payload}.${idToken(twins[0]).split('.')[2]}`
    await expect(open(forged)).rejects.toMatchObject({ reason: 'TOKEN_SIGNATURE_INVALID' })
  })

  it('refuses a member that has no client at the provider', async () => {
    await expect(open(idToken(mother), members.stranger)).rejects.toMatchObject({ reason: 'TOKEN_AUDIENCE_WRONG' })
  })

  it('refuses somebody whom the register does not have, or who could be several', async () => {
    await expect(open(idToken({ ...mother, familyName: 'Nobody' }))).rejects.toMatchObject({
      reason: 'SUBJECT_UNKNOWN',
      facts: { match: 'different' },
    })
    for (const pivot of [presumed, { ...twins[0], givenName: 'Maël' }])
      await expect(open(idToken(pivot))).rejects.toMatchObject({
        reason: 'SUBJECT_UNKNOWN',
        facts: { match: 'ask-human' },
      })
  })

  it('opens a login for the asking member, under its own pseudonym', async () => {
    const login = await open(idToken(mother))
    expect(login).toEqual({
      loginHandle: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      subject: expect.stringMatching(/^p1\.1\./),
      acr: 'eidas1',
      authTimeSeconds: startSeconds - 30,
      expiresAtSeconds: startSeconds + authority.loginSeconds,
    })
    const kept = await authority.stores.logins.find(login.loginHandle)
    expect(kept).toMatchObject({ member: members.requester, acr: 'eidas1' })
  })

  it('believes a provider no further than the federation does', async () => {
    expect((await open(idToken(mother, { acr: 'eidas3' }))).acr).toBe('eidas2')
  })

  it('takes tokens signed with ES256 and RS256, without a typ, or with a list of one audience', async () => {
    const { subject } = await open(idToken(mother))
    for (const signer of [signerOf('ES256', foreign.privateKey), signerOf('RS256', rsa.privateKey)])
      expect((await open(idToken(mother, {}, signer))).subject).toBe(subject)
    expect((await open(idToken(mother, { aud: ['requester-client'] }))).subject).toBe(subject)
  })

  it('knows an account again after the name in use has changed', async () => {
    const { subject } = await open(idToken(mother))
    const renamed = idToken(
      { ...mother, familyName: 'Riou' },
      { sub: `sub of ${mother.familyName} ${mother.givenName}` },
    )
    expect((await open(renamed)).subject).toBe(subject)
  })

  it('makes an acquaintance of an agency, and none of the portal or the consent authority', async () => {
    await open(idToken(twins[1], { aud: 'portal-client' }), members.portal)
    await open(idToken(twins[1], { aud: 'consents-client' }), members.consentAuthority)
    const person = await authority.stores.register.personOfLogin(
      citizenIssuer,
      `sub of ${twins[1].familyName} ${twins[1].givenName}`,
    )
    if (!person) throw new Error('a linked login expected')
    expect(await authority.stores.acquaintances.membersOf(person)).toEqual([])
    await open(idToken(twins[1]))
    expect(await authority.stores.acquaintances.membersOf(person)).toEqual([members.requester])
  })
})
