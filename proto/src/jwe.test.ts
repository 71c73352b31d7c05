import fc from 'fast-check'
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { EphemeralKeys } from './ephemeral-keys.js'
import { decryptWith, encryptTo, OpeningKeys } from './jwe.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { MeshError } from './reasons.js'

const pair = generateKeyPair('seal', 's1')
const recipient = registerPublicKey(pair.publicJwk)
const own = importPrivateKey(pair.privateJwk)
const keys = new OpeningKeys([own])
const ephemerals = new EphemeralKeys()
const nowSeconds = 1_800_000_000
const seal = (text: string, options = {}) =>
  encryptTo(recipient, Buffer.from(text), { cty: 'JWT', ephemerals, nowSeconds, ...options })
const open = (compact: string, openingKeys = keys) => decryptWith(openingKeys, compact, 'JWT').toString()
const reason = (name: string) => expect.objectContaining({ reason: name })
const headerOf = (compact: string) => JSON.parse(Buffer.from(compact.split('.')[0] ?? '', 'base64url').toString())
const withHeader = (change: object): string => {
  const compact = seal('hello')
  const header = Buffer.from(JSON.stringify({ ...headerOf(compact), ...change })).toString('base64url')
  return header + compact.slice(compact.indexOf('.'))
}

describe('decryptWith', () => {
  const { epk } = headerOf(seal('hello'))

  it.each<[string, string, string]>([
    ['nothing', '', 'TOKEN_MALFORMED'],
    ['four parts', 'a..b.c', 'TOKEN_MALFORMED'],
    ['six parts', `${seal('hello')}.AAAA`, 'TOKEN_MALFORMED'],
    ['a wrapped key', seal('hello').replace('..', '.AAAA.'), 'TOKEN_MALFORMED'],
    ['a header larger than 1 kB', withHeader({ typ: 'x'.repeat(1000) }), 'TOKEN_MALFORMED'],
    ['key wrapping', withHeader({ alg: 'ECDH-ES+A256KW' }), 'TOKEN_ALGORITHM_REFUSED'],
    ['a shared secret as key', withHeader({ alg: 'dir' }), 'TOKEN_ALGORITHM_REFUSED'],
    ['a password as key', withHeader({ alg: 'PBES2-HS256+A128KW', p2c: 1e9 }), 'TOKEN_ALGORITHM_REFUSED'],
    ['another cipher', withHeader({ enc: 'A128CBC-HS256' }), 'TOKEN_ALGORITHM_REFUSED'],
    ['compression', withHeader({ zip: 'DEF' }), 'TOKEN_MALFORMED'],
    ['critical parameters', withHeader({ crit: ['exp'] }), 'TOKEN_MALFORMED'],
    ['party info', withHeader({ apu: 'AAAA' }), 'TOKEN_MALFORMED'],
    ['no ephemeral key', withHeader({ epk: undefined }), 'TOKEN_MALFORMED'],
    ['an ephemeral key on another curve', withHeader({ epk: { ...epk, crv: 'X448' } }), 'TOKEN_MALFORMED'],
    ['an ephemeral key with its private part', withHeader({ epk: { ...epk, d: epk.x } }), 'TOKEN_MALFORMED'],
    ['an ephemeral point of small order', withHeader({ epk: { ...epk, x: 'A'.repeat(43) } }), 'TOKEN_MALFORMED'],
    ['an ephemeral key in two spellings', withHeader({ epk: { ...epk, x: `${epk.x}=` } }), 'TOKEN_MALFORMED'],
    ['no content type', withHeader({ cty: undefined }), 'TOKEN_MALFORMED'],
    ['another content type', withHeader({ cty: 'json' }), 'TOKEN_TYPE_WRONG'],
    ['a key that is not ours', withHeader({ kid: 's2' }), 'TOKEN_KEY_UNKNOWN'],
    ['a header that was not the one encrypted under', withHeader({ typ: 'x' }), 'TOKEN_SIGNATURE_INVALID'],
    ['a short tag', seal('hello').replace(/[^.]*$/, 'AAAAAAAAAAA'), 'TOKEN_MALFORMED'],
    ['padding', `${seal('hello')}=`, 'TOKEN_MALFORMED'],
  ])('refuses %s', (_, compact, expected) => {
    expect(() => open(compact)).toThrow(reason(expected))
  })

  it('refuses what was sealed to another key of the same kid', () => {
    const other = new OpeningKeys([importPrivateKey(generateKeyPair('seal', 's1').privateJwk)])
    expect(() => open(seal('hello'), other)).toThrow(reason('TOKEN_SIGNATURE_INVALID'))
  })

  it('refuses every change of one character, the agreed key known or not', () => {
    const compact = seal('hello, this is a message')
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...'AQgw019-_.=x'), fc.boolean(), (at, character, isKnown) => {
        const index = at % compact.length
        fc.pre(compact[index] !== character)
        const changed = compact.slice(0, index) + character + compact.slice(index + 1)
        expect(() => open(changed, isKnown ? keys : new OpeningKeys([own]))).toThrow(MeshError)
      }),
      { numRuns: 500 },
    )
  })

  it('throws nothing but MeshError, whatever it is given', () => {
    const part = fc.base64String().map((text) => text.replace(/=/g, ''))
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(part, part, part, part).map(([a, b, c, d]) => `${a}..${b}.${c}.${d}`),
      fc.record({ epk: fc.jsonValue(), kid: fc.constant('s1') }).map(withHeader),
    )
    fc.assert(
      fc.property(text, (compact) => {
        expect(() => open(compact)).toThrow(MeshError)
      }),
      { numRuns: 300 },
    )
  })

  it('opens what jose encrypts', async () => {
    const compact = await new CompactEncrypt(Buffer.from('from jose'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1', cty: 'JWT' })
      .encrypt(await importJWK({ ...pair.publicJwk }, 'ECDH-ES'))
    expect(open(compact)).toBe('from jose')
    expect(open(compact)).toBe('from jose')
  })

  it('opens with the key that the header names, during a rotation', () => {
    const next = generateKeyPair('seal', 's2')
    const both = new OpeningKeys([own, importPrivateKey(next.privateJwk)])
    const compact = encryptTo(registerPublicKey(next.publicJwk), Buffer.from('b'), {
      cty: 'JWT',
      ephemerals,
      nowSeconds,
    })
    expect([open(seal('a'), both), open(compact, both)]).toEqual(['a', 'b'])
  })
})

describe('encryptTo', () => {
  it('refuses a signing key', () => {
    const signing = registerPublicKey(generateKeyPair('sign', 'k').publicJwk)
    expect(() => encryptTo(signing, Buffer.from(''), { cty: 'JWT', ephemerals, nowSeconds })).toThrow(TypeError)
  })

  it('makes what jose decrypts', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(
      seal('to jose'),
      await importJWK({ ...pair.privateJwk }, 'ECDH-ES'),
    )
    expect(Buffer.from(plaintext).toString()).toBe('to jose')
    expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1', cty: 'JWT' })
  })

  it('round-trips any bytes, empty ones too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const compact = encryptTo(recipient, bytes, { cty: 'JWT', ephemerals, nowSeconds })
        expect(decryptWith(keys, compact, 'JWT')).toEqual(Buffer.from(bytes))
      }),
    )
  })
})

describe('EphemeralKeys', () => {
  const epkAt = (from: EphemeralKeys, seconds: number, to = recipient) =>
    headerOf(encryptTo(to, Buffer.from('x'), { cty: 'JWT', ephemerals: from, nowSeconds: nowSeconds + seconds })).epk.x

  it('keeps a key for less than 60 s, and not when the clock goes back', () => {
    const fresh = new EphemeralKeys()
    const first = epkAt(fresh, 0)
    expect(epkAt(fresh, 59)).toBe(first)
    const second = epkAt(fresh, 60)
    expect(second).not.toBe(first)
    expect(epkAt(fresh, 59)).not.toBe(second)
  })

  it('changes the key after its number of messages', () => {
    const fresh = new EphemeralKeys({ maxMessages: 2 })
    const [a, b, c] = [epkAt(fresh, 0), epkAt(fresh, 0), epkAt(fresh, 0)]
    expect([a === b, b === c]).toEqual([true, false])
  })

  it('never shares a key between two recipients of the same kid', () => {
    const fresh = new EphemeralKeys()
    const namesake = registerPublicKey(generateKeyPair('seal', 's1').publicJwk)
    expect(epkAt(fresh, 0)).not.toBe(epkAt(fresh, 0, namesake))
  })

  it('never repeats a nonce', () => {
    const nonces = Array.from({ length: 1000 }, () => seal('x').split('.')[2])
    expect(new Set(nonces).size).toBe(1000)
  })
})
