import { randomBytes } from 'node:crypto'
import { decrypt, encrypt } from './cipher.js'
import type { Queryable, Transaction } from './postgres.js'

const contextOf = (fileId: string): string => `file-key ${fileId}`

/**
 * One key for each file that a service keeps, in a schema that data backups leave out. A file has its own retention, so its key is nobody else's: deleting the key makes every copy of the file unreadable.
 */
export class FileKeys {
  readonly #table: string
  readonly #keyEncryptionKey: Uint8Array

  /** Takes the service's key-encryption key, 32 bytes; the table `file_key (file_id uuid, wrapped bytea)` is in `<schema>_keys`. */
  constructor(schema: string, keyEncryptionKey: Uint8Array) {
    this.#table = `${schema}_keys.file_key`
    this.#keyEncryptionKey = keyEncryptionKey
  }

  /** Draws the key of a new file, and what its row keeps of it, for a statement that inserts more at once. */
  drawn(fileId: string): { readonly key: Buffer; readonly wrapped: Buffer } {
    const key = randomBytes(32)
    return { key, wrapped: encrypt(this.#keyEncryptionKey, key, contextOf(fileId)) }
  }

  /** Draws the key of a new file and keeps it. */
  async draw(tx: Transaction, fileId: string): Promise<Buffer> {
    const { key, wrapped } = this.drawn(fileId)
    await tx.query(`INSERT INTO ${this.#table} (file_id, wrapped) VALUES ($1, $2)`, [fileId, wrapped])
    return key
  }

  /** The key as its row keeps it. Throws for the row of another file. */
  unwrap(fileId: string, wrapped: Buffer): Buffer {
    return decrypt(this.#keyEncryptionKey, wrapped, contextOf(fileId))
  }

  /** The key of a file; undefined once it was deleted. */
  async of(db: Queryable, fileId: string): Promise<Buffer | undefined> {
    return (await this.ofEach(db, [fileId])).get(fileId)
  }

  /** The same of several at once, without those that were deleted. */
  async ofEach(db: Queryable, fileIds: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const { rows } = await db.query<{ file_id: string; wrapped: Buffer }>(
      `SELECT file_id, wrapped FROM ${this.#table} WHERE file_id = ANY($1::uuid[])`,
      [fileIds],
    )
    return new Map(rows.map((row) => [row.file_id, this.unwrap(row.file_id, row.wrapped)]))
  }

  /** Deletes keys: what was encrypted with them can never be read again. */
  async forget(db: Queryable, fileIds: readonly string[]): Promise<void> {
    await db.query(`DELETE FROM ${this.#table} WHERE file_id = ANY($1::uuid[])`, [fileIds])
  }
}
