import { createHash } from 'node:crypto'
import { MeshError } from '@unefois/proto/reasons'
import { decrypt, encrypt } from './cipher.js'
import type { Clock } from './clock.js'
import type { Queryable, Transaction } from './postgres.js'

const keptMs = 24 * 3600 * 1000

export interface IdempotentUse {
  readonly caller: string
  readonly method: string
  readonly key: string
  readonly request: Uint8Array
}

/** What is kept of a use until it is answered, and then. */
interface Row {
  readonly request_hash: Buffer
  readonly response: Buffer | null
}

/** By what a use is known. */
export const nameOf = ({ caller, method, key }: Omit<IdempotentUse, 'request'>): string =>
  JSON.stringify([caller, method, key])

const contextOf = (use: IdempotentUse): string => `answer ${nameOf(use)}`

const hashOf = (request: Uint8Array): Buffer => createHash('sha256').update(request).digest()

const namesOf = (uses: readonly IdempotentUse[]): [string[], string[], string[]] => [
  uses.map(({ caller }) => caller),
  uses.map(({ method }) => method),
  uses.map(({ key }) => key),
]

/** Idempotency keys that were used, each with its answer, which may say what the service itself keeps only under a key: encrypted. */
export class IdempotencyTable {
  readonly #clock: Clock
  readonly #answerKey: Uint8Array

  /** `answerKey`: 32 bytes, the same in each process of the service. */
  constructor(clock: Clock, answerKey: Uint8Array) {
    this.#clock = clock
    this.#answerKey = answerKey
  }

  /**
   * Remembers keys that nobody used before; answers for each use whether its key is such a one. What the transaction does afterwards waits
   * for a lock as long as it says, in milliseconds; 0: without a limit.
   */
  async claim(db: Queryable, uses: readonly IdempotentUse[], laterLockMs: number): Promise<boolean[]> {
    const { rows } = await db.query<Omit<IdempotentUse, 'request'>>({
      name: 'idempotency-claim',
      text: `WITH claimed AS (
               INSERT INTO idempotency (caller, method, key, request_hash, expires_at)
               SELECT caller, method, key, request_hash, to_timestamp($5::float8 / 1000)
               FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) AS used (caller, method, key, request_hash)
               ON CONFLICT DO NOTHING RETURNING caller, method, key)
             SELECT caller, method, key, set_config('lock_timeout', $6, true) FROM claimed`,
      values: [...this.#rowsOf(uses), String(laterLockMs)],
    })
    const claimed = new Set(rows.map(nameOf))
    // Of one key that comes twice at once the first has it.
    return uses.map((use) => claimed.delete(nameOf(use)))
  }

  /**
   * The answer that a use had before; empty for a key that is used without one. Errors: IDEMPOTENCY_KEY_REUSED for another request,
   * IDEMPOTENCY_IN_PROGRESS.
   */
  async answerOf(db: Queryable, use: IdempotentUse): Promise<Uint8Array> {
    const { rows } = await db.query<Row>(
      'SELECT request_hash, response FROM idempotency WHERE caller = $1 AND method = $2 AND key = $3',
      [use.caller, use.method, use.key],
    )
    const [known] = rows
    if (!known) throw new MeshError('IDEMPOTENCY_IN_PROGRESS')
    if (!known.request_hash.equals(hashOf(use.request))) throw new MeshError('IDEMPOTENCY_KEY_REUSED')
    return known.response ? decrypt(this.#answerKey, known.response, contextOf(use)) : new Uint8Array()
  }

  /** Of keys that were claimed in the same transaction. */
  async keepAnswers(tx: Transaction, answers: ReadonlyMap<IdempotentUse, Uint8Array>): Promise<void> {
    if (answers.size === 0) return
    await tx.query({
      name: 'idempotency-answer',
      // An update by a join is planned while the table is small, and reads all of it for minutes once it has grown.
      text: `INSERT INTO idempotency (caller, method, key, request_hash, expires_at, response)
             SELECT caller, method, key, request_hash, to_timestamp($5::float8 / 1000), response
             FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $6::bytea[])
               AS used (caller, method, key, request_hash, response)
             ON CONFLICT (caller, method, key) DO UPDATE SET response = EXCLUDED.response`,
      values: [
        ...this.#rowsOf([...answers.keys()]),
        [...answers].map(([use, response]) => encrypt(this.#answerKey, response, contextOf(use))),
      ],
    })
  }

  /** These keys are free again. */
  async release(tx: Transaction, uses: readonly IdempotentUse[]): Promise<void> {
    if (uses.length === 0) return
    await tx.query(
      `DELETE FROM idempotency AS kept USING unnest($1::text[], $2::text[], $3::text[]) AS used (caller, method, key)
       WHERE kept.caller = used.caller AND kept.method = used.method AND kept.key = used.key`,
      namesOf(uses),
    )
  }

  /** Forgets keys older than 24 h. */
  async forgetExpired(db: Queryable): Promise<void> {
    await db.query('DELETE FROM idempotency WHERE expires_at < to_timestamp($1::float8 / 1000)', [this.#clock.nowMs()])
  }

  /** The first five values of a statement that writes rows: names, hashes, and until when they are kept. */
  #rowsOf(uses: readonly IdempotentUse[]): unknown[] {
    return [...namesOf(uses), uses.map(({ request }) => hashOf(request)), this.#clock.nowMs() + keptMs]
  }
}
