import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { GetStatementOnHonourResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

export const statementContext = (statementId: string): string => `statement-on-honour ${statementId}`

/** Statements on honour, encrypted with their subject's key and kept no longer than their retention. */
export class StatementsOnHonour {
  readonly #db: Queryable
  readonly #subjectKeys: SubjectKeys

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#db = db
    this.#subjectKeys = subjectKeys
  }

  async insert(tx: Transaction, stated: GetStatementOnHonourResponse): Promise<void> {
    const key = await this.#subjectKeys.keyWithin(tx, stated.subject)
    const bytes = GetStatementOnHonourResponse.encode(stated).finish()
    await tx.query(
      `INSERT INTO statement_on_honour (statement_id, subject, purpose, content, stated_at_ms, keep_until_ms)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        stated.statementId,
        stated.subject,
        stated.purpose,
        sealPayload(key, bytes, statementContext(stated.statementId)),
        stated.statedAtMs,
        stated.keepUntilMs,
      ],
    )
  }

  /** Undefined once its retention has ended or its subject's key was forgotten. */
  async read(statementId: string, nowMs: number): Promise<GetStatementOnHonourResponse | undefined> {
    const { rows } = await this.#db.query<{ subject: string; content: Buffer; wrapped: Buffer | null }>(
      `SELECT subject, content, wrapped FROM statement_on_honour
       LEFT JOIN documents_keys.subject_key USING (subject) WHERE statement_id = $1 AND keep_until_ms > $2`,
      [statementId, Math.floor(nowMs)],
    )
    const row = rows[0]
    if (!row?.wrapped) return undefined
    const key = this.#subjectKeys.unwrap(row.subject, row.wrapped)
    const content = openPayload(key, row.content, statementContext(statementId))
    return content && { ...GetStatementOnHonourResponse.decode(content), subject: row.subject }
  }

  /** Deletes what its retention no longer covers; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query('DELETE FROM statement_on_honour WHERE keep_until_ms <= $1', [Math.floor(nowMs)])
    return ended.rowCount ?? 0
  }
}
