import { randomBytes } from 'node:crypto'
import { batched } from '@unefois/chassis/batch'
import type { Clock } from '@unefois/chassis/clock'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import { leafEntry, recordBytes, saltBytes } from '@unefois/proto/exchange-log'
import type { Reason } from '@unefois/proto/reasons'
import type { ConsentState } from '../domain/basis.js'
import { deleteAfterMs, type ExchangeRecord } from '../domain/exchange-record.js'
import { commitMarginMs, type Lease } from '../domain/lease.js'
import { encrypt } from './cipher.js'
import { readConsents } from './consents.js'
import { countPredicateUses, type PredicateUse } from './predicate-uses.js'

/** Evidence received, to be kept with its receipt. */
export interface Received {
  readonly exchangeId: string
  readonly subject: string
  readonly content: Buffer
  readonly keepUntilMs: number
}

/** One half of an exchange, about to become an effect. */
export interface Entry {
  readonly record: ExchangeRecord
  /** The consent to lock and to judge once more, in consent mode. */
  readonly consent?: {
    readonly basisId: string
    readonly refusal: (state: ConsentState | undefined, nowSeconds: number) => Reason | undefined
  }
  readonly predicateUse?: PredicateUse
  readonly received?: Received
}

/** Undefined when the entry was committed as it stands; else the refusal that was committed in its place. */
export type CommitRefusal = Reason | undefined

const mostInOneCommit = 100

/** The context that binds an encrypted record to its row. */
export const recordContext = (recordId: string): string => `exchange-record ${recordId}`

const asRefusal = (record: ExchangeRecord, reason: Reason): ExchangeRecord => ({
  ...record,
  kind: 'refusal',
  outcome: 'refused',
  reason,
  evidence_version: 0,
  fields: [],
  predicates: [],
})

/**
 * Writes records and log leaves together with what they record. Entries that arrive together share one transaction; in it
 * the consent rows are locked and judged again, so a withdrawal comes wholly before a release or wholly after.
 */
export class ExchangeLog {
  readonly #postgres: Postgres
  readonly #recordKey: Uint8Array
  readonly #lease: Lease
  readonly #clock: Clock
  readonly #afterCommit: () => void
  readonly commit: (entry: Entry) => Promise<CommitRefusal>

  constructor(postgres: Postgres, recordKey: Uint8Array, lease: Lease, clock: Clock, afterCommit: () => void) {
    this.#postgres = postgres
    this.#recordKey = recordKey
    this.#lease = lease
    this.#clock = clock
    this.#afterCommit = afterCommit
    this.commit = batched((entries) => this.#commitTogether(entries), { most: mostInOneCommit })
  }

  async #commitTogether(entries: Entry[]): Promise<CommitRefusal[]> {
    const refusals = await this.#postgres.transaction(async (tx) => {
      // A process that is stopped here cannot commit later: the database ends the transaction first (see Lease).
      await tx.query(`SET LOCAL idle_in_transaction_session_timeout = ${commitMarginMs}`)
      const judged = await this.#judge(tx, entries)
      const records = entries.map(({ record }, index) => {
        const refusal = judged[index]
        return refusal ? asRefusal(record, refusal) : record
      })
      await this.#append(tx, records)
      await putReceived(
        tx,
        entries.flatMap(({ received }) => received ?? []),
      )
      return judged
    })
    this.#afterCommit()
    return refusals
  }

  async #judge(tx: Transaction, entries: Entry[]): Promise<CommitRefusal[]> {
    const basisIds = [...new Set(entries.flatMap(({ consent }) => consent?.basisId ?? []))]
    const consents = await readConsents(tx, basisIds, 'lock')
    const overused = await countPredicateUses(
      tx,
      entries.map(({ predicateUse }) => predicateUse),
    )
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1000)
    return entries.map(({ consent }, index) => {
      if (consent) {
        const refusal = consent.refusal(consents.get(consent.basisId), nowSeconds)
        if (refusal) return refusal
        if (!this.#lease.isHeld(this.#clock.monotonicMs())) return 'REVOCATION_FEED_STALE'
      }
      return overused[index] ? 'PREDICATE_LIMIT_REACHED' : undefined
    })
  }

  async #append(tx: Transaction, records: readonly ExchangeRecord[]): Promise<void> {
    const sealed = records.map((record) => {
      const bytes = recordBytes({ ...record })
      const salt = randomBytes(saltBytes)
      const content = encrypt(this.#recordKey, Buffer.concat([salt, bytes]), recordContext(record.record_id))
      return { entry: leafEntry(salt, bytes), content }
    })
    await tx.query({
      name: 'append-exchange-records',
      text: `WITH appended AS (
               INSERT INTO exchange_record
                 (record_id, exchange_id, kind, subject, counterparty, at_ms, content, delete_after_ms)
               SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                                    $7::bytea[], $8::bigint[])
               RETURNING sequence, record_id)
             INSERT INTO log_leaf (sequence, record_id, entry)
             SELECT appended.sequence, appended.record_id, leaf.entry
             FROM appended JOIN unnest($1::uuid[], $9::bytea[]) AS leaf (record_id, entry) USING (record_id)`,
      values: [
        records.map((record) => record.record_id),
        records.map((record) => record.exchange_id),
        records.map((record) => record.kind),
        records.map((record) => record.subject),
        records.map((record) => record.counterparty),
        records.map((record) => record.at_ms),
        sealed.map(({ content }) => content),
        records.map((record) => deleteAfterMs(record.at_ms)),
        sealed.map(({ entry }) => entry),
      ],
    })
  }
}

const putReceived = async (tx: Transaction, received: readonly Received[]): Promise<void> => {
  if (received.length === 0) return
  await tx.query({
    name: 'put-received-evidence',
    text: `INSERT INTO received_evidence (exchange_id, subject, content, keep_until_ms)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[])`,
    values: [
      received.map(({ exchangeId }) => exchangeId),
      received.map(({ subject }) => subject),
      received.map(({ content }) => content),
      received.map(({ keepUntilMs }) => keepUntilMs),
    ],
  })
}
