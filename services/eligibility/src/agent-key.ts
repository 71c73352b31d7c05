import { createHash } from 'node:crypto'
import { registerPublicKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { parseJsonObject } from '@unefois/proto/strict-json'

/** The public Ed25519 key of an agent, as it is kept and shown. */
export interface AgentKey {
  /** RFC 7638 thumbprint, base64url. */
  readonly thumbprint: string
  /** JWK (RFC 8037) of which the thumbprint is the kid. */
  readonly jwkJson: string
}

const thumbprintOf = (x: string): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')

/** Reads a JWK; undefined for what is no public Ed25519 key: another kind, a weak point, a private part. */
export const readAgentKey = (json: string): AgentKey | undefined => {
  try {
    const given = parseJsonObject(Buffer.from(json, 'utf8'))
    const { kty, crv, x } = given
    if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') return undefined
    const thumbprint = thumbprintOf(x)
    // Registered with all that was given, so that a private part is seen and refused.
    registerPublicKey({ ...given, kid: thumbprint })
    return { thumbprint, jwkJson: JSON.stringify({ kty, crv, alg: 'EdDSA', use: 'sig', kid: thumbprint, x }) }
  } catch (error) {
    if (error instanceof MeshError) return undefined
    throw error
  }
}
