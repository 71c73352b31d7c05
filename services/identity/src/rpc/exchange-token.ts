import { randomBytes } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import { accessTokenType } from '@unefois/proto/access-token'
import type { ExchangeTokenRequest, ExchangeTokenResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { signToken } from '@unefois/proto/token'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { personClaims } from '../domain/access-token-claims.js'

interface Needs {
  readonly member: MemberId
  readonly clock: Clock
  readonly authority: AuthorityClient
  readonly tokenKey: PrivateKey
  readonly accessTokenSeconds: number
}

const clientOf = (caller: Caller): string => {
  if (caller.kind === 'system') return caller.clientId
  if (caller.kind === 'neighbour') return caller.service
  throw new MeshError('CALLER_NOT_ALLOWED')
}

/** Trades a federated token for an access token of this agency (RFC 8693); the identity authority verifies it. */
export const exchangeToken = (needs: Needs): PlainRpc<ExchangeTokenRequest, ExchangeTokenResponse> => ({
  request: z.object({
    subjectToken: z
      .string()
      .min(1)
      .max(16 * 1024),
    subjectTokenType: z.enum(['urn:ietf:params:oauth:token-type:id_token', 'urn:ietf:params:oauth:token-type:jwt']),
  }),
  handle: async ({ subjectToken }, { caller, deadline }) => {
    const clientId = clientOf(caller)
    const login = await needs.authority().openLogin({ federatedToken: subjectToken }, { deadline })
    const now = nowSeconds(needs.clock)
    const issuing = {
      member: needs.member,
      jti: randomBytes(16).toString('base64url'),
      nowSeconds: now,
      lifetimeSeconds: needs.accessTokenSeconds,
    }
    const claims = personClaims(issuing, clientId, login)
    if (!claims) throw new MeshError('LOGIN_HANDLE_INVALID')
    return {
      accessToken: signToken(accessTokenType, claims, needs.tokenKey),
      expiresInSeconds: claims.exp - now,
      subject: login.subject,
      acr: login.acr,
      authTimeSeconds: login.authTimeSeconds,
    }
  },
})
