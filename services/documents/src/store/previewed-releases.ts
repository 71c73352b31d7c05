import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import { type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import type { PreviewAnswer, PreviewedUse } from '../domain/preview.js'
import type { Protected } from '../domain/protection.js'
import { appendRecords } from './append-records.js'
import type { CommitRefusal, Entry, PlaceEntry } from './exchange-log.js'
import { notePlaceTold } from './places-told.js'
import { countPredicateUses } from './predicate-uses.js'
import { lockPreviewAnswer, putPreviewAnswer } from './preview-answers.js'
import { ProtectedSubjects } from './protected-subjects.js'

interface Needs {
  readonly postgres: Postgres
  readonly recordKey: Uint8Array
  /** Told after each commit. */
  readonly afterCommit: () => void
}

/**
 * Releases that rest on the answer to a preview. The answer's row is locked and judged in the transaction that writes record
 * and leaf, so a refusal of the person comes wholly before a release or wholly after.
 */
export class PreviewedReleases {
  readonly #needs: Needs
  readonly #protectedSubjects: ProtectedSubjects

  constructor(needs: Needs) {
    this.#needs = needs
    this.#protectedSubjects = new ProtectedSubjects(needs.postgres)
  }

  /** As ExchangeLog.commitPlaces; `refusal` judges the answer that stands, for what is released to these protected people. */
  async commit(
    { people, endedByMs, entry, told }: PlaceEntry,
    use: PreviewedUse,
    refusal: (answer: PreviewAnswer | undefined, known: Protected) => CommitRefusal,
  ): Promise<{ refusal: CommitRefusal; known: Protected }> {
    const { postgres, recordKey } = this.#needs
    const done = await postgres.transaction(async (tx) => {
      const known = people.length > 0 ? await this.#protectedSubjects.hold(tx, people, endedByMs) : new Map()
      const { record, predicateUse } = entry(known)
      const reason = refusal(await lockPreviewAnswer(tx, use), known) ?? (await this.#limitRefusal(tx, predicateUse))
      await appendRecords(tx, recordKey, [{ record: reason ? { ...record, ...refusedOutcome(reason) } : record }])
      const others = reason ? undefined : told(known)
      if (others) await notePlaceTold(tx, others)
      return { refusal: reason, known }
    })
    this.#needs.afterCommit()
    return done
  }

  /** Keeps an answer; a no that was not given before is put on record with it. */
  async answer(use: PreviewedUse, given: PreviewAnswer, declined: ExchangeRecord): Promise<void> {
    const { postgres, recordKey } = this.#needs
    await postgres.transaction(async (tx) => {
      const before = await lockPreviewAnswer(tx, use)
      await putPreviewAnswer(tx, use, given)
      if (given.answer === 'declined' && before?.answer !== 'declined')
        await appendRecords(tx, recordKey, [{ record: declined }])
    })
    this.#needs.afterCommit()
  }

  async #limitRefusal(tx: Transaction, use: Entry['predicateUse']): Promise<CommitRefusal> {
    const [isTooMany] = await countPredicateUses(tx, [use])
    return isTooMany ? 'PREDICATE_LIMIT_REACHED' : undefined
  }
}
