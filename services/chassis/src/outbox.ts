import { randomUUID } from 'node:crypto'
import { MeshError } from '@unefois/proto/reasons'
import type { Clock } from './clock.js'
import type { Log } from './log.js'
import type { Postgres, Session, Transaction } from './postgres.js'

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

/** Events that follow each other in one order; at least one. */
export type Consecutive = readonly [QueuedEvent, ...QueuedEvent[]]

/**
 * Hands events over; answers how many of them, from the first on, the receiver's inbox has committed. Fails where not even the first
 * is, and gives up after some seconds.
 */
export type Courier = (events: Consecutive) => Promise<number>

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
  readonly is_due: boolean
}

type Order = Pick<OutgoingEvent, 'receiver' | 'topic'>

const sweepMs = 1000
/** How many events are handed over at once, at most; as the contract says. */
export const mostAtOnce = 50
const longestWaitSeconds = 60
/** Sealed and encoded, more might not fit into a message, and what never fits would hold up its order for ever. */
const largestEventBytes = 96 * 1024
/** What an event takes in a message besides its data, at most: id, type and time. */
const envelopeBytes = 200

const nameOf = ({ receiver, topic }: Order): string => `${receiver}\n${topic}`
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const toEvent = (row: Row): QueuedEvent => ({
  eventId: row.event_id,
  receiver: row.receiver,
  topic: row.topic,
  position: row.position,
  type: row.type,
  data: row.data,
  occurredAtMs: row.occurred_at_ms,
})

/** Those of the first of these rows that fit into one message. */
const fitting = (rows: readonly Row[]): readonly Row[] => {
  let bytes = 0
  const tooMuch = rows.findIndex(({ data }, at) => {
    bytes += data.byteLength + envelopeBytes
    return at > 0 && bytes > largestEventBytes
  })
  return tooMuch < 0 ? rows : rows.slice(0, tooMuch)
}

/**
 * The transactional outbox: an event is written in the transaction of the effect, then carried until the receiver confirms,
 * retried with back-off for as long as it takes. NATS forgets; this table does not. Each order of events is carried by one
 * process at a time, first to last, and waits for no other order; no transaction and no pooled connection waits for a receiver.
 */
export class Outbox {
  readonly #postgres: Postgres
  readonly #clock: Clock
  readonly #log: Log
  #courier: Courier | undefined
  #timer: NodeJS.Timeout | undefined
  #isWoken = false
  #isStopped = false
  #looking: Promise<void> | undefined
  /** Holds the locks of the orders that this process carries. */
  #session: Session | undefined
  /** What is under way, and whether its order was found due meanwhile. */
  readonly #carrying = new Map<string, { readonly done: Promise<void>; isDueAgain: boolean }>()

  constructor(postgres: Postgres, clock: Clock, log: Log) {
    this.#postgres = postgres
    this.#clock = clock
    this.#log = log
  }

  /**
   * Adds events to the transaction; answers their positions. The caller wakes the outbox after its commit.
   * Error: REQUEST_TOO_LARGE above 96 KiB of data.
   */
  async add(tx: Transaction, events: readonly OutgoingEvent[]): Promise<number[]> {
    const positions: number[] = []
    // Each transaction takes the orders in the same order, so that two of them never wait for each other.
    const sorted = events.map((event, at) => ({ event, at })).sort((a, b) => compare(nameOf(a.event), nameOf(b.event)))
    for (const { event, at } of sorted) {
      if (event.data.byteLength > largestEventBytes) throw new MeshError('REQUEST_TOO_LARGE')
      const { rows } = await tx.query<{ position: number }>({
        name: 'outbox-add',
        text: `WITH next AS (
           INSERT INTO outbox_position (receiver, topic, position) VALUES ($1, $2, 1)
           ON CONFLICT (receiver, topic) DO UPDATE SET position = outbox_position.position + 1
           RETURNING position)
         INSERT INTO outbox (event_id, receiver, topic, position, type, data, occurred_at_ms)
         SELECT $3, $1, $2, next.position, $4, $5, $6 FROM next RETURNING position`,
        values: [
          event.receiver,
          event.topic,
          randomUUID(),
          event.type,
          Buffer.from(event.data),
          Math.floor(this.#clock.nowMs()),
        ],
      })
      positions[at] = rows[0]?.position as number
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
    if (!this.#courier || this.#looking || this.#isStopped) return
    this.#looking = this.#look(this.#courier).finally(() => {
      this.#looking = undefined
      if (this.#isWoken) this.wake()
    })
  }

  /** Takes up no further event and waits for those under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#looking
    await Promise.all([...this.#carrying.values()].map(({ done }) => done))
    await this.#session?.end()
  }

  /** Starts to carry every order whose first event is due. */
  async #look(courier: Courier): Promise<void> {
    this.#isWoken = false
    try {
      const { rows } = await this.#postgres.query<Order>(
        `SELECT o.receiver, o.topic FROM outbox_position o
         JOIN LATERAL (SELECT due_at FROM outbox WHERE receiver = o.receiver AND topic = o.topic
                       ORDER BY position LIMIT 1) AS head ON head.due_at <= clock_timestamp()`,
      )
      if (rows.length === 0) return
      if (!this.#session?.isOpen()) this.#session = await this.#postgres.session()
      for (const order of rows) this.#take(courier, order, this.#session)
    } catch (error) {
      this.#log.warn({ err: error }, 'the outbox could not be read; the next sweep tries again')
    }
  }

  #take(courier: Courier, order: Order, session: Session): void {
    const name = nameOf(order)
    const underWay = this.#carrying.get(name)
    if (underWay) {
      underWay.isDueAgain = true
      return
    }
    const done = this.#carry(courier, order, session)
      .catch((error) => this.#log.warn({ err: error }, 'an order of events was left; the next sweep takes it up'))
      .finally(() => {
        const isDueAgain = this.#carrying.get(name)?.isDueAgain
        this.#carrying.delete(name)
        if (isDueAgain) this.wake()
      })
    this.#carrying.set(name, { done, isDueAgain: false })
  }

  /** Carries one order's events, first to last; a lock keeps other processes off the same order meanwhile. */
  async #carry(courier: Courier, order: Order, session: Session): Promise<void> {
    // Locks are the whole database's, which other services' schemas share.
    const lock = 'hashtext(current_schema()), hashtext($1)'
    const { rows } = await session.query<{ ok: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS ok`, [nameOf(order)])
    if (!rows[0]?.ok) return
    try {
      let isMore = true
      while (isMore) isMore = await this.#carryBatch(courier, order, session)
    } finally {
      if (session.isOpen()) await session.query(`SELECT pg_advisory_unlock(${lock})`, [nameOf(order)])
    }
  }

  /** True when every event of the batch was confirmed, and there may be more. */
  async #carryBatch(courier: Courier, { receiver, topic }: Order, session: Session): Promise<boolean> {
    const { rows } = await this.#postgres.query<Row>({
      name: 'outbox-batch',
      text: `SELECT id, event_id, receiver, topic, position, type, data, occurred_at_ms, attempts,
              due_at <= clock_timestamp() AS is_due
       FROM outbox WHERE receiver = $1 AND topic = $2 ORDER BY position LIMIT ${mostAtOnce}`,
      values: [receiver, topic],
    })
    // Only the first counts: a later event, always due, does not hurry one that is waiting.
    if (!rows[0]?.is_due) return false
    let carried = 0
    while (carried < rows.length) {
      // Without its lock, another process may be carrying this order.
      if (this.#isStopped || !session.isOpen()) break
      const confirmed = await this.#deliver(courier, fitting(rows.slice(carried)))
      if (confirmed === 0) break
      carried += confirmed
    }
    if (carried > 0)
      await this.#postgres.query({
        name: 'outbox-carried',
        text: 'DELETE FROM outbox WHERE id = ANY($1)',
        values: [rows.slice(0, carried).map(({ id }) => id)],
      })
    return carried === rows.length
  }

  /** Answers how many of these the receiver has. */
  async #deliver(courier: Courier, rows: readonly Row[]): Promise<number> {
    const [row, ...following] = rows
    if (!row) return 0
    try {
      return await courier([toEvent(row), ...following.map(toEvent)])
    } catch (error) {
      const waitSeconds = Math.min(longestWaitSeconds, 0.2 * 2 ** Math.min(row.attempts, 12))
      this.#log.warn(
        { err: error, receiver: row.receiver, eventType: row.type, attempts: row.attempts + 1 },
        'an event was not confirmed; it will be carried again',
      )
      await this.#postgres.query(
        // Counted from now, not from before the attempt, which may itself have taken longer than the wait.
        `UPDATE outbox SET attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1`,
        [row.id, waitSeconds],
      )
      return 0
    }
  }
}
