import { MeshError } from '@unefois/proto/reasons'
import type { Clock } from './clock.js'
import { jointly, jointWrite } from './joint.js'
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
  readonly id: number
  readonly eventId: string
  readonly position: number
  readonly occurredAtMs: number
  /** How often it was carried in vain. */
  readonly attempts: number
  readonly isDue: boolean
}

/** In what order is kept. */
export type Order = Pick<OutgoingEvent, 'receiver' | 'topic'>

/** How many events are handed over at once, at most; as the contract says. */
export const mostAtOnce = 50
/** Sealed and encoded, more might not fit into a message, and what never fits would hold up its order for ever. */
export const largestEventBytes = 96 * 1024

/** The events that receivers have not confirmed. */
export class OutboxTable {
  readonly #postgres: Postgres
  readonly #clock: Clock

  constructor(postgres: Postgres, clock: Clock) {
    this.#postgres = postgres
    this.#clock = clock
  }

  /**
   * Adds events to the transaction, which waits for no other one that adds some. Of two transactions the one that knows the other
   * one's effects tells later, because it locked or read what the other had changed. Error: REQUEST_TOO_LARGE above 96 KiB of data.
   */
  async add(tx: Transaction, events: readonly OutgoingEvent[]): Promise<void> {
    if (events.some(({ data }) => data.byteLength > largestEventBytes)) throw new MeshError('REQUEST_TOO_LARGE')
    if (events.length === 0) return
    await jointly(tx, this.#add, events)
  }

  readonly #add = jointWrite<readonly OutgoingEvent[], void>(async (tx, items) => {
    const events = items.flat()
    await tx.query({
      name: 'outbox-add',
      text: `INSERT INTO outbox (receiver, topic, type, data, occurred_at_ms)
             SELECT receiver, topic, type, data, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
               WITH ORDINALITY AS added (receiver, topic, type, data, nr) ORDER BY nr`,
      values: [
        events.map(({ receiver }) => receiver),
        events.map(({ topic }) => topic),
        events.map(({ type }) => type),
        events.map(({ data }) => Buffer.from(data)),
        Math.floor(this.#clock.nowMs()),
      ],
    })
    return items.map(() => undefined)
  })

  /** The orders whose first event is due. */
  async due(): Promise<Order[]> {
    const found = await this.#postgres.query<Order>({
      name: 'outbox-due',
      // From each order to the next by the index, however much waits in one of them.
      text: `WITH RECURSIVE head AS (
               (SELECT receiver, topic, due_at FROM outbox ORDER BY receiver, topic, position, id LIMIT 1)
               UNION ALL
               SELECT next.* FROM head CROSS JOIN LATERAL (
                 SELECT receiver, topic, due_at FROM outbox WHERE (receiver, topic) > (head.receiver, head.topic)
                 ORDER BY receiver, topic, position, id LIMIT 1) AS next)
             SELECT receiver, topic FROM head WHERE due_at <= clock_timestamp()`,
    })
    return found.rows
  }

  /**
   * The first events of an order, each with its position, which is given here and for good, before anybody hears of it: what is
   * committed late comes after what was carried already. Only for who has the order's lock.
   */
  async first({ receiver, topic }: Order): Promise<QueuedEvent[]> {
    await this.#postgres.query({
      name: 'outbox-positions',
      text: `WITH head AS MATERIALIZED (
               SELECT id, position FROM outbox WHERE receiver = $1 AND topic = $2 ORDER BY position, id LIMIT ${mostAtOnce}),
             fresh AS (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM head WHERE position IS NULL),
             given AS (
               INSERT INTO outbox_position AS known (receiver, topic, position)
               SELECT $1, $2, count(*) FROM fresh HAVING count(*) > 0
               ON CONFLICT (receiver, topic) DO UPDATE SET position = known.position + excluded.position
               RETURNING position - (SELECT count(*) FROM fresh) AS last)
             UPDATE outbox SET position = last + nr FROM fresh, given WHERE outbox.id = fresh.id`,
      values: [receiver, topic],
    })
    const found = await this.#postgres.query<QueuedEvent>({
      name: 'outbox-first',
      text: `SELECT id, event_id AS "eventId", receiver, topic, position, type, data, occurred_at_ms AS "occurredAtMs", attempts,
               due_at <= clock_timestamp() AS "isDue"
             FROM outbox WHERE receiver = $1 AND topic = $2 AND position IS NOT NULL ORDER BY position LIMIT ${mostAtOnce}`,
      values: [receiver, topic],
    })
    return found.rows
  }

  /** Their receiver has them. */
  async remove(confirmed: readonly QueuedEvent[]): Promise<void> {
    await this.#postgres.query('DELETE FROM outbox WHERE id = ANY($1)', [confirmed.map(({ id }) => id)])
  }

  /** Was carried in vain, and is due so many seconds from now: the attempt may itself have taken longer than the wait. */
  async postpone({ id }: QueuedEvent, seconds: number): Promise<void> {
    await this.#postgres.query(
      `UPDATE outbox SET attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1`,
      [id, seconds],
    )
  }
}
