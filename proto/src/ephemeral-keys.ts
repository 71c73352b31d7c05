import { generateKeyPairSync } from 'node:crypto'
import { agreeKey } from './ecdh-es.js'
import type { PublicKey } from './keys.js'
import { LruMap } from './lru.js'

interface SealingKey {
  readonly epk: { readonly kty: string; readonly crv: string; readonly x: string }
  readonly key: Buffer
  readonly bornAtSeconds: number
  messages: number
}

/**
 * One ephemeral key per recipient, kept for a short time: RFC 7518 lets a sender use it more than once as long as no
 * nonce comes twice under the key agreed. Nonces are 96 random bits, so 2^24 messages collide with probability 2^-49.
 */
export class EphemeralKeys {
  readonly #maxAgeSeconds: number
  readonly #maxMessages: number
  /** By the registered key itself, not its kid: two members may choose the same kid. */
  readonly #current: LruMap<PublicKey, SealingKey>

  constructor({ maxAgeSeconds = 60, maxMessages = 2 ** 24, maxRecipients = 4096 } = {}) {
    this.#maxAgeSeconds = maxAgeSeconds
    this.#maxMessages = maxMessages
    this.#current = new LruMap(maxRecipients)
  }

  /** The key to seal one message with now. Throws TypeError for a key that nothing can be sealed to. */
  keyFor(recipient: PublicKey, nowSeconds: number): SealingKey {
    const current = this.#current.get(recipient)
    const sealing = current !== undefined && this.#isFresh(current, nowSeconds) ? current : draw(recipient, nowSeconds)
    sealing.messages++
    if (sealing !== current) this.#current.set(recipient, sealing)
    return sealing
  }

  #isFresh({ bornAtSeconds, messages }: SealingKey, nowSeconds: number): boolean {
    const age = nowSeconds - bornAtSeconds
    return age >= 0 && age < this.#maxAgeSeconds && messages < this.#maxMessages
  }
}

const draw = (recipient: PublicKey, nowSeconds: number): SealingKey => {
  if (recipient.alg !== 'ECDH-ES') throw new TypeError(`Nothing can be sealed to a key for ${recipient.alg}`)
  const ephemeral = generateKeyPairSync('x25519')
  const { kty = '', crv = '', x = '' } = ephemeral.publicKey.export({ format: 'jwk' })
  const key = agreeKey(ephemeral.privateKey, recipient.key)
  return { epk: { kty, crv, x }, key, bornAtSeconds: nowSeconds, messages: 0 }
}
