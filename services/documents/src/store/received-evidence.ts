import type { Queryable } from '@unefois/chassis/postgres'
import { Evidence } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

/** Evidence received, encrypted, to be kept with its receipt. */
export interface Received {
  readonly exchangeId: string
  readonly subject: string
  readonly content: Buffer
  readonly keepUntilMs: number
}

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
    const content = sealPayload(key, Evidence.encode(evidence).finish(), contextOf(exchangeId))
    return { exchangeId, subject, content, keepUntilMs: evidence.keepUntilMs }
  }

  /** The evidence of an exchange; undefined once its retention has ended or its subject's key was forgotten. */
  async read(exchangeId: string, nowMs: number): Promise<Evidence | undefined> {
    const { rows } = await this.#db.query<{ subject: string; content: Buffer; wrapped: Buffer | null }>(
      `SELECT subject, content, wrapped FROM received_evidence
       LEFT JOIN documents_keys.subject_key USING (subject) WHERE exchange_id = $1 AND keep_until_ms > $2`,
      [exchangeId, Math.floor(nowMs)],
    )
    const row = rows[0]
    if (!row?.wrapped) return undefined
    const key = this.#subjectKeys.unwrap(row.subject, row.wrapped)
    const content = openPayload(key, row.content, contextOf(exchangeId))
    return content && Evidence.decode(content)
  }
}
