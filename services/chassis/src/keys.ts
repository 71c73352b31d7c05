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
