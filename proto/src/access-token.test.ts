import { describe, expect, it } from 'vitest'
import { type AccessTokenClaims, accessTokenType, personOf } from './access-token.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { checkToken, signToken } from './token.js'

const now = 1_800_000_000
const system: AccessTokenClaims = {
  iss: 'north',
  aud: 'north',
  sub: 'erp',
  client_id: 'erp',
  jti: 'jti',
  iat: now,
  exp: now + 3600,
  scope: 'read',
}
const person: AccessTokenClaims = {
  ...system,
  sub: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA',
  acr: 'eidas2',
  auth_time: now - 10,
  lgh: 'handle',
}
const { publicJwk, privateJwk } = generateKeyPair('sign', 'k')
const read = (claims: object) => accessTokenType.readClaims({ ...claims })

describe('an access token', () => {
  it.each<[string, object]>([
    ['without a level', { ...person, acr: undefined }],
    ['without the time of the login', { ...person, auth_time: undefined }],
    ['without a login handle', { ...person, lgh: undefined }],
    ['whose subject is no pseudonym', { ...person, sub: 'jeanne' }],
    ['with nothing but a pseudonym', { ...system, sub: person.sub }],
  ])('of half a person (%s) is none, and stands for no system', (_, claims) => {
    expect(read(claims)).toBeUndefined()
  })

  it.each<[string, object]>([
    ['no subject', { ...system, sub: undefined }],
    ['no client', { ...system, client_id: undefined }],
    ['no number', { ...system, jti: undefined }],
    ['an unknown claim', { ...system, email: 'a@b.c' }],
    ['several audiences', { ...system, aud: ['north'] }],
    ['a scope that is a list', { ...system, scope: ['read'] }],
  ])('is none with %s', (_, claims) => {
    expect(read(claims)).toBeUndefined()
  })

  it('is refused by another audience, and after an hour of life', () => {
    const expected = { audience: 'north', nowSeconds: now, keyOf: () => registerPublicKey(publicJwk) }
    const sign = (change: object) => signToken(accessTokenType, { ...system, ...change }, importPrivateKey(privateJwk))
    const check =
      (compact: string, change = {}) =>
      () =>
        checkToken(compact, accessTokenType, { ...expected, ...change })
    expect(check(sign({}), { audience: 'south' })).toThrow(expect.objectContaining({ reason: 'TOKEN_AUDIENCE_WRONG' }))
    expect(check(sign({ exp: now + 3601 }))).toThrow(expect.objectContaining({ reason: 'TOKEN_CLAIMS_INVALID' }))
    expect(check(sign({}))()).toEqual(system)
  })

  it('names a person, or none', () => {
    expect(personOf(system)).toBeUndefined()
    expect(personOf(person)).toEqual({
      subject: person.sub,
      acr: 'eidas2',
      authTimeSeconds: now - 10,
      loginHandle: 'handle',
    })
  })
})
