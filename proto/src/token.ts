import { type KeyObject, type SignKeyObjectInput, sign, type VerifyKeyObjectInput, verify } from 'node:crypto'
import { decodeCanonical } from './base64url.js'
import type { PrivateKey, PublicKey, SignatureAlgorithm } from './keys.js'
import { MeshError } from './reasons.js'
import { parseJsonObject } from './strict-json.js'
import {
  type ClaimExpectations,
  type ClaimRules,
  type RegisteredClaims,
  readRegisteredClaims,
  skewOf,
} from './token-claims.js'
import { isSameType, readHeader, type TokenHeader } from './token-header.js'

/**
 * The one verification of every signed token (compact JWS, RFC 7515 and 8725): size and canonical base64url → `typ` →
 * pinned algorithm → key by (iss, kid) → signature → claims → (iss, jti) once for single-use types.
 */
export interface TokenType<C> extends ClaimRules {
  /** Media type in the header; a list, in which null stands for none, only for tokens of the outside world. */
  readonly typ: string | readonly (string | null)[]
  readonly maxBytes: number
  readonly algorithms: readonly SignatureAlgorithm[]
  /** The type's own claims, or undefined when one is missing or malformed. */
  readonly readClaims: (payload: Readonly<Record<string, unknown>>) => C | undefined
}

/** The registered key of an issuer under this kid, of the one use that the token type asks for. */
export type KeyOf = (issuer: string, kid: string) => PublicKey | undefined

export interface ReplayStore {
  /** True the first time (issuer, jti) is seen; remembers it at least until `expiresAtSeconds` (skew included). */
  accept(issuer: string, jti: string, expiresAtSeconds: number): Promise<boolean>
}

export interface TokenExpectations extends ClaimExpectations {
  readonly keyOf: KeyOf
}

/**
 * The claims of a token that is authentic, in time, for this audience and, for a single-use type, new to `replay`.
 * Throws one of the TOKEN_ reasons; TypeError when a single-use type comes without a replay store.
 */
export const verifyToken = async <C>(
  compact: string,
  type: TokenType<C>,
  expected: TokenExpectations & { readonly replay?: ReplayStore },
): Promise<C & RegisteredClaims> => {
  const { replay } = expected
  if (type.isSingleUse && replay === undefined) throw new TypeError('A single-use token type needs a replay store')
  const claims = checkToken(compact, type, expected)
  if (type.isSingleUse) await requireFirstUse(claims, replay, skewOf(expected))
  return claims
}

/**
 * The same verification without the replay store, for callers that record (iss, jti) in their own transaction.
 * Throws one of the TOKEN_ reasons.
 */
export const checkToken = <C>(
  compact: string,
  type: TokenType<C>,
  expected: TokenExpectations,
): C & RegisteredClaims => {
  const [encodedHeader, encodedPayload, encodedSignature] = splitCompact(compact, type.maxBytes)
  const header = readHeader(encodedHeader)
  requireType(header, type)
  const alg = requirePinned(header, type)
  const payload = parseJsonObject(decodeCanonical(encodedPayload))
  const signature = decodeCanonical(encodedSignature)
  const key = requireKey(alg, payload.iss, header.kid, expected.keyOf)
  const signedBytes = Buffer.from(compact.slice(0, encodedHeader.length + 1 + encodedPayload.length), 'latin1')
  if (!isSignedBy(alg, key, signedBytes, signature)) throw new MeshError('TOKEN_SIGNATURE_INVALID')
  const registered = readRegisteredClaims(payload, type, expected)
  const claims = type.readClaims(payload)
  if (claims === undefined) throw new MeshError('TOKEN_CLAIMS_INVALID')
  return { ...registered, ...claims }
}

/** Consumes (iss, jti) of a checked single-use token. Throws TOKEN_REPLAYED. */
export const requireFirstUse = async (
  { iss, jti, exp }: RegisteredClaims,
  replay: ReplayStore | undefined,
  skewSeconds: number,
): Promise<void> => {
  const isFirst = jti !== undefined && exp !== undefined && (await replay?.accept(iss, jti, exp + skewSeconds))
  if (!isFirst) throw new MeshError('TOKEN_REPLAYED')
}

/**
 * A compact JWS of these claims. Throws TypeError for a key or claims that the type itself would refuse, and RangeError
 * above its size: both are mistakes of the caller.
 */
export const signToken = <C>(type: TokenType<C>, claims: C & RegisteredClaims, signer: PrivateKey): string => {
  const { alg, kid, key } = signer
  if (!isPinned(type, alg)) throw new TypeError(`A key for ${alg} cannot sign this token type`)
  const typ = typeof type.typ === 'string' ? type.typ : type.typ.find((each) => each !== null)
  const payload: Record<string, unknown> = Object.fromEntries(Object.entries(claims))
  if (type.readClaims(payload) === undefined) throw new TypeError(`Claims are not those of ${typ}`)
  const signingInput = `${encodeJson({ alg, kid, typ })}.${encodeJson(payload)}`
  const signature = sign(digestOf(alg), Buffer.from(signingInput, 'latin1'), keyInput(alg, key))
  const compact = `${signingInput}.${signature.toString('base64url')}`
  if (compact.length > type.maxBytes) throw new RangeError(`${typ} is larger than ${type.maxBytes} bytes`)
  return compact
}

const encodeJson = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const splitCompact = (compact: string, maxBytes: number): [header: string, payload: string, signature: string] => {
  const first = compact.indexOf('.')
  const second = compact.indexOf('.', first + 1)
  const isCompact = first > 0 && second > first + 1 && second < compact.length - 1
  if (compact.length > maxBytes || !isCompact) throw new MeshError('TOKEN_MALFORMED')
  return [compact.slice(0, first), compact.slice(first + 1, second), compact.slice(second + 1)]
}

const requireType = ({ typ }: TokenHeader, type: TokenType<unknown>): void => {
  const declared = typeof type.typ === 'string' ? [type.typ] : type.typ
  const isDeclared = declared.some((each) => (each === null || typ === null ? each === typ : isSameType(each, typ)))
  if (!isDeclared) throw new MeshError('TOKEN_TYPE_WRONG')
}

const isPinned = (type: TokenType<unknown>, alg: string): alg is SignatureAlgorithm =>
  type.algorithms.some((each) => each === alg)

const requirePinned = ({ alg }: TokenHeader, type: TokenType<unknown>): SignatureAlgorithm => {
  if (!isPinned(type, alg)) throw new MeshError('TOKEN_ALGORITHM_REFUSED')
  return alg
}

const requireKey = (alg: SignatureAlgorithm, issuer: unknown, kid: string, keyOf: KeyOf): KeyObject => {
  const found = typeof issuer === 'string' ? keyOf(issuer, kid) : undefined
  if (found === undefined || found.kid !== kid) throw new MeshError('TOKEN_KEY_UNKNOWN')
  if (found.alg !== alg || found.key.asymmetricKeyType !== keyTypes[alg]) throw new MeshError('TOKEN_ALGORITHM_REFUSED')
  return found.key
}

const isSignedBy = (alg: SignatureAlgorithm, key: KeyObject, signedBytes: Buffer, signature: Buffer): boolean => {
  try {
    return verify(digestOf(alg), signedBytes, keyInput(alg, key), signature)
  } catch {
    return false
  }
}

const keyTypes = { EdDSA: 'ed25519', ES256: 'ec', RS256: 'rsa' } as const
const digestOf = (alg: SignatureAlgorithm): 'sha256' | null => (alg === 'EdDSA' ? null : 'sha256')
const keyInput = (alg: SignatureAlgorithm, key: KeyObject): KeyObject | (SignKeyObjectInput & VerifyKeyObjectInput) =>
  alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key
