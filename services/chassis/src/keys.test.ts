import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, importPrivateKey } from '@unefois/proto/keys'
import { afterAll, describe, expect, it } from 'vitest'
import { derivedKey, readPrivateKey, readSecretKey } from './keys.js'

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

describe('readSecretKey', () => {
  it.each([31, 33, 0])('refuses %i bytes by the name of the file', (bytes) => {
    const path = fileWith('x'.repeat(bytes))
    expect(() => readSecretKey(path)).toThrow(`${path} has ${bytes} bytes`)
  })

  it('reads 32 bytes', () => {
    expect(readSecretKey(fileWith('x'.repeat(32)))).toEqual(Buffer.alloc(32, 'x'))
  })
})

describe('derivedKey', () => {
  it('is another for each use and each key, and the same again', () => {
    const keys = [1, 2].map(() => importPrivateKey(generateKeyPair('seal', 'kid').privateJwk))
    const derived = keys.flatMap((key) => ['answers', 'other'].map((use) => derivedKey(key, use)))
    expect(derived.map(({ length }) => length)).toEqual([32, 32, 32, 32])
    expect(new Set(derived.map((each) => Buffer.from(each).toString('hex'))).size).toBe(4)
    expect(keys.map((key) => derivedKey(key, 'answers'))).toEqual([derived[0], derived[2]])
  })
})
