import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeyPair, type PrivateJwk, type PublicJwk } from '@unefois/proto/keys'
import { writePrivateFile } from './nats-keys.js'

/** A key pair on disk: the private half in a file of its own, the public half to publish. */
export interface KeptKey {
  readonly path: string
  readonly publicJwk: PublicJwk
}

const publicHalf = ({ d: _, ...publicJwk }: PrivateJwk): PublicJwk => publicJwk

const keep = (path: string, make: () => PrivateJwk): KeptKey => {
  if (!existsSync(path)) writePrivateFile(path, JSON.stringify(make()))
  return { path, publicJwk: publicHalf(JSON.parse(readFileSync(path, 'utf8')) as PrivateJwk) }
}

/** An Ed25519 or X25519 key of this name in a folder, drawn at first use. */
export const keptKey = (folder: string, name: string, purpose: 'sign' | 'seal'): KeptKey =>
  keep(
    join(folder, `${name}.jwk`),
    () => generateKeyPair(purpose, `${name}-${randomBytes(4).toString('hex')}`).privateJwk,
  )

/** A P-256 key for ES256, as identity providers and their clients use. */
export const keptEs256Key = (folder: string, name: string): KeptKey =>
  keep(join(folder, `${name}.jwk`), () => {
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    return { ...jwk, kid: `${name}-${randomBytes(4).toString('hex')}`, alg: 'ES256', use: 'sig' } as PrivateJwk
  })

/** A file of 32 random bytes of this name in a folder, drawn at first use; answers its path. */
export const keptSecret = (folder: string, name: string): string => {
  const path = join(folder, `${name}.key`)
  if (!existsSync(path)) writePrivateFile(path, randomBytes(32))
  return path
}

/** A file with a generated password, drawn at first use; answers path and password. */
export const keptPassword = (folder: string, name: string): { path: string; password: string } => {
  const path = join(folder, `${name}.password`)
  if (!existsSync(path)) writePrivateFile(path, `${randomBytes(24).toString('base64url')}\n`)
  return { path, password: readFileSync(path, 'utf8').trim() }
}
