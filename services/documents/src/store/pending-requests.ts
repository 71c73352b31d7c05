import type { Queryable } from '@unefois/chassis/postgres'
import { RequestEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { deleteAfterMs } from '../domain/exchange-record.js'
import type { Asker } from '../domain/later.js'
import { isPseudonymChange, openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

/** A request that waits for its provider, under the exchange id that the agency was told. */
export interface PendingRequest {
  readonly exchangeId: string
  readonly request: RequestEvidenceRequest
  readonly asker: Asker
  readonly giveUpAtMs: number
}

interface Row {
  readonly exchange_id: string
  readonly subject: string
  readonly content: Buffer
  readonly give_up_at_ms: number
  readonly wrapped: Buffer | null
}

export const pendingContext = (exchangeId: string): string => `pending-request ${exchangeId}`

/** What is asked again later, encrypted with its subject's key; what came of it stays linked for as long as records do. */
export class PendingRequests {
  readonly #db: Queryable
  readonly #subjectKeys: SubjectKeys

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#db = db
    this.#subjectKeys = subjectKeys
  }

  async keep(pending: PendingRequest, dueAtMs: number): Promise<void> {
    await this.#keep(pending, dueAtMs).catch((error) => {
      if (!isPseudonymChange(error)) throw error
      return this.#keep(pending, dueAtMs)
    })
  }

  async #keep({ exchangeId, request, asker, giveUpAtMs }: PendingRequest, dueAtMs: number): Promise<void> {
    const { subject, key } = await this.#subjectKeys.standingKey(request.subject)
    const bytes = Buffer.from(RequestEvidenceRequest.encode(request).finish())
    const text = JSON.stringify({ request: bytes.toString('base64'), asker })
    const content = sealPayload(key, Buffer.from(text), pendingContext(exchangeId))
    await this.#db.query(
      `INSERT INTO pending_request
         (exchange_id, last_exchange_id, subject, content, due_at_ms, give_up_at_ms, delete_after_ms)
       VALUES ($1, $1, $2, $3, $4, $5, $6)`,
      [exchangeId, subject, content, dueAtMs, giveUpAtMs, deleteAfterMs(giveUpAtMs)],
    )
  }

  /** Takes what is due; another process finds it due again only at `againAtMs`. What its subject's erasure took is ended. */
  async takeDue(nowMs: number, againAtMs: number, most: number): Promise<PendingRequest[]> {
    const { rows } = await this.#db.query<Row>(
      `WITH taken AS (
         UPDATE pending_request SET due_at_ms = $2 WHERE exchange_id IN
           (SELECT exchange_id FROM pending_request WHERE due_at_ms <= $1 ORDER BY due_at_ms LIMIT $3
            FOR UPDATE SKIP LOCKED)
         RETURNING exchange_id, subject, content, give_up_at_ms)
       SELECT taken.*, wrapped FROM taken LEFT JOIN documents_keys.subject_key USING (subject)`,
      [nowMs, againAtMs, most],
    )
    const taken = rows.map((row) => ({ row, pending: this.#open(row) }))
    for (const { row, pending } of taken) if (!pending) await this.settle(row.exchange_id, row.exchange_id)
    return taken.flatMap(({ pending }) => pending ?? [])
  }

  async postpone(exchangeId: string, lastExchangeId: string, dueAtMs: number): Promise<void> {
    await this.#db.query('UPDATE pending_request SET last_exchange_id = $2, due_at_ms = $3 WHERE exchange_id = $1', [
      exchangeId,
      lastExchangeId,
      dueAtMs,
    ])
  }

  /** There is an answer, or there will be none: what was asked is forgotten, the link stays. */
  async settle(exchangeId: string, lastExchangeId: string, db: Queryable = this.#db): Promise<void> {
    await db.query(
      'UPDATE pending_request SET last_exchange_id = $2, due_at_ms = NULL, content = NULL WHERE exchange_id = $1',
      [exchangeId, lastExchangeId],
    )
  }

  /** The newest exchange that came of this one: itself, unless it was asked again. */
  async latest(exchangeId: string): Promise<string> {
    const { rows } = await this.#db.query<{ last_exchange_id: string }>({
      name: 'latest-exchange',
      text: 'SELECT last_exchange_id FROM pending_request WHERE exchange_id = $1',
      values: [exchangeId],
    })
    return rows[0]?.last_exchange_id ?? exchangeId
  }

  async deleteEnded(nowMs: number): Promise<void> {
    await this.#db.query('DELETE FROM pending_request WHERE delete_after_ms <= $1', [Math.floor(nowMs)])
  }

  #open(row: Row): PendingRequest | undefined {
    if (!row.wrapped) return undefined
    const key = this.#subjectKeys.unwrap(row.subject, row.wrapped)
    const content = openPayload(key, row.content, pendingContext(row.exchange_id))
    if (!content) return undefined
    const { request, asker } = JSON.parse(content.toString())
    // The person may have another pseudonym by now; nobody but themselves asks in their own session.
    const { subject } = row
    return {
      exchangeId: row.exchange_id,
      request: { ...RequestEvidenceRequest.decode(Buffer.from(request, 'base64')), subject },
      asker: asker.kind === 'person' ? { ...asker, subject } : asker,
      giveUpAtMs: row.give_up_at_ms,
    }
  }
}
