import type { AccessTokenClaims } from '@unefois/proto/access-token'
import type { MemberId } from '@unefois/proto/ids'

/** What every access token of this agency has; instants in seconds. */
export interface Issuing {
  readonly member: MemberId
  readonly jti: string
  readonly nowSeconds: number
  readonly lifetimeSeconds: number
}

/** A person's login as the identity authority opened it. */
export interface OpenedLogin {
  readonly loginHandle: string
  readonly subject: string
  readonly acr: string
  readonly authTimeSeconds: number
  readonly expiresAtSeconds: number
}

const registered = (
  { member, jti, nowSeconds, lifetimeSeconds }: Issuing,
  notAfterSeconds = Number.MAX_SAFE_INTEGER,
) => ({
  iss: member,
  aud: member,
  jti,
  iat: nowSeconds,
  exp: Math.min(nowSeconds + lifetimeSeconds, notAfterSeconds),
})

/** For a system: its subject is the client (RFC 9068 section 2.2). */
export const systemClaims = (issuing: Issuing, clientId: string, scopes: readonly string[]): AccessTokenClaims => ({
  ...registered(issuing),
  sub: clientId,
  client_id: clientId,
  ...(scopes.length > 0 && { scope: scopes.join(' ') }),
})

/** For a person; undefined when the login has already ended, because a token never outlives it. */
export const personClaims = (issuing: Issuing, clientId: string, login: OpenedLogin): AccessTokenClaims | undefined =>
  login.expiresAtSeconds <= issuing.nowSeconds
    ? undefined
    : {
        ...registered(issuing, login.expiresAtSeconds),
        sub: login.subject,
        client_id: clientId,
        acr: login.acr,
        auth_time: login.authTimeSeconds,
        lgh: login.loginHandle,
      }
