import { decodeCanonical } from '@unefois/proto/base64url'
import type { Federation } from '@unefois/proto/federation'
import type { IdentityProvider } from '@unefois/proto/federation-list'
import { MeshError } from '@unefois/proto/reasons'
import { parseJsonObject } from '@unefois/proto/strict-json'
import { checkToken } from '@unefois/proto/token'
import { capAcr, type FederatedIdentity, federatedToken } from './domain/federated-token.js'

/** Read before the signature only to know which client id must be the audience; checkToken verifies the same bytes. */
const claimedIssuer = (token: string): string => {
  const { iss } = parseJsonObject(decodeCanonical(token.split('.')[1] ?? ''))
  if (typeof iss !== 'string') throw new MeshError('TOKEN_CLAIMS_INVALID', { facts: { claim: 'iss' } })
  return iss
}

/** Agents are another population: a provider of theirs says nothing about a person of the register. */
const requireProvider = (federation: Federation, issuer: string): IdentityProvider => {
  const provider = federation.identityProvider(issuer)
  if (provider?.population !== 'citizens') throw new MeshError('TOKEN_KEY_UNKNOWN')
  return provider
}

/** The audience is the member's own client, and nobody else: a token for a portal opens nothing at a town hall. */
const requireClient = ({ clients }: IdentityProvider, member: string): string => {
  const client = Object.hasOwn(clients, member) ? clients[member] : undefined
  if (client === undefined) throw new MeshError('TOKEN_AUDIENCE_WRONG')
  return client
}

/**
 * The person in an ID token of a federated provider, made for this member's client, at a level that the federation accepts
 * of that provider. Throws one of the TOKEN_ reasons.
 */
export const verifyFederatedToken = (
  token: string,
  { federation, member, nowSeconds }: { federation: Federation; member: string; nowSeconds: number },
): FederatedIdentity => {
  const provider = requireProvider(federation, claimedIssuer(token))
  const identity = checkToken(token, federatedToken, {
    keyOf: federation.identityProviderKeyOf,
    audience: requireClient(provider, member),
    nowSeconds,
  })
  if (Array.isArray(identity.aud) && identity.aud.length > 1) throw new MeshError('TOKEN_AUDIENCE_WRONG')
  const { iss, sub, acr, auth_time, pivot } = identity
  return { iss, sub, auth_time, pivot, acr: capAcr(acr, provider.maximumAcr) }
}
