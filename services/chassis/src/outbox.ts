import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.js'
import type { Log } from './log.js'
import type { Postgres, Transaction } from './postgres.js'

/** An event to be told to one receiver; order is kept within (receiver, topic). */
export interface OutgoingEvent {
  /** A member id for another member's service (`member/service`), or the bus name of a neighbour. */
  readonly receiver: string
  readonly topic: string
  /** CloudEvents type, noun first, past tense. */
  readonly type: string
  readonly data: Uint8Array
}

/** An event as a courier carries it. */
export interface QueuedEvent extends OutgoingEvent {
  readonly eventId: string
  readonly position: number
  readonly occurredAtMs: number
}

/** Hands one event over; resolves once the receiver's inbox has committed it. */
export type Courier = (event: QueuedEvent) => Promise<void>

interface Row {
  readonly id: number
  readonly event_id: string
  readonly receiver: string
  readonly topic: string
  readonly position: number
  readonly type: string
  readonly data: Buffer
  readonly occurred_at_ms: number
  readonly attempts: number
}

const sweepMs = 1000
const batchSize = 50
const longestWaitSeconds = 60

const toEvent = (row: Row): QueuedEvent => ({
  eventId: row.event_id,
  receiver: row.receiver,
  topic: row.topic,
  position: row.position,
  type: row.type,
  data: row.data,
  occurredAtMs: row.occurred_at_ms,
})

/**
 * The transactional outbox: an event is written in the transaction of the effect, then carried until the receiver confirms,
 * retried with back-off for as long as it takes. NATS forgets; this table does not.
 */
export class Outbox {
  readonly #postgres: Postgres
  readonly #clock: Clock
  readonly #log: Log
  #courier: Courier | undefined
  #timer: NodeJS.Timeout | undefined
  #isWoken = false
  #pumping: Promise<void> | undefined
  #isStopped = false

  constructor(postgres: Postgres, clock: Clock, log: Log) {
    this.#postgres = postgres
    this.#clock = clock
    this.#log = log
  }

  /** Adds events to the transaction; answers their positions. The caller wakes the pump after its commit. */
  async add(tx: Transaction, events: readonly OutgoingEvent[]): Promise<number[]> {
    const positions: number[] = []
    for (const event of events) {
      const { rows } = await tx.query<{ position: number }>(
        `WITH next AS (
           INSERT INTO outbox_position (receiver, topic, position) VALUES ($1, $2, 1)
           ON CONFLICT (receiver, topic) DO UPDATE SET position = outbox_position.position + 1
           RETURNING position)
         INSERT INTO outbox (event_id, receiver, topic, position, type, data, occurred_at_ms)
         SELECT $3, $1, $2, next.position, $4, $5, $6 FROM next RETURNING position`,
        [
          event.receiver,
          event.topic,
          randomUUID(),
          event.type,
          Buffer.from(event.data),
          Math.floor(this.#clock.nowMs()),
        ],
      )
      positions.push(rows[0]?.position as number)
    }
    return positions
  }

  /** Starts carrying; a sweep each second finds what another process or an earlier life of this one has left. */
  start(courier: Courier): void {
    this.#courier = courier
    this.#timer = setInterval(() => this.wake(), sweepMs)
    this.#timer.unref()
    this.wake()
  }

  /** Says that something was committed. */
  wake(): void {
    this.#isWoken = true
    if (!this.#courier || this.#pumping || this.#isStopped) return
    this.#pumping = this.#pump().finally(() => {
      this.#pumping = undefined
      if (this.#isWoken && !this.#isStopped) this.wake()
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#pumping
  }

  async #pump(): Promise<void> {
    this.#isWoken = false
    try {
      const { rows } = await this.#postgres.query<{ receiver: string; topic: string }>(
        `SELECT DISTINCT receiver, topic FROM outbox WHERE due_at <= now()`,
      )
      await Promise.all(rows.map(({ receiver, topic }) => this.#carry(receiver, topic)))
    } catch (error) {
      this.#log.warn({ err: error }, 'the outbox could not be read; the next sweep tries again')
    }
  }

  /** Carries one order's events, first to last; a lock keeps other processes off the same order meanwhile. */
  async #carry(receiver: string, topic: string): Promise<void> {
    await this.#postgres.transaction(async (tx) => {
      const lock = await tx.query<{ ok: boolean }>(
        'SELECT pg_try_advisory_xact_lock(hashtext($1), hashtext($2)) AS ok',
        [receiver, topic],
      )
      if (!lock.rows[0]?.ok) return
      const { rows } = await tx.query<Row>(
        `SELECT id, event_id, receiver, topic, position, type, data, occurred_at_ms, attempts FROM outbox
         WHERE receiver = $1 AND topic = $2 ORDER BY position LIMIT ${batchSize}`,
        [receiver, topic],
      )
      const carried: number[] = []
      for (const row of rows) {
        if (!(await this.#deliver(tx, row))) break
        carried.push(row.id)
      }
      if (carried.length > 0) await tx.query('DELETE FROM outbox WHERE id = ANY($1)', [carried])
      if (carried.length === batchSize) this.#isWoken = true
    })
  }

  async #deliver(tx: Transaction, row: Row): Promise<boolean> {
    try {
      await this.#courier?.(toEvent(row))
      return true
    } catch (error) {
      const waitSeconds = Math.min(longestWaitSeconds, 0.2 * 2 ** Math.min(row.attempts, 12))
      await tx.query(
        `UPDATE outbox SET attempts = attempts + 1, due_at = now() + make_interval(secs => $2) WHERE id = $1`,
        [row.id, waitSeconds],
      )
      this.#log.warn(
        { err: error, receiver: row.receiver, eventType: row.type, attempts: row.attempts + 1 },
        'an event was not confirmed; it will be carried again',
      )
      return false
    }
  }
}
