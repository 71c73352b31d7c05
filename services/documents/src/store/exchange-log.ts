import { batched } from '@unefois/chassis/batch'
import type { Clock } from '@unefois/chassis/clock'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import type { Reason } from '@unefois/proto/reasons'
import type { ConsentState } from '../domain/basis.js'
import { type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import { type Lease, longestIdleMs } from '../domain/lease.js'
import type { Protected } from '../domain/protection.js'
import { appendRecords } from './append-records.js'
import { readConsents } from './consents.js'
import { notePlaceTold, type PlaceTold } from './places-told.js'
import { countPredicateUses, type PredicateUse } from './predicate-uses.js'
import { ProtectedSubjects } from './protected-subjects.js'
import type { Received } from './received-evidence.js'
import { isPseudonymChange } from './subject-keys.js'

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

/** A release that could tell a place: who must not be protected for that, and the entry as it is when these people are. */
export interface PlaceEntry {
  readonly people: readonly string[]
  /** Protections that ended later than this still count. */
  readonly endedByMs: number
  readonly entry: (known: Protected) => Entry
  /** What is told of others by this, if anything is. */
  readonly told: (known: Protected) => PlaceTold | undefined
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

/** The person's pseudonym changed after what was received was encrypted: nothing was committed, and it is encrypted anew. */
export class PseudonymChanged extends Error {}

/** The lease ended after the entries were judged: nothing was committed, and they are judged again. */
class LeaseEnded extends Error {}

/**
 * Writes records and log leaves together with what they record. Entries that arrive together share one transaction; in it
 * the consent rows are locked and judged again, so a withdrawal comes wholly before a release or wholly after.
 */
export class ExchangeLog {
  readonly #needs: Needs
  readonly #protectedSubjects: ProtectedSubjects
  readonly #onConsent: (entry: Entry) => Promise<CommitRefusal>
  readonly #counted: (entry: Entry) => Promise<CommitRefusal>
  readonly #certain: (entry: Entry) => Promise<CommitRefusal | PseudonymChanged>

  constructor(needs: Needs) {
    this.#needs = needs
    this.#protectedSubjects = new ProtectedSubjects(needs.postgres)
    const judgeAndCommit = (entries: Entry[]) => this.#judgeAndCommit(entries)
    // Apart, so that what needs no consent never waits for a consent that is being withdrawn.
    this.#onConsent = batched(judgeAndCommit, { most: mostInOneCommit })
    this.#counted = batched(judgeAndCommit, { most: mostInOneCommit })
    this.#certain = batched((entries) => this.#commitAsTheyStand(entries), { most: mostInOneCommit })
  }

  /**
   * Resolves once the entry, or the refusal in its place, is committed. Errors: UNAVAILABLE, PseudonymChanged; nothing is
   * committed then.
   */
  async commit(entry: Entry): Promise<CommitRefusal> {
    if (entry.consent) return this.#onConsent(entry)
    if (entry.predicateUse) return this.#counted(entry)
    const result = await this.#certain(entry)
    if (result instanceof PseudonymChanged) throw result
    return result
  }

  /**
   * Commits an entry in one transaction with further work, which comes first and may roll all of it back by throwing. A refusal
   * commits nothing at all.
   */
  async commitWith(entry: Entry, work: (tx: Transaction) => Promise<void>): Promise<CommitRefusal> {
    const { postgres, recordKey } = this.#needs
    try {
      const refusal = await postgres.transaction(
        async (tx) => {
          const [refused] = await this.#judge(tx, [entry])
          if (refused) return refused
          await work(tx)
          await appendRecords(tx, recordKey, [entry])
          if (entry.consent && !this.#isLeaseHeld()) throw new LeaseEnded()
          return undefined
        },
        { longestIdleMs },
      )
      this.#needs.afterCommit()
      return refusal
    } catch (error) {
      if (error instanceof LeaseEnded) return 'REVOCATION_FEED_STALE'
      throw error
    }
  }

  /** Writes a record of what is judged by nobody, in the caller's transaction. */
  async append(tx: Transaction, record: ExchangeRecord): Promise<void> {
    await appendRecords(tx, this.#needs.recordKey, [{ record }])
  }

  /**
   * The same for what could tell a place: whoever becomes protected does so wholly before this release or wholly after. Answers
   * also whom it found protected, by which the caller knows what was committed.
   */
  commitPlaces({ people, endedByMs, entry, told }: PlaceEntry): Promise<{ refusal: CommitRefusal; known: Protected }> {
    return this.#inTransaction(async (tx) => {
      const known = await this.#protectedSubjects.hold(tx, people, endedByMs)
      const [refusal] = await this.#write(tx, [entry(known)])
      const others = refusal ? undefined : told(known)
      if (others) await notePlaceTold(tx, others)
      return { refusal, known }
    })
  }

  /** What nothing is left to be judged of: one statement, which is its own transaction. */
  async #commitAsTheyStand(entries: Entry[]): Promise<(CommitRefusal | PseudonymChanged)[]> {
    try {
      await appendRecords(this.#needs.postgres, this.#needs.recordKey, entries)
    } catch (error) {
      if (!isPseudonymChange(error)) throw error
      if (entries.length === 1) return [new PseudonymChanged()]
      // Of one person the row must be made anew; the others travelled along.
      const each: (CommitRefusal | PseudonymChanged)[] = []
      for (const entry of entries) each.push(...(await this.#commitAsTheyStand([entry])))
      return each
    }
    this.#needs.afterCommit()
    return entries.map(() => undefined)
  }

  #judgeAndCommit(entries: Entry[]): Promise<CommitRefusal[]> {
    return this.#inTransaction((tx) => this.#write(tx, entries))
  }

  async #inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      // A process that is stopped in between cannot commit later: the database ends the transaction first (see Lease).
      const done = await this.#needs.postgres.transaction(work, { longestIdleMs })
      this.#needs.afterCommit()
      return done
    } catch (error) {
      if (error instanceof LeaseEnded) return this.#inTransaction(work)
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

  /** Who waited for a consent while its person's pseudonym changed has seen the aliases of before: it is read once more. */
  async #lockConsents(
    tx: Transaction,
    basisIds: readonly string[],
    entries: readonly Entry[],
  ): Promise<ReadonlyMap<string, ConsentState>> {
    const consents = await readConsents(tx, basisIds, 'lock')
    const isMismatch = ({ consent }: Entry): boolean =>
      consent?.refusal(consents.get(consent.basisId), this.#nowSeconds()) === 'CONSENT_MISMATCH'
    return entries.some(isMismatch) ? readConsents(tx, basisIds, 'lock') : consents
  }

  #nowSeconds(): number {
    return Math.floor(this.#needs.clock.nowMs() / 1000)
  }

  async #judge(tx: Transaction, entries: Entry[]): Promise<CommitRefusal[]> {
    const basisIds = [...new Set(entries.flatMap(({ consent }) => consent?.basisId ?? []))]
    const consents = await this.#lockConsents(tx, basisIds, entries)
    const nowSeconds = this.#nowSeconds()
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
