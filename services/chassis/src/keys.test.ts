import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@unefois/proto/keys'
import { afterAll, describe, expect, it } from 'vitest'
import { readPrivateKey } from './keys.js'

const folder = mkdtempSync(join(tmpdir(), 'unefois-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))
const { publicJwk, privateJwk } = generateKeyPair('sign', 'kid')
const fileWith = (text: string): string => {
  const path = join(folder, 'key.json')
  writeFileSync(path, text)
  return path
}

describe('readPrivateKey', () => {
  it.each<[string, string]>([
    ['a public key', JSON.stringify(publicJwk)],
    ['a key whose halves differ', JSON.stringify({ ...privateJwk, x: generateKeyPair('sign', 'kid').publicJwk.x })],
    ['no JSON', 'secret'],
  ])('refuses %s by the name of its file, and repeats nothing of it', (_, text) => {
    const path = fileWith(text)
    expect(() => readPrivateKey(path)).toThrow(`${path} is not a usable private key`)
    expect(() => readPrivateKey(path)).not.toThrow(/secret/)
  })

  it('refuses a file that is not there by its name', () => {
    expect(() => readPrivateKey(join(folder, 'absent.json'))).toThrow('absent.json')
  })

  it('reads a private key', () => {
    expect(readPrivateKey(fileWith(JSON.stringify(privateJwk)))).toMatchObject({ kid: 'kid', alg: 'EdDSA' })
  })
})
