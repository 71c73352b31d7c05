import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { importPrivateKey } from '@unefois/proto/keys'
import { signToken, type TokenType } from '@unefois/proto/token'

const idToken: TokenType<Record<string, unknown>> = {
  typ: 'JWT',
  maxBytes: 8192,
  algorithms: ['ES256'],
  isSingleUse: false,
  expires: 'required',
  readClaims: (claims) => ({ ...claims }),
}

/**
 * An ID token as the identity provider would give it to one member's client, signed with the provider's own key: the bench
 * needs many logins and measures none of them.
 */
export const mintedLogin = (places: Places, person: PlannedPerson, member: string): string => {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: places.issuer,
    aud: member,
    sub: `${person.key}-at-${member}`,
    jti: randomUUID(),
    iat,
    exp: iat + 600,
    auth_time: iat,
    acr: person.acr ?? 'eidas1',
    given_name: person.given_name,
    family_name: person.family_name,
    birthdate: person.birthdate,
    gender: person.gender,
    birthplace: person.birthplace,
    birthcountry: person.birthcountry,
  }
  return signToken(idToken, claims, importPrivateKey(JSON.parse(readFileSync(places.providerKey.path, 'utf8'))))
}
