import { randomBytes } from 'node:crypto'
import { batched } from '@unefois/chassis/batch'
import type { Queryable } from '@unefois/chassis/postgres'
import { decrypt, encrypt } from './cipher.js'

const contextOf = (subject: string): string => `subject-key ${subject}`

/** One key for each subject, in a schema that data backups leave out; forgetting it erases all payloads of that subject. */
export class SubjectKeys {
  readonly #keyEncryptionKey: Uint8Array
  readonly #db: Queryable
  readonly #wrapped: (subject: string) => Promise<Buffer>

  constructor(db: Queryable, keyEncryptionKey: Uint8Array) {
    this.#db = db
    this.#keyEncryptionKey = keyEncryptionKey
    this.#wrapped = batched((subjects) => this.#ensure(subjects), { most: 200 })
  }

  /** The subject's key, made at first use. */
  async keyFor(subject: string): Promise<Buffer> {
    return this.unwrap(subject, await this.#wrapped(subject))
  }

  unwrap(subject: string, wrapped: Buffer): Buffer {
    return decrypt(this.#keyEncryptionKey, wrapped, contextOf(subject))
  }

  /** Forgets the key: whatever was encrypted with it can never be read again. */
  async forget(subject: string): Promise<void> {
    await this.#db.query('DELETE FROM documents_keys.subject_key WHERE subject = $1', [subject])
  }

  async #ensure(subjects: string[]): Promise<Buffer[]> {
    const wanted = [...new Set(subjects)].sort()
    const known = await this.#read(wanted)
    const missing = wanted.filter((subject) => !known.has(subject))
    if (missing.length > 0) {
      const fresh = missing.map((subject) => encrypt(this.#keyEncryptionKey, randomBytes(32), contextOf(subject)))
      await this.#db.query(
        `INSERT INTO documents_keys.subject_key (subject, wrapped)
         SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING`,
        [missing, fresh],
      )
      for (const [subject, wrapped] of await this.#read(missing)) known.set(subject, wrapped)
    }
    return subjects.map((subject) => known.get(subject) as Buffer)
  }

  async #read(subjects: string[]): Promise<Map<string, Buffer>> {
    const { rows } = await this.#db.query<{ subject: string; wrapped: Buffer }>({
      name: 'read-subject-keys',
      text: 'SELECT subject, wrapped FROM documents_keys.subject_key WHERE subject = ANY($1)',
      values: [subjects],
    })
    return new Map(rows.map((row) => [row.subject, row.wrapped]))
  }
}
