import { decodeCanonical } from './base64url.js'
import { MeshError } from './reasons.js'
import { parseJsonObject } from './strict-json.js'

/** The protected header of a JWS (RFC 7515 §4), reduced to what may steer a verification. */
export interface TokenHeader {
  readonly alg: string
  readonly kid: string
  readonly typ: string | null
}

const maxHeaderChars = 2048
/** Parameters that would change what is verified, or let the token bring its own key. */
const refusedParameters = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c', 'enc', 'zip', 'epk']

/** The header in this base64url text. Throws TOKEN_MALFORMED, TOKEN_ALGORITHM_REFUSED (no alg) or TOKEN_KEY_UNKNOWN (no kid). */
export const readHeader = (encoded: string): TokenHeader => {
  if (encoded.length > maxHeaderChars) throw new MeshError('TOKEN_MALFORMED')
  const header = parseJsonObject(decodeCanonical(encoded))
  if (refusedParameters.some((name) => name in header)) throw new MeshError('TOKEN_MALFORMED')
  const { alg, kid, typ = null } = header
  if (typ !== null && typeof typ !== 'string') throw new MeshError('TOKEN_TYPE_WRONG')
  if (typeof alg !== 'string') throw new MeshError('TOKEN_ALGORITHM_REFUSED')
  if (typeof kid !== 'string' || kid === '') throw new MeshError('TOKEN_KEY_UNKNOWN')
  return { alg, kid, typ }
}

/** Whether two media types are the same, `application/` left out or not and in any case (RFC 7515 §4.1.9). */
export const isSameType = (declared: string, given: string): boolean => shorten(declared) === shorten(given)

const shorten = (typ: string): string => {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') && lower.indexOf('/', 12) === -1 ? lower.slice(12) : lower
}
