import { createHash, randomBytes } from 'node:crypto'
import { batched } from '@unefois/chassis/batch'
import type { Queryable } from '@unefois/chassis/postgres'
import { decrypt, encrypt } from './cipher.js'

const contextOf = (subject: string): string => `subject-key ${subject}`

const markBytes = 8
/** Tells the keys of one subject apart without telling anything of them: they are 256 random bits. */
const markOf = (key: Uint8Array): Buffer => createHash('sha256').update(key).digest().subarray(0, markBytes)

/** A payload of a subject at rest: mark of the key ‖ what `encrypt` makes. */
export const sealPayload = (key: Uint8Array, plaintext: Uint8Array, context: string): Buffer =>
  Buffer.concat([markOf(key), encrypt(key, plaintext, context)])

/**
 * Opens a payload; undefined when the key that it was sealed with has been forgotten, though the subject may have another
 * one by now. Throws when the bytes or the context are others.
 */
export const openPayload = (key: Uint8Array, payload: Buffer, context: string): Buffer | undefined =>
  payload.subarray(0, markBytes).equals(markOf(key)) ? decrypt(key, payload.subarray(markBytes), context) : undefined

/** One key for each subject, in a schema that data backups leave out; forgetting it erases all payloads of that subject. */
export class SubjectKeys {
  readonly #keyEncryptionKey: Uint8Array
  readonly #db: Queryable
  readonly #wrapped: (subject: string) => Promise<Buffer>

  constructor(db: Queryable, keyEncryptionKey: Uint8Array) {
    this.#db = db
    this.#keyEncryptionKey = keyEncryptionKey
    this.#wrapped = batched((subjects) => this.#ensure(db, subjects), { most: 200 })
  }

  /** The subject's key, made at first use. */
  async keyFor(subject: string): Promise<Buffer> {
    return this.unwrap(subject, await this.#wrapped(subject))
  }

  /** The same within a transaction, which must not wait for a second connection while it holds one. */
  async keyWithin(tx: Queryable, subject: string): Promise<Buffer> {
    const [wrapped] = await this.#ensure(tx, [subject])
    return this.unwrap(subject, wrapped as Buffer)
  }

  unwrap(subject: string, wrapped: Buffer): Buffer {
    return decrypt(this.#keyEncryptionKey, wrapped, contextOf(subject))
  }

  /** Forgets the key: whatever was encrypted with it can never be read again. */
  async forget(subject: string): Promise<void> {
    await this.#db.query('DELETE FROM documents_keys.subject_key WHERE subject = $1', [subject])
  }

  async #ensure(db: Queryable, subjects: string[]): Promise<Buffer[]> {
    const wanted = [...new Set(subjects)].sort()
    const known = new Map<string, Buffer>()
    const read = await db.query<{ subject: string; wrapped: Buffer }>({
      name: 'read-subject-keys',
      text: 'SELECT subject, wrapped FROM documents_keys.subject_key WHERE subject = ANY($1)',
      values: [wanted],
    })
    for (const { subject, wrapped } of read.rows) known.set(subject, wrapped)
    const missing = wanted.filter((subject) => !known.has(subject))
    if (missing.length > 0) {
      const fresh = missing.map((subject) => encrypt(this.#keyEncryptionKey, randomBytes(32), contextOf(subject)))
      // The update changes nothing: it answers the row of whoever came first.
      const made = await db.query<{ subject: string; wrapped: Buffer }>(
        `INSERT INTO documents_keys.subject_key AS known (subject, wrapped)
         SELECT * FROM unnest($1::text[], $2::bytea[])
         ON CONFLICT (subject) DO UPDATE SET wrapped = known.wrapped RETURNING subject, wrapped`,
        [missing, fresh],
      )
      for (const { subject, wrapped } of made.rows) known.set(subject, wrapped)
    }
    return subjects.map((subject) => known.get(subject) as Buffer)
  }
}
