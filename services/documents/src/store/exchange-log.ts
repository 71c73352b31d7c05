import { batched } from '@unefois/chassis/batch'
import type { Clock } from '@unefois/chassis/clock'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import type { Reason } from '@unefois/proto/reasons'
import type { ConsentState } from '../domain/basis.js'
import { type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import { type Lease, longestIdleMs } from '../domain/lease.js'
import { appendRecords } from './append-records.js'
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
    await appendRecords(this.#needs.postgres, this.#needs.recordKey, entries)
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
    const judged = entries.map((entry, index) => asRefused(entry, refusals[index]))
    await appendRecords(tx, this.#needs.recordKey, judged)
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
}

const asRefused = (entry: Entry, refusal: CommitRefusal): Entry =>
  refusal ? { record: { ...entry.record, ...refusedOutcome(refusal) } } : entry
