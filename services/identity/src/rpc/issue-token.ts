import { randomBytes } from 'node:crypto'
import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import { accessTokenType } from '@unefois/proto/access-token'
import type { IssueTokenRequest, IssueTokenResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import type { PrivateKey, PublicKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { type ReplayStore, signToken, verifyToken } from '@unefois/proto/token'
import { z } from 'zod'
import { systemClaims } from '../domain/access-token-claims.js'
import { askedScopes, clientAssertion } from '../domain/client-assertion.js'

/** A system of the agency, with the key it proves itself by. */
export interface Client {
  readonly key: PublicKey
  readonly scopes: readonly string[]
}

interface Needs {
  readonly member: MemberId
  readonly clock: Clock
  readonly clients: ReadonlyMap<string, Client>
  readonly replay: ReplayStore
  readonly tokenKey: PrivateKey
  readonly accessTokenSeconds: number
}

/** Apart from the members' own messages, whose names a client might share. */
const ofClients = (replay: ReplayStore): ReplayStore => ({
  accept: (client, jti, expiresAtSeconds) => replay.accept(`client:${client}`, jti, expiresAtSeconds),
})

/** Gives a system of the agency an access token for its client assertion (RFC 7523). */
export const issueToken = (needs: Needs): PlainRpc<IssueTokenRequest, IssueTokenResponse> => {
  const replay = ofClients(needs.replay)
  const requireClient = (clientId: string): Client => {
    const client = needs.clients.get(clientId)
    if (!client) throw new MeshError('CLIENT_UNKNOWN')
    return client
  }
  return {
    request: z.object({
      clientAssertion: z.string().min(1).max(4096),
      scope: z.string().regex(/^[a-z0-9:_. -]{0,1000}$/, 'not a list of scopes'),
    }),
    handle: async (request) => {
      const now = nowSeconds(needs.clock)
      const { sub: clientId } = await verifyToken(request.clientAssertion, clientAssertion, {
        audience: needs.member,
        nowSeconds: now,
        keyOf: (issuer) => requireClient(issuer).key,
        replay,
      })
      const scopes = askedScopes(request.scope, requireClient(clientId).scopes)
      if ('refused' in scopes)
        throw new MeshError('REQUEST_INVALID', {
          detail: `Scope ${scopes.refused} is not registered for this client.`,
          facts: { field: 'scope', scope: scopes.refused },
        })
      const claims = systemClaims(
        {
          member: needs.member,
          jti: randomBytes(16).toString('base64url'),
          nowSeconds: now,
          lifetimeSeconds: needs.accessTokenSeconds,
        },
        clientId,
        scopes.granted,
      )
      return {
        accessToken: signToken(accessTokenType, claims, needs.tokenKey),
        expiresInSeconds: claims.exp - now,
        scope: claims.scope ?? '',
      }
    },
  }
}
