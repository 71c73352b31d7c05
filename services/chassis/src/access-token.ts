import { type AccessTokenClaims, accessTokenType, personOf } from '@unefois/proto/access-token'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { checkToken } from '@unefois/proto/token'
import type { Caller } from './caller.js'
import { type Clock, nowSeconds } from './clock.js'
import type { FederationCache } from './federation-cache.js'

const mostRemembered = 10_000
const clockSkewSeconds = 60

const callerOf = (claims: AccessTokenClaims): Caller => {
  const person = personOf(claims)
  return person
    ? { kind: 'person', clientId: claims.client_id, ...person }
    : { kind: 'system', clientId: claims.client_id, scopes: (claims.scope ?? '').split(' ').filter(Boolean) }
}

/**
 * Verifies at+jwts of this agency. A token is reusable until `exp`, so its verified claims are remembered until then, or
 * until another federation list (and so perhaps other keys) comes into force.
 */
export const accessTokenVerifier = (
  member: MemberId,
  federation: FederationCache,
  clock: Clock,
): ((token: string) => Caller) => {
  const remembered = new Map<string, { caller: Caller; exp: number }>()
  federation.onChange(() => remembered.clear())
  return (token) => {
    const known = remembered.get(token)
    if (known) {
      if (known.exp + clockSkewSeconds <= nowSeconds(clock)) throw new MeshError('TOKEN_EXPIRED')
      return known.caller
    }
    const claims = checkToken(token, accessTokenType, {
      audience: member,
      nowSeconds: nowSeconds(clock),
      skewSeconds: clockSkewSeconds,
      keyOf: (issuer, kid) => (issuer === member ? federation.current.keyOf('token')(issuer, kid) : undefined),
    })
    const caller = callerOf(claims)
    if (remembered.size >= mostRemembered) remembered.clear()
    remembered.set(token, { caller, exp: claims.exp })
    return caller
  }
}
