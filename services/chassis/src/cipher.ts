import { createCipheriv, createDecipheriv } from 'node:crypto'
import { freshBytes } from '@unefois/proto/fresh-bytes'

const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM at rest: iv ‖ tag ‖ ciphertext. `context` binds the bytes to their row, so none can be moved to another. */
export const encrypt = (key: Uint8Array, plaintext: Uint8Array, context: string): Buffer => {
  const iv = freshBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context))
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext])
}

/** Opens what `encrypt` made; throws when the key, the context or the bytes are others. */
export const decrypt = (key: Uint8Array, sealed: Buffer, context: string): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()])
}
