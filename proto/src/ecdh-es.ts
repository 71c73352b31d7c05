import { createHash, diffieHellman, type KeyObject } from 'node:crypto'

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
/** OtherInfo of RFC 7518 §4.6.2: enc A256GCM by name, empty apu and apv, 256 bits. */
const otherInfo = Buffer.concat([uint32(7), Buffer.from('A256GCM'), uint32(0), uint32(0), uint32(256)])

/** The A256GCM key that two X25519 keys agree on (ECDH-ES direct, RFC 7518 §4.6). Throws on a point of small order. */
export const agreeKey = (privateKey: KeyObject, publicKey: KeyObject): Buffer =>
  createHash('sha256').update(uint32(1)).update(diffieHellman({ privateKey, publicKey })).update(otherInfo).digest()
