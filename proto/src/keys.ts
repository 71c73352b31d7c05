import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeCanonical } from './base64url.js'
import { MeshError } from './reasons.js'
import { isUnfitPoint, unfitRsaMember } from './weak-keys.js'

export type SignatureAlgorithm = 'EdDSA' | 'ES256' | 'RS256'
export type Algorithm = SignatureAlgorithm | 'ECDH-ES'

/** A key of somebody else that passed registerPublicKey: one kid, one algorithm. */
export interface PublicKey {
  readonly kid: string
  readonly alg: Algorithm
  readonly key: KeyObject
}

/** A key of our own: signs (EdDSA, ES256) or opens what is sealed to us (ECDH-ES). */
export interface PrivateKey {
  readonly kid: string
  readonly alg: Algorithm
  readonly key: KeyObject
}

/** JSON Web Key (RFC 7517; RFC 8037 for the OKP curves) as we publish it. */
export interface PublicJwk {
  readonly kty: string
  readonly kid: string
  readonly alg: Algorithm
  readonly use: 'sig' | 'enc'
  readonly crv: string
  readonly x: string
  readonly y?: string
}
export type PrivateJwk = PublicJwk & { readonly d: string }

interface Kind {
  readonly alg: Algorithm
  readonly use: 'sig' | 'enc'
  /** The base64url members that make up the public key. */
  readonly members: readonly string[]
}

const kinds = new Map<string, Kind>([
  ['OKP Ed25519', { alg: 'EdDSA', use: 'sig', members: ['x'] }],
  ['OKP X25519', { alg: 'ECDH-ES', use: 'enc', members: ['x'] }],
  ['EC P-256', { alg: 'ES256', use: 'sig', members: ['x', 'y'] }],
  // For identity providers of the outside world only; no member signs with RSA.
  ['RSA', { alg: 'RS256', use: 'sig', members: ['n', 'e'] }],
])
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const visibleAscii = /^[\x21-\x7e]{1,128}$/

const refused = (field: string, cause?: unknown) =>
  new MeshError('REQUEST_INVALID', { detail: `Key refused: ${field}.`, cause, facts: { field } })

/**
 * A JWK (Ed25519, X25519, P-256, or RSA of an identity provider) as a key to verify with or seal to.
 * Refuses private parts, weak or malformed keys, and an `alg` or `use` that is not the kind's own.
 * Throws REQUEST_INVALID with the JWK member as fact `field`.
 */
export const registerPublicKey = (jwk: object): PublicKey => {
  const given: Record<string, unknown> = { ...jwk }
  const leaked = privateMembers.find((member) => member in given)
  if (leaked !== undefined) throw refused(leaked)
  return { ...requireKind(given), key: importJwk(given, createPublicKey) }
}

/**
 * Our own private JWK (Ed25519, X25519 or P-256) with its public half intact.
 * Throws REQUEST_INVALID with the JWK member as fact `field`.
 */
export const importPrivateKey = (jwk: object): PrivateKey => {
  const given: Record<string, unknown> = { ...jwk }
  if (given.kty === 'RSA') throw refused('kty')
  const kind = requireKind(given)
  requireBytes(given, 'd')
  const key = importJwk(given, createPrivateKey)
  // Node derives an OKP public half from `d` and never looks at `x`.
  const derived = createPublicKey(key).export({ format: 'jwk' })
  if (derived.x !== given.x || derived.y !== given.y) throw refused('x')
  return { ...kind, key }
}

/** A fresh Ed25519 key pair to sign with or X25519 key pair to be sealed to. */
export const generateKeyPair = (
  purpose: 'sign' | 'seal',
  kid: string,
): { publicJwk: PublicJwk; privateJwk: PrivateJwk } => {
  const { privateKey } = purpose === 'sign' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
  const { kty = '', crv = '', x = '', d = '' } = privateKey.export({ format: 'jwk' })
  const kind = purpose === 'sign' ? ({ alg: 'EdDSA', use: 'sig' } as const) : ({ alg: 'ECDH-ES', use: 'enc' } as const)
  const publicJwk: PublicJwk = { kty, crv, kid, ...kind, x }
  return { publicJwk, privateJwk: { ...publicJwk, d } }
}

const requireKind = (jwk: Record<string, unknown>): { kid: string; alg: Algorithm } => {
  const { kid, kty, crv, alg, use } = jwk
  if (typeof kid !== 'string' || !visibleAscii.test(kid)) throw refused('kid')
  const kind = kinds.get(crv === undefined ? `${kty}` : `${kty} ${crv}`)
  if (kind === undefined) throw refused(crv === undefined ? 'kty' : 'crv')
  if (alg !== undefined && alg !== kind.alg) throw refused('alg')
  if (use !== undefined && use !== kind.use) throw refused('use')
  for (const member of kind.members) requireBytes(jwk, member)
  requireStrong(jwk)
  return { kid, alg: kind.alg }
}

const requireBytes = (jwk: Record<string, unknown>, member: string): Buffer => {
  const text = jwk[member]
  try {
    const bytes = decodeCanonical(typeof text === 'string' ? text : '=')
    if (jwk.kty === 'RSA' || bytes.length === 32) return bytes
  } catch {}
  throw refused(member)
}

const requireStrong = (jwk: Record<string, unknown>): void => {
  const { kty, crv } = jwk
  if ((crv === 'Ed25519' || crv === 'X25519') && isUnfitPoint(crv, requireBytes(jwk, 'x'))) throw refused('x')
  if (kty !== 'RSA') return
  const number = (member: string) => BigInt(`0x0${requireBytes(jwk, member).toString('hex')}`)
  const unfit = unfitRsaMember(number('n'), number('e'))
  if (unfit !== undefined) throw refused(unfit)
}

const importJwk = (
  jwk: Record<string, unknown>,
  create: (input: { key: Record<string, unknown>; format: 'jwk' }) => KeyObject,
): KeyObject => {
  try {
    return create({ key: jwk, format: 'jwk' })
  } catch (cause) {
    throw refused('kty', cause)
  }
}
