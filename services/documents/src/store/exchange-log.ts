import { randomBytes } from 'node:crypto'
import { batched } from '@unefois/chassis/batch'
import type { Clock } from '@unefois/chassis/clock'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import { leafEntry, recordBytes, saltBytes } from '@unefois/proto/exchange-log'
import type { Reason } from '@unefois/proto/reasons'
import type { ConsentState } from '../domain/basis.js'
import { deleteAfterMs, type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import { type Lease, longestIdleMs } from '../domain/lease.js'
import { encrypt } from './cipher.js'
import { readConsents } from './consents.js'
import { countPredicateUses, type PredicateUse } from './predicate-uses.js'
import { putReceived, type Received } from './received-evidence.js'

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

interface Needs {
  readonly postgres: Postgres
  readonly recordKey: Uint8Array
  readonly lease: Lease
  readonly clock: Clock
  /** Told after each commit. */
  readonly afterCommit: () => void
}

const mostInOneCommit = 100

/** The context that binds an encrypted record to its row. */
export const recordContext = (recordId: string): string => `exchange-record ${recordId}`

/** The lease ended after the entries were judged: nothing was committed, and they are judged again. */
class LeaseEnded extends Error {}

/**
 * Writes records and log leaves together with what they record. Entries that arrive together share one transaction; in it
 * the consent rows are locked and judged again, so a withdrawal comes wholly before a release or wholly after.
 */
export class ExchangeLog {
  readonly #needs: Needs
  readonly #onConsent: (entry: Entry) => Promise<CommitRefusal>
  readonly #others: (entry: Entry) => Promise<CommitRefusal>

  constructor(needs: Needs) {
    this.#needs = needs
    const commitTogether = (entries: Entry[]) => this.#commitTogether(entries)
    // Apart, so that what needs no consent never waits for a consent that is being withdrawn.
    this.#onConsent = batched(commitTogether, { most: mostInOneCommit })
    this.#others = batched(commitTogether, { most: mostInOneCommit })
  }

  /** Resolves once the entry, or the refusal in its place, is committed. Error: UNAVAILABLE, nothing is committed then. */
  commit(entry: Entry): Promise<CommitRefusal> {
    return entry.consent ? this.#onConsent(entry) : this.#others(entry)
  }

  async #commitTogether(entries: Entry[]): Promise<CommitRefusal[]> {
    try {
      // A process that is stopped in between cannot commit later: the database ends the transaction first (see Lease).
      const refusals = await this.#needs.postgres.transaction((tx) => this.#write(tx, entries), { longestIdleMs })
      this.#needs.afterCommit()
      return refusals
    } catch (error) {
      if (error instanceof LeaseEnded) return this.#commitTogether(entries)
      throw error
    }
  }

  async #write(tx: Transaction, entries: Entry[]): Promise<CommitRefusal[]> {
    const refusals = await this.#judge(tx, entries)
    const standing = entries.filter((_, index) => refusals[index] === undefined)
    await this.#append(
      tx,
      entries.map(({ record }, index) => {
        const refusal = refusals[index]
        return refusal ? { ...record, ...refusedOutcome(refusal) } : record
      }),
    )
    await putReceived(
      tx,
      standing.flatMap(({ received }) => received ?? []),
    )
    // The last thing before COMMIT: statements may have taken long.
    if (standing.some(({ consent }) => consent) && !this.#isLeaseHeld()) throw new LeaseEnded()
    return refusals
  }

  #isLeaseHeld(): boolean {
    return this.#needs.lease.isHeld(this.#needs.clock.monotonicMs())
  }

  async #judge(tx: Transaction, entries: Entry[]): Promise<CommitRefusal[]> {
    const basisIds = [...new Set(entries.flatMap(({ consent }) => consent?.basisId ?? []))]
    const consents = await readConsents(tx, basisIds, 'lock')
    const nowSeconds = Math.floor(this.#needs.clock.nowMs() / 1000)
    const isLeaseHeld = this.#isLeaseHeld()
    const refusals = entries.map(({ consent }): CommitRefusal => {
      if (!consent) return undefined
      const refusal = consent.refusal(consents.get(consent.basisId), nowSeconds)
      return refusal ?? (isLeaseHeld ? undefined : 'REVOCATION_FEED_STALE')
    })
    const areTooMany = await countPredicateUses(
      tx,
      entries.map(({ predicateUse }, index) => (refusals[index] ? undefined : predicateUse)),
    )
    return refusals.map((refusal, index) => refusal ?? (areTooMany[index] ? 'PREDICATE_LIMIT_REACHED' : undefined))
  }

  async #append(tx: Transaction, records: readonly ExchangeRecord[]): Promise<void> {
    const sealed = records.map((record) => {
      const bytes = recordBytes({ ...record })
      const salt = randomBytes(saltBytes)
      const plaintext = Buffer.concat([salt, bytes])
      const content = encrypt(this.#needs.recordKey, plaintext, recordContext(record.record_id))
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
