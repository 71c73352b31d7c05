import type { PublicKey } from './keys.js'
import { MeshError } from './reasons.js'
import { type NoteSigner, type NoteVerifier, openNote, signNote } from './signed-note.js'

/** The signed head of an exchange log (C2SP tlog-checkpoint): three lines, then whatever extensions a later version adds. */
export interface Checkpoint {
  /** The log's name, which is also its key's name. */
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

const treeSize = /^(0|[1-9][0-9]{0,15})$/

/** The text of a checkpoint, unsigned. Throws TypeError for a checkpoint that openCheckpoint would refuse. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string => {
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
  if (parseCheckpoint(text)?.origin !== origin) throw new TypeError('Not a checkpoint')
  return text
}

/** The checkpoint as a note signed by the log itself. Throws TypeError when the signer is not the origin. */
export const signCheckpoint = (checkpoint: Checkpoint, signer: NoteSigner): string => {
  if (signer.name !== checkpoint.origin) throw new TypeError('A log signs its own checkpoints')
  return signNote(formatCheckpoint(checkpoint), signer)
}

/** A checkpoint note with the signature of a witness added, who has checked its consistency. Throws TypeError. */
export const cosignCheckpoint = (note: string, witness: NoteSigner): string => signNote(note, witness)

/**
 * A checkpoint that the log `origin` signed with `key`, and the names of the given witnesses that did too. Throws
 * TOKEN_MALFORMED, TOKEN_KEY_UNKNOWN when the log itself did not sign, TOKEN_SIGNATURE_INVALID.
 */
export const openCheckpoint = (
  note: string,
  { origin, key, witnesses = [] }: { origin: string; key: PublicKey; witnesses?: readonly NoteVerifier[] },
): Checkpoint & { readonly witnessedBy: string[] } => {
  const { text, signedBy } = openNote(note, [{ name: origin, key }, ...witnesses])
  if (!signedBy.includes(origin)) throw new MeshError('TOKEN_KEY_UNKNOWN')
  const checkpoint = parseCheckpoint(text)
  if (checkpoint?.origin !== origin) throw new MeshError('TOKEN_MALFORMED')
  return { ...checkpoint, witnessedBy: signedBy.filter((name) => name !== origin) }
}

const parseCheckpoint = (text: string): Checkpoint | undefined => {
  const [origin = '', size = '', base64 = '', ...extensions] = text.split('\n')
  const root = Buffer.from(base64, 'base64')
  const isRoot = root.length === 32 && root.toString('base64') === base64
  const isWhole = origin !== '' && extensions.at(-1) === '' && !extensions.slice(0, -1).includes('')
  if (!isRoot || !isWhole || !treeSize.test(size) || !Number.isSafeInteger(Number(size))) return undefined
  return { origin, size: Number(size), root }
}
