import type { Clock } from './clock.js'
import type { Log } from './log.js'
import { largestEventBytes, type Order, OutboxTable, type OutgoingEvent, type QueuedEvent } from './outbox-table.js'
import type { Postgres, Session, Transaction } from './postgres.js'

export type { OutgoingEvent, QueuedEvent }

/** Events that follow each other in one order; at least one. */
export type Consecutive = readonly [QueuedEvent, ...QueuedEvent[]]

/**
 * Hands events over; answers how many of them, from the first on, the receiver's inbox has committed. Fails where not even the first
 * is, and gives up after some seconds.
 */
export type Courier = (events: Consecutive) => Promise<number>

const sweepMs = 1000
const longestWaitSeconds = 60
/** What an event takes in a message besides its data, at most: id, type and time. */
const envelopeBytes = 200

const nameOf = ({ receiver, topic }: Order): string => `${receiver}\n${topic}`

/** Those of the first of these events that fit into one message. */
const fitting = (events: readonly QueuedEvent[]): readonly QueuedEvent[] => {
  let bytes = 0
  const tooMuch = events.findIndex(({ data }, at) => {
    bytes += data.byteLength + envelopeBytes
    return at > 0 && bytes > largestEventBytes
  })
  return tooMuch < 0 ? events : events.slice(0, tooMuch)
}

/**
 * The transactional outbox: an event is written in the transaction of the effect, then carried until the receiver confirms,
 * retried with back-off for as long as it takes. NATS forgets; this table does not. Each order of events is carried by one
 * process at a time, first to last, and waits for no other order; no transaction and no pooled connection waits for a receiver.
 */
export class Outbox {
  readonly #postgres: Postgres
  readonly #table: OutboxTable
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
    this.#table = new OutboxTable(postgres, clock)
    this.#log = log
  }

  /** As `OutboxTable.add`. The caller wakes the outbox after its commit. */
  add(tx: Transaction, events: readonly OutgoingEvent[]): Promise<void> {
    return this.#table.add(tx, events)
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
      const orders = await this.#table.due()
      if (orders.length === 0) return
      if (!this.#session?.isOpen()) this.#session = await this.#postgres.session()
      for (const order of orders) this.#take(courier, order, this.#session)
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
  async #carryBatch(courier: Courier, order: Order, session: Session): Promise<boolean> {
    const events = await this.#table.first(order)
    // Only the first counts: a later event, always due, does not hurry one that is waiting.
    if (!events[0]?.isDue) return false
    let carried = 0
    while (carried < events.length) {
      // Without its lock, another process may be carrying this order.
      if (this.#isStopped || !session.isOpen()) break
      const confirmed = await this.#deliver(courier, fitting(events.slice(carried)))
      if (confirmed === 0) break
      carried += confirmed
    }
    if (carried > 0) await this.#table.remove(events.slice(0, carried))
    return carried === events.length
  }

  /** Answers how many of these the receiver has. */
  async #deliver(courier: Courier, [event, ...following]: readonly QueuedEvent[]): Promise<number> {
    if (!event) return 0
    try {
      return await courier([event, ...following])
    } catch (error) {
      const waitSeconds = Math.min(longestWaitSeconds, 0.2 * 2 ** Math.min(event.attempts, 12))
      this.#log.warn(
        { err: error, receiver: event.receiver, eventType: event.type, attempts: event.attempts + 1 },
        'an event was not confirmed; it will be carried again',
      )
      await this.#table.postpone(event, waitSeconds)
      return 0
    }
  }
}
