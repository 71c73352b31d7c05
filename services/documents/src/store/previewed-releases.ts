import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import { type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import type { PreviewAnswer, PreviewedUse } from '../domain/preview.js'
import { appendRecords } from './append-records.js'
import type { CommitRefusal, Entry } from './exchange-log.js'
import { countPredicateUses } from './predicate-uses.js'
import { lockPreviewAnswer, putPreviewAnswer } from './preview-answers.js'

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

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** As ExchangeLog.commit; `refusal` judges the answer that stands. */
  async commit(
    { record, predicateUse }: Pick<Entry, 'record' | 'predicateUse'>,
    use: PreviewedUse,
    refusal: (answer: PreviewAnswer | undefined) => CommitRefusal,
  ): Promise<CommitRefusal> {
    const { postgres, recordKey } = this.#needs
    const refused = await postgres.transaction(async (tx) => {
      const reason = refusal(await lockPreviewAnswer(tx, use)) ?? (await this.#limitRefusal(tx, predicateUse))
      await appendRecords(tx, recordKey, [{ record: reason ? { ...record, ...refusedOutcome(reason) } : record }])
      return reason
    })
    this.#needs.afterCommit()
    return refused
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
