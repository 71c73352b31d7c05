import { context } from '@opentelemetry/api'
import { MeshError } from '@unefois/proto/reasons'
import { batched } from './batch.js'
import type { Clock } from './clock.js'
import type { Deadline } from './deadline.js'
import { IdempotencyTable, type IdempotentUse, nameOf } from './idempotency-table.js'
import { type Apart, apart, inOneTransaction } from './joint.js'
import type { Postgres, Transaction } from './postgres.js'

type Effect = (tx: Transaction) => Promise<Uint8Array>

interface IdempotentEffect {
  readonly use: IdempotentUse
  readonly effect: Effect
  readonly deadline: Pick<Deadline, 'remainingMs'>
}

/** How long a retry waits for the first try to end. */
const longestLockMs = 2000
/** What others do for longer holds up none of those who share a transaction. */
const longestJointLockMs = 10
// Measured: fewer in more transactions, or more in one, book no faster.
const [mostJoined, jointTransactions] = [24, 2]

const isLockTimeout = (error: unknown): boolean => (error as { code?: string }).code === '55P03'

/** Idempotency keys (compare draft-ietf-httpapi-idempotency-key-header): kept 24 h for each caller and method. */
export class Idempotency {
  readonly #postgres: Postgres
  readonly #table: IdempotencyTable
  readonly #joined = batched<IdempotentEffect, Uint8Array | Apart>((effects) => this.#inOne(effects), {
    most: mostJoined,
    runs: jointTransactions,
  })
  /** Keys of those of which none has been answered yet. */
  readonly #underWay = new Set<string>()

  /** `answerKey`: 32 bytes, the same in each process of the service. */
  constructor(postgres: Postgres, clock: Clock, answerKey: Uint8Array) {
    this.#postgres = postgres
    this.#table = new IdempotencyTable(clock, answerKey)
  }

  /** Runs an effect once for each key: a retry gets the first answer, the same key with another request is refused. */
  async once(use: IdempotentUse, effect: Effect): Promise<Uint8Array> {
    const run = async (tx: Transaction): Promise<Uint8Array> => {
      // What the effect itself waits for is another matter than the first try.
      const [isNew] = await this.#table.claim(tx, [use], 0).catch((error) => {
        throw isLockTimeout(error) ? new MeshError('IDEMPOTENCY_IN_PROGRESS', { cause: error }) : error
      })
      if (!isNew) return this.#table.answerOf(tx, use)
      const response = await effect(tx)
      await this.#table.keepAnswers(tx, new Map([[use, response]]))
      return response
    }
    return this.#postgres.transaction(run, { longestLockMs })
  }

  /**
   * The same of an effect that may share its transaction with others that come at the same time. Where it cannot, it runs once more, in
   * one of its own: it does nothing but with its transaction. Error: DEADLINE_EXCEEDED where it had to wait for too long to begin.
   */
  async onceJoined(use: IdempotentUse, effect: Effect, deadline: Pick<Deadline, 'remainingMs'>): Promise<Uint8Array> {
    const name = nameOf(use)
    // A retry waits for its first try: in company it would hold up the others.
    if (this.#underWay.has(name)) return this.once(use, effect)
    this.#underWay.add(name)
    try {
      // Whoever else is in the transaction, it belongs to the trace of its own request.
      const answer = await this.#joined({ use, effect: context.bind(context.active(), effect), deadline })
      if (answer !== apart) return answer
      if (deadline.remainingMs() <= 0) throw new MeshError('DEADLINE_EXCEEDED')
      return await this.once(use, effect)
    } finally {
      this.#underWay.delete(name)
    }
  }

  /** Only what has its effect and its answer is kept of it; the rest, and all where it fails, is as if it had not been tried. */
  async #inOne(effects: readonly IdempotentEffect[]): Promise<(Uint8Array | Apart)[]> {
    const run = async (tx: Transaction): Promise<(Uint8Array | Apart)[]> => {
      // Where a database was away for long, or has no connection left, others come first that have not given up.
      const timely = effects.filter(({ deadline }) => deadline.remainingMs() > 0)
      const isNew = await this.#table.claim(
        tx,
        timely.map(({ use }) => use),
        longestJointLockMs,
      )
      const fresh = timely.filter((_, at) => isNew[at])
      const outcomes = await inOneTransaction(
        tx,
        fresh.map(({ effect }) => effect),
      )
      const answers = new Map<IdempotentUse, Uint8Array>()
      for (const [at, { use }] of fresh.entries()) {
        const outcome = outcomes[at]
        if (outcome !== undefined && outcome !== apart) answers.set(use, outcome)
      }
      await this.#table.release(
        tx,
        fresh.flatMap(({ use }) => (answers.has(use) ? [] : [use])),
      )
      await this.#table.keepAnswers(tx, answers)
      return effects.map(({ use }) => answers.get(use) ?? apart)
    }
    return this.#postgres.transaction(run, { longestLockMs: longestJointLockMs }).catch((error) => {
      // Without a database they would fail apart as well, only later.
      if (error instanceof MeshError) throw error
      return effects.map(() => apart)
    })
  }

  /** For an RPC whose retries are evaluated again: refuses the same key with another request, keeps no answer. */
  async requireSameRequest(use: IdempotentUse): Promise<void> {
    const [isNew] = await this.#table.claim(this.#postgres, [use], 0)
    if (!isNew) await this.#table.answerOf(this.#postgres, use)
  }

  /** Forgets keys older than 24 h. */
  async forgetExpired(): Promise<void> {
    await this.#table.forgetExpired(this.#postgres)
  }
}
