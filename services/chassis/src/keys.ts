import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { importPrivateKey, type PrivateKey } from '@unefois/proto/keys'

/** Reads one of our own keys, a private JWK in a file that only this service may read. */
export const readPrivateKey = (path: string): PrivateKey => {
  try {
    return importPrivateKey(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new Error(`${path} is not a usable private key: generate it again`, { cause })
  }
}

/** Reads a secret of 32 bytes that encrypts or wraps. */
export const readSecretKey = (path: string): Buffer => {
  const key = readFileSync(path)
  if (key.length !== 32) throw new Error(`${path} has ${key.length} bytes; a key has 32: generate it again`)
  return key
}

/** 32 bytes for one use of this service's own, from a key that it has anyway (HKDF, RFC 5869). */
export const derivedKey = ({ key }: PrivateKey, use: string): Uint8Array => {
  const { d = '' } = key.export({ format: 'jwk' })
  return new Uint8Array(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', `unefois ${use}`, 32))
}
