import { randomBytes } from 'node:crypto'
import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'

const contextOf = (fileId: string): string => `file-key ${fileId}`

/**
 * One key for each file of an application or a decision, in a schema that data backups leave out. A file has its own retention,
 * so its key is nobody else's: deleting the key makes every copy of the file unreadable.
 */
export class FileKeys {
  readonly #keyEncryptionKey: Uint8Array

  /** Takes the service's key-encryption key, 32 bytes. */
  constructor(keyEncryptionKey: Uint8Array) {
    this.#keyEncryptionKey = keyEncryptionKey
  }

  /** Draws the key of a new file. */
  async draw(tx: Transaction, fileId: string): Promise<Buffer> {
    const key = randomBytes(32)
    await tx.query('INSERT INTO eligibility_keys.file_key (file_id, wrapped) VALUES ($1, $2)', [
      fileId,
      encrypt(this.#keyEncryptionKey, key, contextOf(fileId)),
    ])
    return key
  }

  /** The key as a row of `eligibility_keys.file_key` keeps it. Throws for the row of another file. */
  unwrap(fileId: string, wrapped: Buffer): Buffer {
    return decrypt(this.#keyEncryptionKey, wrapped, contextOf(fileId))
  }

  /** The key of a file; undefined once it was deleted. */
  async of(db: Queryable, fileId: string): Promise<Buffer | undefined> {
    const { rows } = await db.query<{ wrapped: Buffer }>(
      'SELECT wrapped FROM eligibility_keys.file_key WHERE file_id = $1',
      [fileId],
    )
    return rows[0] && this.unwrap(fileId, rows[0].wrapped)
  }

  /** Deletes keys: what was encrypted with them can never be read again. */
  async forget(db: Queryable, fileIds: readonly string[]): Promise<void> {
    await db.query('DELETE FROM eligibility_keys.file_key WHERE file_id = ANY($1::uuid[])', [fileIds])
  }
}
