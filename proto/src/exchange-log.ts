import { hash } from 'node:crypto'
import { canonicalJson } from './canonical-json.js'
import { merkleLeafHash } from './merkle-tree.js'

/**
 * What one exchange leaves in the exchange log. The record itself stays with the two agencies, encrypted and for a time;
 * the log, which witnesses read and nobody can erase, holds only a salted hash: with the salt gone it says nothing.
 *
 *     entry     = SHA-256(salt ‖ canonical record)     salt: 32 random bytes, new for each record
 *     leaf hash = SHA-256(0x00 ‖ entry)                RFC 6962 §2.1, the entry being the leaf's data
 */
export type ExchangeRecord = Readonly<Record<string, RecordValue | readonly string[] | undefined>>
type RecordValue = string | number | boolean | null

export const saltBytes = 32

/**
 * The canonical JSON (RFC 8785) of a flat record, in UTF-8; a field that is undefined is left out.
 * Throws TypeError for anything nested, a number that is not a safe integer, or text that is not Unicode.
 */
export const recordBytes = (record: ExchangeRecord): Buffer => {
  for (const [name, value] of Object.entries(record)) {
    const parts: readonly unknown[] = Array.isArray(value) ? value : [value]
    const isFlat = parts.every((part) => isText(part) || (!Array.isArray(value) && isPlain(part)))
    if (!isFlat || !isText(name)) throw new TypeError(`The field ${name} cannot stand in an exchange record`)
  }
  return canonicalJson(record)
}

/** The 32-byte log entry of a record. Throws TypeError for a salt of another length. */
export const leafEntry = (salt: Uint8Array, record: Uint8Array): Buffer => {
  if (salt.length !== saltBytes) throw new TypeError(`A salt has ${saltBytes} bytes`)
  return hash('sha256', Buffer.concat([salt, record]), 'buffer')
}

/** The Merkle leaf hash of a record under its salt. Throws TypeError for a salt of another length. */
export const leafHash = (salt: Uint8Array, record: Uint8Array): Buffer => merkleLeafHash(leafEntry(salt, record))

const loneSurrogate = /\p{Surrogate}/u
const isText = (value: unknown): value is string => typeof value === 'string' && !loneSurrogate.test(value)
const isPlain = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'boolean' || Number.isSafeInteger(value)
