import { createHash, randomBytes } from 'node:crypto'
import { batched } from '@unefois/chassis/batch'
import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { Queryable } from '@unefois/chassis/postgres'

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

/** A subject's key, with the pseudonym under which it stands. */
export interface SubjectKey {
  readonly subject: string
  readonly key: Buffer
}

/** SQLSTATE of a row that was made for a pseudonym which has changed meanwhile. */
const pseudonymChanged = 'UF002'
export const isPseudonymChange = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: string }).code === pseudonymChanged

/** Who is meant by `$1`: for now, which the insert of what is encrypted will ask again; or until the transaction ends. */
const resolved = {
  standing: `SELECT given, COALESCE(known.subject, given) AS subject
             FROM unnest($1::text[]) AS names (given) LEFT JOIN subject_alias AS known ON known.alias = given`,
  held: 'SELECT given, hold_subject(given) AS subject FROM unnest($1::text[]) AS names (given)',
} as const

/** One key for each subject, in a schema that data backups leave out; forgetting it erases all payloads of that subject. */
export class SubjectKeys {
  readonly #keyEncryptionKey: Uint8Array
  readonly #db: Queryable
  readonly #wrapped: (subject: string) => Promise<WrappedKey>

  constructor(db: Queryable, keyEncryptionKey: Uint8Array) {
    this.#db = db
    this.#keyEncryptionKey = keyEncryptionKey
    this.#wrapped = batched((subjects) => this.#ensureAnew(db, subjects), { most: 200 })
  }

  /** The subject's key, made at first use. */
  async keyFor(subject: string): Promise<Buffer> {
    return (await this.standingKey(subject)).key
  }

  /** The same with the pseudonym that stands; by the time something is written, another one may. */
  async standingKey(subject: string): Promise<SubjectKey> {
    return this.#unwrapped(await this.#wrapped(subject))
  }

  /** The same within a transaction, which must not wait for a second connection while it holds one; nothing changes until its end. */
  async heldKey(tx: Queryable, subject: string): Promise<SubjectKey> {
    const [wrapped] = await this.#ensure(tx, [subject], 'held')
    return this.#unwrapped(wrapped as WrappedKey)
  }

  async keyWithin(tx: Queryable, subject: string): Promise<Buffer> {
    return (await this.heldKey(tx, subject)).key
  }

  unwrap(subject: string, wrapped: Buffer): Buffer {
    return decrypt(this.#keyEncryptionKey, wrapped, contextOf(subject))
  }

  /** A key as it is kept for this subject and no other. */
  wrap(subject: string, key: Uint8Array): Buffer {
    return encrypt(this.#keyEncryptionKey, key, contextOf(subject))
  }

  /** Forgets the key: whatever was encrypted with it can never be read again. */
  async forget(subject: string): Promise<void> {
    await this.#db.query('DELETE FROM documents_keys.subject_key WHERE subject = (SELECT standing_subject($1))', [
      subject,
    ])
  }

  #unwrapped({ subject, wrapped }: WrappedKey): SubjectKey {
    return { subject, key: this.unwrap(subject, wrapped) }
  }

  async #ensureAnew(db: Queryable, subjects: string[]): Promise<WrappedKey[]> {
    try {
      return await this.#ensure(db, subjects, 'standing')
    } catch (error) {
      if (!isPseudonymChange(error)) throw error
      return this.#ensure(db, subjects, 'standing')
    }
  }

  async #ensure(db: Queryable, subjects: string[], resolve: keyof typeof resolved): Promise<WrappedKey[]> {
    const wanted = [...new Set(subjects)].sort()
    const known = new Map<string, Buffer>()
    const read = await db.query<{ given: string; subject: string; wrapped: Buffer | null }>({
      name: `read-subject-keys-${resolve}`,
      text: `WITH asked AS MATERIALIZED (${resolved[resolve]})
             SELECT given, subject, wrapped FROM asked LEFT JOIN documents_keys.subject_key USING (subject)`,
      values: [wanted],
    })
    const standing = new Map(read.rows.map(({ given, subject }) => [given, subject]))
    for (const { subject, wrapped } of read.rows) if (wrapped) known.set(subject, wrapped)
    const missing = [...new Set(standing.values())].filter((subject) => !known.has(subject)).sort()
    if (missing.length > 0) {
      const fresh = missing.map((subject) => this.wrap(subject, randomBytes(32)))
      // The update changes nothing: it answers the row of whoever came first.
      const made = await db.query<{ subject: string; wrapped: Buffer }>(
        `INSERT INTO documents_keys.subject_key AS known (subject, wrapped)
         SELECT * FROM unnest($1::text[], $2::bytea[])
         ON CONFLICT (subject) DO UPDATE SET wrapped = known.wrapped RETURNING subject, wrapped`,
        [missing, fresh],
      )
      for (const { subject, wrapped } of made.rows) known.set(subject, wrapped)
    }
    return subjects.map((given) => {
      const subject = standing.get(given) ?? given
      return { subject, wrapped: known.get(subject) as Buffer }
    })
  }
}

interface WrappedKey {
  readonly subject: string
  readonly wrapped: Buffer
}
