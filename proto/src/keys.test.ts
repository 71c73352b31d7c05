import { checkPrimeSync, createHash, generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { isRocaModulus } from './weak-keys.js'

const refusal = (field: string) => expect.objectContaining({ reason: 'REQUEST_INVALID', facts: { field } })
const sign = generateKeyPair('sign', 'k1')
const seal = generateKeyPair('seal', 'k2')
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
const publicP256 = { kty: 'EC', crv: 'P-256', x: p256.x, y: p256.y, kid: 'k3' }
const encode = (n: bigint) => {
  const hex = n.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url')
}
const point = (hex: string) => Buffer.from(hex, 'hex').toString('base64url')

/** A prime of the shape that the flawed Infineon library made: k·M + (65537^a mod M), M the product of 126 primes. */
const rocaPrime = (seed: string): bigint => {
  const primes: bigint[] = []
  for (let n = 2n; primes.length < 126; n++) if (primes.every((p) => n % p !== 0n)) primes.push(n)
  const M = primes.reduce((product, p) => product * p, 1n)
  let power = 1n
  for (let a = 0; a < 12345; a++) power = (power * 65537n) % M
  const start = BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`) >> 212n
  let prime = ((1n << 1024n) / M - start) * M + power
  while (!checkPrimeSync(prime)) prime -= M
  return prime
}

describe('registerPublicKey', () => {
  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('refuses a key that carries the private member %s', (d) => {
    expect(() => registerPublicKey({ ...sign.publicJwk, [d]: sign.privateJwk.d })).toThrow(refusal(d))
  })

  it('refuses RSA whose exponent is 1, which lets anyone sign', () => {
    expect(() => registerPublicKey({ ...rsa, e: 'AQ', kid: 'r' })).toThrow(refusal('e'))
  })

  it.each([
    ['3', encode(3n)],
    ['an even one', encode(65538n)],
    ['one too large to verify with cheaply', encode((1n << 32n) + 1n)],
    ['an empty one', ''],
  ])('refuses an RSA exponent: %s', (_, e) => {
    expect(() => registerPublicKey({ ...rsa, e, kid: 'r' })).toThrow(refusal('e'))
  })

  it('refuses RSA below 2048 bits', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
    expect(() => registerPublicKey({ ...short, kid: 'r' })).toThrow(refusal('n'))
  })

  it('refuses a ROCA modulus, which jose accepts', async () => {
    const n = rocaPrime('p') * rocaPrime('q')
    const jwk = { kty: 'RSA', n: encode(n), e: 'AQAB', kid: 'r', alg: 'RS256' }
    await expect(importJWK(jwk, 'RS256')).resolves.toBeDefined()
    expect(isRocaModulus(n)).toBe(true)
    expect(() => registerPublicKey(jwk)).toThrow(refusal('n'))
  })

  it('refuses an even or smooth RSA modulus', () => {
    const n = BigInt(`0x${Buffer.from(rsa.n ?? '', 'base64url').toString('hex')}`)
    expect(() => registerPublicKey({ ...rsa, n: encode(n + 1n), kid: 'r' })).toThrow(refusal('n'))
    expect(() => registerPublicKey({ ...rsa, n: encode(n - (n % 7n)), kid: 'r' })).toThrow(refusal('n'))
  })

  it.each([
    ['y = 1', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['y = 0', '0000000000000000000000000000000000000000000000000000000000000080'],
    ['y = -1', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order 8, negative', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    ['a second spelling of 1', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ])('refuses an Ed25519 point of small order: %s', (_, hex) => {
    expect(() => registerPublicKey({ ...sign.publicJwk, x: point(hex) })).toThrow(refusal('x'))
  })

  it.each([
    ['0', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['order 8, other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['a set top bit', '09000000000000000000000000000000000000000000000000000000000000ff'],
  ])('refuses an X25519 point of small order or second spelling: %s', (_, hex) => {
    expect(() => registerPublicKey({ ...seal.publicJwk, x: point(hex) })).toThrow(refusal('x'))
  })

  it('refuses a P-256 point off the curve', () => {
    expect(() => registerPublicKey({ ...publicP256, y: publicP256.x })).toThrow(refusal('kty'))
  })

  it.each([
    ['no kid', { ...sign.publicJwk, kid: undefined }, 'kid'],
    ['an empty kid', { ...sign.publicJwk, kid: '' }, 'kid'],
    ['a kid with a line feed', { ...sign.publicJwk, kid: 'a\nb' }, 'kid'],
    ['an unknown curve', { ...sign.publicJwk, crv: 'Ed448' }, 'crv'],
    ['a curve of another kty', { ...sign.publicJwk, kty: 'EC' }, 'crv'],
    ['an unknown kty', { kty: 'oct', kid: 'a' }, 'kty'],
    ['a symmetric alg', { ...sign.publicJwk, alg: 'HS256' }, 'alg'],
    ['RSA-PSS', { ...rsa, alg: 'PS256', kid: 'r' }, 'alg'],
    ['key agreement with key wrap', { ...seal.publicJwk, alg: 'ECDH-ES+A256KW' }, 'alg'],
    ['a signing key meant for encryption', { ...sign.publicJwk, use: 'enc' }, 'use'],
    ['a padded coordinate', { ...sign.publicJwk, x: `${sign.publicJwk.x}=` }, 'x'],
    ['a short coordinate', { ...sign.publicJwk, x: 'AAAA' }, 'x'],
    ['a missing coordinate', { ...publicP256, y: undefined }, 'y'],
  ])('refuses %s', (_, jwk, field) => {
    expect(() => registerPublicKey(jwk)).toThrow(refusal(field))
  })

  it.each([
    ['EdDSA', sign.publicJwk],
    ['ECDH-ES', seal.publicJwk],
    ['ES256', publicP256],
    ['RS256', { ...rsa, kid: 'r', use: 'sig', x5t: 'abc' }],
  ])('registers a sound key for %s', (alg, jwk) => {
    expect(registerPublicKey(jwk)).toMatchObject({ alg, kid: jwk.kid })
  })
})

describe('importPrivateKey', () => {
  it('refuses a public half that is not the private key’s own', () => {
    const { x } = generateKeyPair('sign', 'k1').publicJwk
    expect(() => importPrivateKey({ ...sign.privateJwk, x })).toThrow(refusal('x'))
  })

  it('refuses a key without its private part, and RSA', () => {
    expect(() => importPrivateKey(sign.publicJwk)).toThrow(refusal('d'))
    expect(() => importPrivateKey({ ...rsa, kid: 'r' })).toThrow(refusal('kty'))
  })

  it('imports Ed25519, X25519 and P-256', () => {
    expect(importPrivateKey(sign.privateJwk)).toMatchObject({ alg: 'EdDSA', kid: 'k1' })
    expect(importPrivateKey(seal.privateJwk)).toMatchObject({ alg: 'ECDH-ES', kid: 'k2' })
    expect(importPrivateKey({ ...p256, kid: 'k3' })).toMatchObject({ alg: 'ES256', kid: 'k3' })
  })
})

describe('generateKeyPair', () => {
  it('makes JWKs that jose reads too, the public one without the private part', async () => {
    expect(sign.publicJwk).not.toHaveProperty('d')
    await expect(importJWK({ ...sign.privateJwk }, 'EdDSA')).resolves.toBeDefined()
    expect(await calculateJwkThumbprint({ ...seal.publicJwk })).toHaveLength(43)
  })
})
