import { createHash } from 'node:crypto'
import { freshBytes } from '@unefois/proto/fresh-bytes'

/** What somebody without an account shows; only its SHA-256 is kept. */
export interface DrawnSecret {
  /** 256 random bits, base64url. */
  readonly secret: string
  readonly sha256: Buffer
}

export const sha256Of = (text: string): Buffer => createHash('sha256').update(text).digest()

export const drawSecret = (): DrawnSecret => {
  const secret = freshBytes(32).toString('base64url')
  return { secret, sha256: sha256Of(secret) }
}
