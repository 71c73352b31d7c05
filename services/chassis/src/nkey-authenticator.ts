import { createPrivateKey, sign } from 'node:crypto'
import { Codec } from '@nats-io/nkeys/lib/codec.js'
import type { Authenticator } from '@nats-io/transport-node'

/** RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 private key. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const block = (creds: string, name: string): string =>
  new RegExp(`-----BEGIN ${name}-----\\s*(\\S+)`).exec(creds)?.[1] ?? ''

/**
 * Proves a `.creds` file to the broker with OpenSSL's Ed25519. The library's own `credsAuthenticator` derives the public key
 * anew, in JavaScript, for each connection: 60 ms, against 0.3 ms here; a hosted node opens a hundred of them.
 */
export const nkeyAuthenticator = (creds: string): Authenticator => {
  const { buf } = Codec.decodeSeed(new TextEncoder().encode(block(creds, 'USER NKEY SEED')))
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, buf]), format: 'der', type: 'pkcs8' })
  const jwt = block(creds, 'NATS USER JWT')
  const { sub: nkey } = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
  return (nonce) => ({ jwt, nkey, sig: sign(null, Buffer.from(nonce ?? ''), key).toString('base64url') })
}
