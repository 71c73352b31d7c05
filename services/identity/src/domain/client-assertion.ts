import type { TokenType } from '@unefois/proto/token'

/** How a system of the agency proves itself (RFC 7523 section 3): issuer and subject are the client, the audience is us. */
export interface ClientAssertion {
  readonly iss: string
  readonly sub: string
  readonly jti: string
}

/** typ client-authentication+jwt (draft-ietf-oauth-rfc7523bis); single use, five minutes at most. */
export const clientAssertion: TokenType<ClientAssertion> = {
  typ: 'client-authentication+jwt',
  maxBytes: 4096,
  algorithms: ['EdDSA', 'ES256'],
  isSingleUse: true,
  expires: 'required',
  maxLifetimeSeconds: 300,
  readClaims: ({ iss, sub, jti }) =>
    typeof iss === 'string' && sub === iss && typeof jti === 'string' ? { iss, sub, jti } : undefined,
}

/** The scopes that a client asks for, or all of its own when it asks for none (RFC 6749 section 3.3). */
export const askedScopes = (
  scope: string,
  registered: readonly string[],
): { readonly granted: readonly string[] } | { readonly refused: string } => {
  const asked = [...new Set(scope.split(' ').filter(Boolean))]
  const refused = asked.find((each) => !registered.includes(each))
  if (refused !== undefined) return { refused }
  return { granted: asked.length === 0 ? registered : asked }
}
