import type { Queryable } from '@unefois/chassis/postgres'
import type { Evidence } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { AccessStore } from './accesses.js'
import type { ReceivedEvidenceStore } from './received-evidence.js'

/** Evidence of another member that is kept here about a person, and the exchange that brought it. */
export interface ReceivedHolding {
  readonly exchangeId: string
  readonly provider: string
  readonly evidenceType: string
  readonly purpose: string
  readonly receivedAtMs: number
  readonly evidence: Evidence
}

/** What this member received and still keeps, as its person may read it. */
export class ReceivedHoldings {
  readonly #db: Queryable
  readonly #received: ReceivedEvidenceStore
  readonly #accesses: AccessStore

  constructor(db: Queryable, received: ReceivedEvidenceStore, accesses: AccessStore) {
    this.#db = db
    this.#received = received
    this.#accesses = accesses
  }

  /** The exchanges that brought what is still kept, in the order of their ids; at most `limit` after one of them. */
  async exchanges(subject: string, after: string | undefined, limit: number, nowMs: number): Promise<string[]> {
    const { rows } = await this.#db.query<{ exchange_id: string }>(
      `SELECT exchange_id FROM received_evidence
       WHERE subject = (SELECT standing_subject($1)) AND keep_until_ms > $2 AND ($3::uuid IS NULL OR exchange_id > $3)
       ORDER BY exchange_id LIMIT $4`,
      [subject, Math.floor(nowMs), after ?? null, limit],
    )
    return rows.map((row) => row.exchange_id)
  }

  /** What each of these exchanges brought, in their order; undefined where it can no longer be read. */
  async readAll(exchangeIds: readonly string[], nowMs: number): Promise<readonly (ReceivedHolding | undefined)[]> {
    const [evidences, accesses] = await Promise.all([
      this.#received.readAll(exchangeIds, nowMs),
      this.#accesses.exchanges(exchangeIds),
    ])
    return exchangeIds.map((exchangeId) => {
      const [evidence, access] = [evidences.get(exchangeId), accesses.get(exchangeId)]
      if (!evidence || !access) return undefined
      const { counterparty, evidence_type, purpose, at_ms } = access.opening.record
      return {
        exchangeId,
        provider: counterparty,
        evidenceType: evidence_type,
        purpose,
        receivedAtMs: access.receipt?.record.at_ms ?? at_ms,
        evidence,
      }
    })
  }
}
