import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { PrivateKey, PublicKey } from './keys.js'
import { MeshError } from './reasons.js'

/**
 * Signed notes (C2SP signed-note): a text, an empty line, and one line per signature,
 * `— <name> base64(key id ‖ signature)`. Signatures of unknown keys are passed over, so witnesses may add theirs.
 */
export interface NoteSigner {
  /** Not empty, without spaces or plus signs. */
  readonly name: string
  readonly key: PrivateKey
}
export interface NoteVerifier {
  readonly name: string
  readonly key: PublicKey
}

const ed25519Type = 0x01
const maxNoteChars = 64 * 1024
const maxSignatures = 100
const signatureLine = /^\u2014 ([^\s+]{1,200}) ([A-Za-z0-9+/]+={0,2})$/u
const noteName = /^[^\s+]{1,200}$/u
const controlCharacter = /(?!\n)\p{Cc}|\p{Surrogate}/u

/** The note with one more signature; a bare text, which ends in a line feed, becomes a note. Throws TypeError. */
export const signNote = (textOrNote: string, { name, key }: NoteSigner): string => {
  if (key.alg !== 'EdDSA' || !noteName.test(name)) throw new TypeError('A note is signed by a name with an Ed25519 key')
  const end = textOrNote.lastIndexOf('\n\n')
  const text = end === -1 ? textOrNote : textOrNote.slice(0, end + 1)
  if (!text.endsWith('\n') || text === '\n' || controlCharacter.test(text))
    throw new TypeError('Not the text of a note')
  const signature = sign(null, Buffer.from(text), key.key)
  const blob = Buffer.concat([noteKeyId(name, key.key), signature]).toString('base64')
  return `${end === -1 ? `${text}\n` : textOrNote}\u2014 ${name} ${blob}\n`
}

/**
 * The text of a note and the names among the verifiers that signed it. Throws TOKEN_MALFORMED, TOKEN_SIGNATURE_INVALID
 * when a known key's signature does not verify, or TOKEN_KEY_UNKNOWN when no known key signed.
 */
export const openNote = (note: string, verifiers: readonly NoteVerifier[]): { text: string; signedBy: string[] } => {
  const end = note.lastIndexOf('\n\n')
  const isNote = note.length <= maxNoteChars && end > 0 && note.endsWith('\n') && !controlCharacter.test(note)
  const lines = note.slice(end + 2, -1).split('\n')
  if (!isNote || lines.length > maxSignatures) throw new MeshError('TOKEN_MALFORMED')
  const text = note.slice(0, end + 1)
  const known = verifiers.map(({ name, key }) => ({ name, key: key.key, id: noteKeyId(name, key.key) }))
  const signedBy = new Set<string>()
  for (const { name, id, signature } of lines.map(readSignature)) {
    const verifier = known.find((each) => each.name === name && each.id.equals(id))
    if (verifier === undefined) continue
    if (!verify(null, Buffer.from(text), verifier.key, signature)) throw new MeshError('TOKEN_SIGNATURE_INVALID')
    signedBy.add(name)
  }
  if (signedBy.size === 0) throw new MeshError('TOKEN_KEY_UNKNOWN')
  return { text, signedBy: [...signedBy] }
}

/** The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ Ed25519 public key), from a public or private key. */
export const noteKeyId = (name: string, key: KeyObject): Buffer => {
  const { x = '' } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  const digest = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(ed25519Type)).update(x, 'base64url')
  return digest.digest().subarray(0, 4)
}

const readSignature = (line: string): { name: string; id: Buffer; signature: Buffer } => {
  const [, name, base64] = signatureLine.exec(line) ?? []
  const blob = Buffer.from(base64 ?? '', 'base64')
  const isCanonical = blob.length > 4 && blob.toString('base64') === base64
  if (name === undefined || !isCanonical) throw new MeshError('TOKEN_MALFORMED')
  return { name, id: blob.subarray(0, 4), signature: blob.subarray(4) }
}
