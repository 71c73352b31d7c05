import type { Queryable } from '@unefois/chassis/postgres'
import { Evidence } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { decrypt, encrypt } from './cipher.js'
import type { Received } from './exchange-log.js'
import type { SubjectKeys } from './subject-keys.js'

const contextOf = (exchangeId: string): string => `received-evidence ${exchangeId}`

/** Evidence received from other members, encrypted with its subject's key and kept no longer than its retention. */
export class ReceivedEvidenceStore {
  readonly #db: Queryable
  readonly #subjectKeys: SubjectKeys

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#db = db
    this.#subjectKeys = subjectKeys
  }

  /** Encrypts evidence for storage with its receipt. */
  async seal(exchangeId: string, subject: string, evidence: Evidence): Promise<Received> {
    const key = await this.#subjectKeys.keyFor(subject)
    const content = encrypt(key, Evidence.encode(evidence).finish(), contextOf(exchangeId))
    return { exchangeId, subject, content, keepUntilMs: evidence.keepUntilMs }
  }

  /** The evidence of an exchange; undefined once its retention has ended. */
  async read(exchangeId: string, nowMs: number): Promise<Evidence | undefined> {
    const { rows } = await this.#db.query<{ subject: string; content: Buffer }>(
      'SELECT subject, content FROM received_evidence WHERE exchange_id = $1 AND keep_until_ms > $2',
      [exchangeId, Math.floor(nowMs)],
    )
    const row = rows[0]
    if (!row) return undefined
    return Evidence.decode(decrypt(await this.#subjectKeys.keyFor(row.subject), row.content, contextOf(exchangeId)))
  }
}

/** Deletes what its retention no longer covers: evidence received, records older than 36 months. Answers how many. */
export const deleteExpired = async (db: Queryable, nowMs: number): Promise<{ evidence: number; records: number }> => {
  const now = Math.floor(nowMs)
  const evidence = await db.query('DELETE FROM received_evidence WHERE keep_until_ms <= $1', [now])
  const records = await db.query('DELETE FROM exchange_record WHERE delete_after_ms <= $1', [now])
  return { evidence: evidence.rowCount ?? 0, records: records.rowCount ?? 0 }
}
