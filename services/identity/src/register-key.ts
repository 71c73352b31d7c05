import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { candidateKey, normalisePivot, pivotKey } from './domain/matching.js'
import type { PersonId } from './domain/person.js'

const cipherName = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** The key of the register at rest: pivot identities are encrypted, and looked up by keyed hashes of their normal form. */
export class RegisterKey {
  readonly #pivotKey: KeyObject
  readonly #indexKey: KeyObject

  /** Throws RangeError for a key that has not 32 bytes. */
  constructor(key: Buffer) {
    if (key.length !== 32) throw new RangeError('The register key has 32 bytes')
    const derive = (use: string) => createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), use, 32)))
    this.#pivotKey = derive('pivot identity')
    this.#indexKey = derive('blind index')
  }

  /** A pivot identity encrypted for this person's row only. */
  encrypt(person: PersonId, pivot: PivotIdentity): Buffer {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(cipherName, this.#pivotKey, nonce, { authTagLength: tagBytes })
    cipher.setAAD(Buffer.from(person))
    const ciphertext = Buffer.concat([cipher.update(PivotIdentity.encode(pivot).finish()), cipher.final()])
    return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()])
  }

  /** The pivot identity of this person's row. Throws when the bytes are another row's, or were changed. */
  decrypt(person: PersonId, bytes: Buffer): PivotIdentity {
    const decipher = createDecipheriv(cipherName, this.#pivotKey, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(Buffer.from(person))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
    return PivotIdentity.decode(plaintext)
  }

  /** Equal for pivots that are equal after normalisation. */
  pivotIndex(pivot: PivotIdentity): Buffer {
    return this.#index('pivot', pivotKey(normalisePivot(pivot)))
  }

  /** Equal for pivots that could be the same person. */
  candidateIndex(pivot: PivotIdentity): Buffer {
    return this.#index('candidate', candidateKey(normalisePivot(pivot)))
  }

  /** Of an account at an identity provider. */
  loginIndex(issuer: string, sub: string): Buffer {
    return this.#index('login', JSON.stringify([issuer, sub]))
  }

  #index(kind: string, text: string): Buffer {
    return createHmac('sha256', this.#indexKey).update(`${kind}\n${text}`).digest()
  }
}
