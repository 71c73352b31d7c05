import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { PrivateKey } from '@unefois/proto/keys'
import { signToken, type TokenType } from '@unefois/proto/token'
import type { FederatedIdentity } from './domain/federated-token.js'
import { federatedToken } from './domain/federated-token.js'
import { citizenIssuer, keys, startSeconds } from './federation.fixture.js'

export const mother: PivotIdentity = {
  givenName: 'Amélie Rose',
  familyName: "Le Goff-d'Ys",
  birthdate: '1988-03-09',
  gender: 'female',
  birthplace: '29019',
  birthcountry: '99100',
}

/** Alike but for the first given name. */
export const twins: readonly [PivotIdentity, PivotIdentity] = [
  { ...mother, givenName: 'Maël Yann', familyName: 'Kerdoncuff', birthdate: '2016-06-01', gender: 'male' },
  { ...mother, givenName: 'Loïc Yann', familyName: 'Kerdoncuff', birthdate: '2016-06-01', gender: 'male' },
]

export const presumed: PivotIdentity = {
  ...mother,
  familyName: 'Diallo',
  birthdate: '1971-00-00',
  birthplace: '',
  birthcountry: '99330',
}

// Whatever claims a test gives it, so that a wrong token can be signed too.
const anyIdToken: TokenType<Record<string, unknown>> = { ...federatedToken, readClaims: (payload) => ({ ...payload }) }

export const claimsOf = (pivot: PivotIdentity): Record<string, unknown> => ({
  given_name: pivot.givenName,
  family_name: pivot.familyName,
  birthdate: pivot.birthdate,
  gender: pivot.gender,
  birthplace: pivot.birthplace,
  birthcountry: pivot.birthcountry,
})

/** An ID token of the citizens' provider for the requester's client, with these claims changed. */
export const idToken = (
  pivot: PivotIdentity,
  changed: Record<string, unknown> = {},
  signer: PrivateKey = keys.of(citizenIssuer, 'id-token').privateKey,
  type: TokenType<Record<string, unknown>> = anyIdToken,
): string =>
  signToken(
    type,
    {
      iss: citizenIssuer,
      aud: 'requester-client',
      sub: `sub of ${pivot.familyName} ${pivot.givenName}`,
      acr: 'eidas1' satisfies FederatedIdentity['acr'],
      auth_time: startSeconds - 30,
      iat: startSeconds,
      exp: startSeconds + 300,
      ...claimsOf(pivot),
      ...changed,
    },
    signer,
  )

export const idTokenOfType = (typ: string): TokenType<Record<string, unknown>> => ({ ...anyIdToken, typ })
