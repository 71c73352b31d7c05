import { decrypt } from '@unefois/chassis/cipher'
import type { Queryable } from '@unefois/chassis/postgres'
import { saltBytes } from '@unefois/proto/exchange-log'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import { recordContext } from './append-records.js'

interface Row {
  readonly sequence: number
  readonly record_id: string
  readonly subject: string
  readonly content: Buffer
}

/** One record as stored, with its salt and its exact bytes. */
export interface StoredRecord {
  readonly sequence: number
  /** The pseudonym that stands for its person; the record itself keeps the one it was written with. */
  readonly subject: string
  readonly record: ExchangeRecord
  readonly bytes: Buffer
  readonly salt: Buffer
}

/** One access: what was asked, and what became of it where that is a record of its own. */
export interface StoredAccess {
  readonly opening: StoredRecord
  readonly receipt?: StoredRecord
}

/** Which of a person's records are read, by what can be known without opening them. */
export interface RecordFilter {
  /** Empty: of any. */
  readonly counterparty: string
  /** Included, and left out; milliseconds since the epoch, 0 for none. */
  readonly sinceMs: number
  readonly untilMs: number
}

const anyRecord: RecordFilter = { counterparty: '', sinceMs: 0, untilMs: 0 }

/** Whether another record says what became of this one. */
const awaitsReceipt = ({ record }: StoredRecord): boolean =>
  record.kind === 'request' || (record.kind === 'subscribing' && record.outcome === 'sent')

/** Reads exchange records for the person they are about. */
export class AccessStore {
  readonly #db: Queryable
  readonly #recordKey: Uint8Array

  constructor(db: Queryable, recordKey: Uint8Array) {
    this.#db = db
    this.#recordKey = recordKey
  }

  /** Newest first, at most `limit`, older than `before` (a sequence; undefined: from the newest). */
  async list(
    subject: string,
    before: number | undefined,
    limit: number,
    db: Queryable = this.#db,
    { counterparty, sinceMs, untilMs }: RecordFilter = anyRecord,
  ): Promise<StoredAccess[]> {
    const endMs = untilMs === 0 ? Number.MAX_SAFE_INTEGER : untilMs
    const { rows } = await db.query<Row>(
      `SELECT sequence, record_id, subject, content FROM exchange_record
       WHERE subject = (SELECT standing_subject($1)) AND kind NOT IN ('receipt', 'declaration') AND sequence < $2
         AND ($4 = '' OR counterparty = $4) AND at_ms >= $5 AND at_ms < $6
       ORDER BY sequence DESC LIMIT $3`,
      [subject, before ?? Number.MAX_SAFE_INTEGER, limit, counterparty, sinceMs, endMs],
    )
    const openings = rows.map((row) => this.#open(row))
    const receipts = await this.#receipts(
      openings.filter(awaitsReceipt).map(({ record }) => record.exchange_id),
      db,
    )
    return openings.map((opening) => {
      // The id of an exchange that another member asked for is that member's choice, and may be one of ours.
      const receipt = awaitsReceipt(opening) ? receipts.get(opening.record.exchange_id) : undefined
      return receipt ? { opening, receipt } : { opening }
    })
  }

  /** The request half of an exchange, with its receipt; undefined when this member asked no such thing. */
  async exchange(exchangeId: string, db: Queryable = this.#db): Promise<StoredAccess | undefined> {
    const { rows } = await db.query<Row>(
      `SELECT sequence, record_id, subject, content FROM exchange_record WHERE exchange_id = $1 AND kind = 'request'`,
      [exchangeId],
    )
    const row = rows[0]
    if (!row) return undefined
    const opening = this.#open(row)
    const receipt = (await this.#receipts([exchangeId], db)).get(exchangeId)
    return receipt ? { opening, receipt } : { opening }
  }

  /** The same of several exchanges, by their ids; those that this member did not ask are missing. */
  async exchanges(exchangeIds: readonly string[]): Promise<ReadonlyMap<string, StoredAccess>> {
    const { rows } = await this.#db.query<Row>(
      `SELECT sequence, record_id, subject, content FROM exchange_record
       WHERE exchange_id = ANY($1::uuid[]) AND kind = 'request'`,
      [exchangeIds],
    )
    const openings = rows.map((row) => this.#open(row))
    const receipts = await this.#receipts(openings.map(({ record }) => record.exchange_id))
    return new Map(
      openings.map((opening) => {
        const receipt = receipts.get(opening.record.exchange_id)
        return [opening.record.exchange_id, receipt ? { opening, receipt } : { opening }]
      }),
    )
  }

  /** One record of this person; undefined when there is none or it is another's. */
  async record(subject: string, recordId: string): Promise<StoredRecord | undefined> {
    const { rows } = await this.#db.query<Row>(
      `SELECT sequence, record_id, subject, content FROM exchange_record
       WHERE subject = (SELECT standing_subject($1)) AND record_id = $2`,
      [subject, recordId],
    )
    return rows[0] && this.#open(rows[0])
  }

  async #receipts(exchangeIds: string[], db: Queryable = this.#db): Promise<Map<string, StoredRecord>> {
    if (exchangeIds.length === 0) return new Map()
    const { rows } = await db.query<Row>(
      `SELECT sequence, record_id, subject, content FROM exchange_record WHERE exchange_id = ANY($1) AND kind = 'receipt'`,
      [exchangeIds],
    )
    return new Map(rows.map((row) => this.#open(row)).map((stored) => [stored.record.exchange_id, stored]))
  }

  #open(row: Row): StoredRecord {
    const content = decrypt(this.#recordKey, row.content, recordContext(row.record_id))
    const bytes = content.subarray(saltBytes)
    return {
      sequence: row.sequence,
      subject: row.subject,
      record: JSON.parse(bytes.toString()) as ExchangeRecord,
      bytes,
      salt: content.subarray(0, saltBytes),
    }
  }
}
