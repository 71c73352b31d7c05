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
import { askedKeys, foldName, heldKeys, normalisePivot, pivotKey } from './domain/normal-form.js'
import type { PersonId } from './domain/person.js'
import type { QuestionId } from './domain/question.js'

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

  /** A pivot identity encrypted for this row only: a person's or a question's. */
  encrypt(row: PersonId | QuestionId, pivot: PivotIdentity): Buffer {
    return this.#seal(row, PivotIdentity.encode(pivot).finish())
  }

  /** The pivot identity of this row. Throws when the bytes are another row's, or were changed. */
  decrypt(row: PersonId | QuestionId, bytes: Buffer): PivotIdentity {
    return PivotIdentity.decode(this.#open(row, bytes))
  }

  /** Why a human decided so, encrypted for this row only: a question's or a change's. */
  encryptText(row: string, text: string): Buffer {
    return this.#seal(`why ${row}`, Buffer.from(text))
  }

  /** Throws as decrypt. */
  decryptText(row: string, bytes: Buffer): string {
    return this.#open(`why ${row}`, bytes).toString()
  }

  /** Equal for pivots that are equal after normalisation. */
  pivotIndex(pivot: PivotIdentity): Buffer {
    return this.#index('pivot', pivotKey(normalisePivot(pivot)))
  }

  /** In the place of the pivot index of an entry that is retired; no pivot has it. */
  retiredIndex(person: PersonId): Buffer {
    return this.#index('retired', person)
  }

  /** All by which a registered pivot is found. */
  heldIndexes(pivot: PivotIdentity): Buffer[] {
    return heldKeys(normalisePivot(pivot)).map((key) => this.#index('candidate key', key))
  }

  /** All under which somebody could be registered who is meant by this pivot. */
  askedIndexes(pivot: PivotIdentity): Buffer[] {
    return askedKeys(normalisePivot(pivot)).map((key) => this.#index('candidate key', key))
  }

  /** As the version before looks people up. */
  candidateIndex(pivot: PivotIdentity): Buffer {
    const { birthName, birthdate } = normalisePivot(pivot)
    return this.#index('candidate', JSON.stringify([birthName, birthdate]))
  }

  /** Of an account at an identity provider. */
  loginIndex(issuer: string, sub: string): Buffer {
    return this.#index('login', JSON.stringify([issuer, sub]))
  }

  /** Of what a member asked a human about. */
  questionIndex(pivot: PivotIdentity): Buffer {
    return this.#index('question', pivotKey(normalisePivot(pivot)) + foldName(pivot.preferredUsername ?? ''))
  }

  /** What a member is told in the place of a protection's id, as no other member is. */
  protectionMark(protectionId: string, member: string): string {
    return this.#index('protection', JSON.stringify([protectionId, member]))
      .subarray(0, 16)
      .toString('base64url')
  }

  #seal(row: string, plaintext: Uint8Array): Buffer {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(cipherName, this.#pivotKey, nonce, { authTagLength: tagBytes })
    cipher.setAAD(Buffer.from(row))
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  }

  #open(row: string, bytes: Buffer): Buffer {
    const options = { authTagLength: tagBytes }
    const decipher = createDecipheriv(cipherName, this.#pivotKey, bytes.subarray(0, nonceBytes), options)
    decipher.setAAD(Buffer.from(row))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
  }

  #index(kind: string, text: string): Buffer {
    return createHmac('sha256', this.#indexKey).update(`${kind}\n${text}`).digest()
  }
}
