import { batched } from '@unefois/chassis/batch'
import type { Clock } from '@unefois/chassis/clock'
import type { Postgres, Queryable, Transaction } from '@unefois/chassis/postgres'
import { leafEntry, recordBytes, saltBytes } from '@unefois/proto/exchange-log'
import { freshBytes } from '@unefois/proto/fresh-bytes'
import type { Reason } from '@unefois/proto/reasons'
import type { ConsentState } from '../domain/basis.js'
import { deleteAfterMs, type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import { type Lease, longestIdleMs } from '../domain/lease.js'
import { encrypt } from './cipher.js'
import { readConsents } from './consents.js'
import { countPredicateUses, type PredicateUse } from './predicate-uses.js'
import type { Received } from './received-evidence.js'

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
  readonly #counted: (entry: Entry) => Promise<CommitRefusal>
  readonly #certain: (entry: Entry) => Promise<CommitRefusal>

  constructor(needs: Needs) {
    this.#needs = needs
    const judgeAndCommit = (entries: Entry[]) => this.#judgeAndCommit(entries)
    // Apart, so that what needs no consent never waits for a consent that is being withdrawn.
    this.#onConsent = batched(judgeAndCommit, { most: mostInOneCommit })
    this.#counted = batched(judgeAndCommit, { most: mostInOneCommit })
    this.#certain = batched((entries) => this.#commitAsTheyStand(entries), { most: mostInOneCommit })
  }

  /** Resolves once the entry, or the refusal in its place, is committed. Error: UNAVAILABLE, nothing is committed then. */
  commit(entry: Entry): Promise<CommitRefusal> {
    if (entry.consent) return this.#onConsent(entry)
    return entry.predicateUse ? this.#counted(entry) : this.#certain(entry)
  }

  /** What nothing is left to be judged of: one statement, which is its own transaction. */
  async #commitAsTheyStand(entries: Entry[]): Promise<CommitRefusal[]> {
    await this.#append(this.#needs.postgres, entries)
    this.#needs.afterCommit()
    return entries.map(() => undefined)
  }

  async #judgeAndCommit(entries: Entry[]): Promise<CommitRefusal[]> {
    try {
      // A process that is stopped in between cannot commit later: the database ends the transaction first (see Lease).
      const refusals = await this.#needs.postgres.transaction((tx) => this.#write(tx, entries), { longestIdleMs })
      this.#needs.afterCommit()
      return refusals
    } catch (error) {
      if (error instanceof LeaseEnded) return this.#judgeAndCommit(entries)
      throw error
    }
  }

  async #write(tx: Transaction, entries: Entry[]): Promise<CommitRefusal[]> {
    const refusals = await this.#judge(tx, entries)
    await this.#append(
      tx,
      entries.map((entry, index) => asRefused(entry, refusals[index])),
    )
    const isReleasing = entries.some(({ consent }, index) => consent && refusals[index] === undefined)
    // The last thing before COMMIT: statements may have taken long.
    if (isReleasing && !this.#isLeaseHeld()) throw new LeaseEnded()
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

  async #append(db: Queryable, entries: readonly Entry[]): Promise<void> {
    const records = entries.map(({ record }) => record)
    const received = entries.flatMap((entry) => entry.received ?? [])
    const sealed = records.map((record) => {
      const bytes = recordBytes({ ...record })
      const salt = freshBytes(saltBytes)
      const plaintext = Buffer.concat([salt, bytes])
      const content = encrypt(this.#needs.recordKey, plaintext, recordContext(record.record_id))
      return { entry: leafEntry(salt, bytes), content }
    })
    await db.query({
      name: 'append-exchange-records',
      text: `WITH appended AS (
               INSERT INTO exchange_record
                 (record_id, exchange_id, kind, subject, counterparty, at_ms, content, delete_after_ms)
               SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                                    $7::bytea[], $8::bigint[])
               RETURNING sequence, record_id),
             received AS (
               INSERT INTO received_evidence (exchange_id, subject, content, keep_until_ms)
               SELECT * FROM unnest($10::uuid[], $11::text[], $12::bytea[], $13::bigint[]))
             INSERT INTO log_unplaced (sequence, entry)
             SELECT appended.sequence, leaf.entry
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
        received.map(({ exchangeId }) => exchangeId),
        received.map(({ subject }) => subject),
        received.map(({ content }) => content),
        received.map(({ keepUntilMs }) => keepUntilMs),
      ],
    })
  }
}

const asRefused = (entry: Entry, refusal: CommitRefusal): Entry =>
  refusal ? { record: { ...entry.record, ...refusedOutcome(refusal) } } : entry
