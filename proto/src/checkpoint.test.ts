import { sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosignCheckpoint, formatCheckpoint, openCheckpoint, signCheckpoint } from './checkpoint.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { MeshError } from './reasons.js'
import { noteKeyId, openNote, signNote } from './signed-note.js'

const origin = 'unefois.example/dgfip/exchange-log'
const party = (name: string) => {
  const { privateJwk, publicJwk } = generateKeyPair('sign', 'k')
  return { signer: { name, key: importPrivateKey(privateJwk) }, verifier: { name, key: registerPublicKey(publicJwk) } }
}
const [log, witness, other] = [party(origin), party('caf'), party(origin)]
const { key } = log.verifier
const checkpoint = { origin, size: 12345, root: Buffer.alloc(32, 7) }
const note = signCheckpoint(checkpoint, log.signer)
const reason = (name: string) => expect.objectContaining({ reason: name })
const signed = (text: string) => {
  const blob = Buffer.concat([noteKeyId(origin, key.key), sign(null, Buffer.from(text), log.signer.key.key)])
  return `${text}\n\u2014 ${origin} ${blob.toString('base64')}\n`
}
const root = checkpoint.root.toString('base64')

describe('openCheckpoint', () => {
  it('refuses a checkpoint that another key signed under the same name', () => {
    expect(() => openCheckpoint(note, { origin, key: other.verifier.key })).toThrow(reason('TOKEN_KEY_UNKNOWN'))
  })

  it('refuses a checkpoint that only a witness signed', () => {
    const alone = signNote(formatCheckpoint(checkpoint), witness.signer)
    expect(() => openCheckpoint(alone, { origin, key, witnesses: [witness.verifier] })).toThrow(
      reason('TOKEN_KEY_UNKNOWN'),
    )
  })

  it('refuses another size under the same signature', () => {
    expect(() => openCheckpoint(note.replace('12345', '12346'), { origin, key })).toThrow(
      reason('TOKEN_SIGNATURE_INVALID'),
    )
  })

  it('refuses a forged signature of a witness it knows', () => {
    const cosigned = cosignCheckpoint(note, witness.signer)
    const forged = `${cosigned.slice(0, -10)}AAAAAAA==\n`
    expect(() => openCheckpoint(forged, { origin, key, witnesses: [witness.verifier] })).toThrow(MeshError)
  })

  it.each([
    ['nothing', ''],
    ['a text without signatures', formatCheckpoint(checkpoint)],
    ['no line feed at the end', note.slice(0, -1)],
    ['a carriage return', note.replace('\n', '\r\n')],
    ['a signature line that is none', `${note}hello\n`],
    ['a signature that is no canonical base64', note.replace(/\n$/, '=\n')],
    ['more than 64 kB', note.replace('\n', `\n${'x'.repeat(70_000)}\n`)],
    ['a size with a leading zero', signed(`${origin}\n012345\n${root}\n`)],
    ['a negative size', signed(`${origin}\n-1\n${root}\n`)],
    ['a size beyond safe integers', signed(`${origin}\n9007199254740993\n${root}\n`)],
    ['a short root', signed(`${origin}\n1\nAAAA\n`)],
    ['a root in another spelling', signed(`${origin}\n1\n${root.replace(/=$/, '')}\n`)],
    ['two lines only', signed(`${origin}\n1\n`)],
    ['an empty extension line', signed(`${origin}\n1\n${root}\n\nmore\n`)],
    ['another log’s name, signed by this one', signed(`other\n1\n${root}\n`)],
  ])('refuses %s', (_, text) => {
    expect(() => openCheckpoint(text, { origin, key })).toThrow(reason('TOKEN_MALFORMED'))
  })

  it('refuses every change of one character that it reads', () => {
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom(...'A9+/=\n —x'), (at, character) => {
        fc.pre(note[at] !== character)
        const changed = note.slice(0, at) + character + note.slice(at + 1)
        expect(() => openCheckpoint(changed, { origin, key })).toThrow(MeshError)
      }),
      { numRuns: 300 },
    )
  })

  it('reads the checkpoint back, with extensions, and names the witnesses it knows', () => {
    expect(openCheckpoint(note, { origin, key })).toEqual({ ...checkpoint, witnessedBy: [] })
    const cosigned = cosignCheckpoint(note, witness.signer)
    expect(openCheckpoint(cosigned, { origin, key })).toEqual({ ...checkpoint, witnessedBy: [] })
    expect(openCheckpoint(cosigned, { origin, key, witnesses: [witness.verifier] }).witnessedBy).toEqual(['caf'])
    expect(openCheckpoint(signed(`${origin}\n0\n${root}\nextension 1\n`), { origin, key }).size).toBe(0)
  })
})

describe('signCheckpoint', () => {
  it('refuses another name than the origin, and what is no checkpoint', () => {
    expect(() => signCheckpoint(checkpoint, witness.signer)).toThrow(TypeError)
    expect(() => formatCheckpoint({ ...checkpoint, size: -1 })).toThrow(TypeError)
    expect(() => formatCheckpoint({ ...checkpoint, root: Buffer.alloc(31) })).toThrow(TypeError)
    expect(() => formatCheckpoint({ ...checkpoint, origin: 'a\nb' })).toThrow(TypeError)
    expect(() => signCheckpoint({ ...checkpoint, origin: 'a b' }, { ...log.signer, name: 'a b' })).toThrow(TypeError)
  })
})

describe('openNote', () => {
  it('verifies the example that Go’s sumdb/note package publishes', () => {
    const name = 'PeterNeumann'
    const encoded = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64')
    const x = encoded.subarray(1).toString('base64url')
    const peter = registerPublicKey({ kty: 'OKP', crv: 'Ed25519', x, kid: 'p' })
    expect(noteKeyId(name, peter.key).toString('hex')).toBe('c74f20a3')
    const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    const signature = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='
    expect(openNote(`${text}\n\u2014 ${name} ${signature}\n`, [{ name, key: peter }])).toEqual({
      text,
      signedBy: [name],
    })
  })
})
