import { describe, expect, it } from 'vitest'
import { accessTokenType } from './access-token.js'
import { EphemeralKeys } from './ephemeral-keys.js'
import type { MemberId } from './ids.js'
import { encryptTo, OpeningKeys } from './jwe.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { openSubjectTicket, subjectTicket } from './subject-ticket.js'
import { checkToken, signToken, type TokenType } from './token.js'

// RFC 8693 `act`: nobody acts for another yet. Whoever reads a person's own data by a token with an actor would see as the
// person what is hidden from helpers, so until a rule says what an actor sees, such a token is none, however well it is signed.

const iat = 1_800_000_000
const act = { sub: 'a-helper' }
type Claims = { readonly iss: string; readonly iat: number }
const pair = (use: 'sign' | 'seal', kid: string) => {
  const { publicJwk, privateJwk } = generateKeyPair(use, kid)
  return { publicJwk, privateKey: importPrivateKey(privateJwk), publicKey: registerPublicKey(publicJwk) }
}
const sign = pair('sign', 'issuer')
const seal = pair('seal', 'provider')
/** The same type, but it signs whatever it is given. */
const signed = (type: object, claims: object): string => {
  const any = { ...type, readClaims: (payload: object) => ({ ...payload }) } as unknown as TokenType<Claims>
  return signToken(any, claims as Claims, sign.privateKey)
}

describe('a token in which somebody acts for a person', () => {
  const subject = `p1.1.${'A'.repeat(22)}`

  it('is no access token, though the same without an actor is one', () => {
    const claims = {
      ...{ iss: 'caf', aud: 'caf', sub: subject, client_id: 'desk', jti: 'x', iat, exp: iat + 60 },
      ...{ acr: 'eidas3', auth_time: iat, lgh: 'handle' },
    }
    const check = (given: object) =>
      checkToken(signed(accessTokenType, given), accessTokenType, {
        audience: 'caf',
        keyOf: () => sign.publicKey,
        nowSeconds: iat,
      })
    expect(check(claims).sub).toBe(subject)
    expect(() => check({ ...claims, act })).toThrowError(expect.objectContaining({ reason: 'TOKEN_CLAIMS_INVALID' }))
  })

  it('is no subject ticket, though the same without an actor is one', () => {
    const claims = {
      ...{ jti: 'x', iss: 'registry', aud: 'provider', requester: 'portal', purpose: 'personal-access', sub: subject },
      ...{ acr: 'eidas3', auth_time: iat, iat, exp: iat + 60 },
    }
    const open = (given: object) =>
      openSubjectTicket(
        encryptTo(seal.publicKey, Buffer.from(signed(subjectTicket, given), 'latin1'), {
          cty: 'JWT',
          ephemerals: new EphemeralKeys(),
          nowSeconds: iat,
        }),
        {
          authority: 'registry' as MemberId,
          audience: 'provider' as MemberId,
          openingKeys: new OpeningKeys([seal.privateKey]),
          keyOf: () => sign.publicKey,
          nowSeconds: iat,
        },
      )
    expect(open(claims).sub).toBe(subject)
    for (const given of [
      { ...claims, act },
      { ...claims, act: null },
    ])
      expect(() => open(given)).toThrowError(expect.objectContaining({ reason: 'TICKET_INVALID' }))
  })
})
