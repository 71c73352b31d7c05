import { createCipheriv, createDecipheriv, createPublicKey, type KeyObject } from 'node:crypto'
import { decodeCanonical } from './base64url.js'
import { agreeKey } from './ecdh-es.js'
import type { EphemeralKeys } from './ephemeral-keys.js'
import { freshBytes } from './fresh-bytes.js'
import type { PrivateKey, PublicKey } from './keys.js'
import { LruMap } from './lru.js'
import { MeshError } from './reasons.js'
import { isJsonObject, parseJsonObject } from './strict-json.js'
import { isSameType } from './token-header.js'

/**
 * Compact JWE (RFC 7516), in the one shape that members use: ECDH-ES direct on X25519 with A256GCM, no apu, apv or zip.
 * It hides; who wrote it is proved by the JWS inside.
 */
const maxHeaderChars = 1024
const nonceBytes = 12
const tagBytes = 16

/** A compact JWE of these bytes that only the recipient opens. `cty` is the media type of the content, `JWT` for a JWS. */
export const encryptTo = (
  recipient: PublicKey,
  plaintext: Uint8Array,
  { cty, ephemerals, nowSeconds }: { cty: string; ephemerals: EphemeralKeys; nowSeconds: number },
): string => {
  const { epk, key } = ephemerals.keyFor(recipient, nowSeconds)
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: recipient.kid, cty, epk }
  const encodedHeader = Buffer.from(JSON.stringify(header)).toString('base64url')
  const nonce = freshBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(encodedHeader, 'latin1'))
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  const parts = [nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return `${encodedHeader}..${parts.join('.')}`
}

interface Opening {
  readonly key: Buffer
  readonly header: Buffer
  readonly cty: string
}

/**
 * Our private seal keys, with the keys already agreed with recent senders: a sender keeps its ephemeral key for up to
 * 60 s, so most messages need no key agreement. Make a new one when our own keys change.
 */
export class OpeningKeys {
  readonly #own: ReadonlyMap<string, KeyObject>
  readonly #agreed: LruMap<string, Opening>

  constructor(own: readonly PrivateKey[], maxAgreed = 4096) {
    const unfit = own.find(({ alg }) => alg !== 'ECDH-ES')
    if (unfit !== undefined) throw new TypeError(`A key for ${unfit.alg} opens nothing`)
    this.#own = new Map(own.map(({ kid, key }) => [kid, key]))
    this.#agreed = new LruMap(maxAgreed)
  }

  recall(encodedHeader: string): Opening | undefined {
    return this.#agreed.get(encodedHeader)
  }

  remember(encodedHeader: string, opening: Opening): void {
    this.#agreed.set(encodedHeader, opening)
  }

  own(kid: unknown): KeyObject {
    const key = typeof kid === 'string' ? this.#own.get(kid) : undefined
    if (key === undefined) throw new MeshError('TOKEN_KEY_UNKNOWN')
    return key
  }
}

/**
 * The bytes in a compact JWE sealed to one of our keys, whose content is of type `cty`. Throws TOKEN_MALFORMED,
 * TOKEN_ALGORITHM_REFUSED, TOKEN_TYPE_WRONG, TOKEN_KEY_UNKNOWN, or TOKEN_SIGNATURE_INVALID when it does not authenticate.
 */
export const decryptWith = (keys: OpeningKeys, compact: string, cty: string): Buffer => {
  const [encodedHeader = '', encryptedKey, nonce = '', ciphertext = '', tag = '', ...rest] = compact.split('.', 6)
  if (encryptedKey !== '' || rest.length > 0 || encodedHeader.length > maxHeaderChars) {
    throw new MeshError('TOKEN_MALFORMED')
  }
  const known = keys.recall(encodedHeader)
  const opening = known ?? agree(keys, encodedHeader)
  if (!isSameType(cty, opening.cty)) throw new MeshError('TOKEN_TYPE_WRONG')
  const plaintext = authenticate(opening, decodeCanonical(nonce), decodeCanonical(ciphertext), decodeCanonical(tag))
  if (known === undefined) keys.remember(encodedHeader, opening)
  return plaintext
}

const agree = (keys: OpeningKeys, encodedHeader: string): Opening => {
  const { alg, enc, kid, cty, epk, ...others } = parseJsonObject(decodeCanonical(encodedHeader))
  if (alg !== 'ECDH-ES' || enc !== 'A256GCM') throw new MeshError('TOKEN_ALGORITHM_REFUSED')
  // Closed, because only members write these: nothing else (crit, zip, apu, jwk…) may steer how we open.
  if (Object.keys(others).some((name) => name !== 'typ') || typeof cty !== 'string')
    throw new MeshError('TOKEN_MALFORMED')
  const own = keys.own(kid)
  try {
    return { key: agreeKey(own, importEphemeral(epk)), header: Buffer.from(encodedHeader, 'latin1'), cty }
  } catch (cause) {
    throw new MeshError('TOKEN_MALFORMED', { cause })
  }
}

const importEphemeral = (epk: unknown): KeyObject => {
  if (!isJsonObject(epk) || epk.kty !== 'OKP' || epk.crv !== 'X25519' || typeof epk.x !== 'string' || 'd' in epk) {
    throw new MeshError('TOKEN_MALFORMED')
  }
  decodeCanonical(epk.x)
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: epk.x }, format: 'jwk' })
}

const authenticate = ({ key, header }: Opening, nonce: Buffer, ciphertext: Buffer, tag: Buffer): Buffer => {
  if (nonce.length !== nonceBytes || tag.length !== tagBytes) throw new MeshError('TOKEN_MALFORMED')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(header)
    decipher.setAuthTag(tag)
    const plaintext = decipher.update(ciphertext)
    decipher.final()
    return plaintext
  } catch (cause) {
    throw new MeshError('TOKEN_SIGNATURE_INVALID', { cause })
  }
}
