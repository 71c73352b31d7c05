import { createHash } from 'node:crypto'
import { MeshError } from '@unefois/proto/reasons'
import { decrypt, encrypt } from './cipher.js'
import type { Clock } from './clock.js'
import type { Postgres, Transaction } from './postgres.js'

const keptMs = 24 * 3600 * 1000

export interface IdempotentUse {
  readonly caller: string
  readonly method: string
  readonly key: string
  readonly request: Uint8Array
}

interface Remembered {
  readonly request_hash: Buffer
  readonly response: Buffer | null
}

const contextOf = ({ caller, method, key }: IdempotentUse): string => `answer ${JSON.stringify([caller, method, key])}`

const hashOf = (request: Uint8Array): Buffer => createHash('sha256').update(request).digest()

/** How long a retry waits for the first try to end. */
const longestLockMs = 2000

const isLockTimeout = (error: unknown): boolean => (error as { code?: string }).code === '55P03'

/**
 * Idempotency keys (compare draft-ietf-httpapi-idempotency-key-header): kept 24 h for each caller and method, with the answer
 * encrypted, because it may say what the service itself keeps only under a key.
 */
export class Idempotency {
  readonly #postgres: Postgres
  readonly #clock: Clock
  readonly #answerKey: Uint8Array

  /** `answerKey`: 32 bytes, the same in each process of the service. */
  constructor(postgres: Postgres, clock: Clock, answerKey: Uint8Array) {
    this.#postgres = postgres
    this.#clock = clock
    this.#answerKey = answerKey
  }

  async #claim(tx: Transaction, use: IdempotentUse): Promise<Remembered | undefined> {
    const values = [use.caller, use.method, use.key, hashOf(use.request), this.#clock.nowMs() + keptMs]
    // What the effect itself waits for is another matter, so the limit ends here, in the same round trip.
    const inserted = await tx.query<{ claimed: number }>({
      name: 'idempotency-claim',
      text: `WITH claimed AS (
               INSERT INTO idempotency (caller, method, key, request_hash, expires_at)
               VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000)) ON CONFLICT DO NOTHING RETURNING key)
             SELECT count(*) AS claimed, set_config('lock_timeout', '0', true) FROM claimed`,
      values,
    })
    if (inserted.rows[0]?.claimed === 1) return undefined
    const { rows } = await tx.query<Remembered>(
      'SELECT request_hash, response FROM idempotency WHERE caller = $1 AND method = $2 AND key = $3',
      values.slice(0, 3),
    )
    const known = rows[0]
    if (!known) throw new MeshError('IDEMPOTENCY_IN_PROGRESS')
    if (!known.request_hash.equals(hashOf(use.request))) throw new MeshError('IDEMPOTENCY_KEY_REUSED')
    return known
  }

  /** Runs an effect once for each key: a retry gets the first answer, the same key with another request is refused. */
  async once(use: IdempotentUse, effect: (tx: Transaction) => Promise<Uint8Array>): Promise<Uint8Array> {
    const run = async (tx: Transaction): Promise<Uint8Array> => {
      const known = await this.#claim(tx, use).catch((error) => {
        throw isLockTimeout(error) ? new MeshError('IDEMPOTENCY_IN_PROGRESS', { cause: error }) : error
      })
      if (known) return known.response ? decrypt(this.#answerKey, known.response, contextOf(use)) : new Uint8Array()
      const response = await effect(tx)
      await tx.query({
        name: 'idempotency-answer',
        text: 'UPDATE idempotency SET response = $4 WHERE caller = $1 AND method = $2 AND key = $3',
        values: [use.caller, use.method, use.key, encrypt(this.#answerKey, response, contextOf(use))],
      })
      return response
    }
    return this.#postgres.transaction(run, { longestLockMs })
  }

  /** For an RPC whose retries are evaluated again: refuses the same key with another request, keeps no answer. */
  async requireSameRequest(use: IdempotentUse): Promise<void> {
    await this.#claim(this.#postgres, use)
  }

  /** Forgets keys older than 24 h. */
  async forgetExpired(): Promise<void> {
    await this.#postgres.query('DELETE FROM idempotency WHERE expires_at < to_timestamp($1::float8 / 1000)', [
      this.#clock.nowMs(),
    ])
  }
}
