import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

/** What the session key of 32 bytes is used for: rows are encrypted, form tokens are authenticated, by derived keys. */
export class SessionSecrets {
  readonly #rowKey: Buffer
  readonly #formKey: Buffer

  constructor(sessionKey: Buffer) {
    const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', sessionKey, Buffer.alloc(0), use, 32))
    this.#rowKey = derive('unefois session row')
    this.#formKey = derive('unefois form token')
  }

  /** AES-256-GCM; `row` binds the ciphertext to the row that holds it. */
  encrypt(text: string, row: Buffer): Buffer {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#rowKey, nonce).setAAD(row)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** The text again; undefined when it was encrypted under another key or for another row. */
  decrypt(sealed: Buffer, row: Buffer): string | undefined {
    try {
      const tag = sealed.subarray(-tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', this.#rowKey, sealed.subarray(0, nonceBytes))
        .setAAD(row)
        .setAuthTag(tag)
      const text = decipher.update(sealed.subarray(nonceBytes, -tagBytes))
      return Buffer.concat([text, decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }

  /** The token that each form of a session carries. */
  formToken(sessionId: string): string {
    return createHmac('sha256', this.#formKey).update(sessionId).digest('base64url')
  }

  isFormToken(given: string, sessionId: string): boolean {
    const [left, right] = [Buffer.from(given), Buffer.from(this.formToken(sessionId))]
    return left.length === right.length && timingSafeEqual(left, right)
  }
}

/** A random value that nobody guesses: 32 bytes, base64url. */
export const randomSecret = (): string => randomBytes(32).toString('base64url')

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
