import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Booker, Confirmed, ContestedSlot } from './_booking-load.js'

/**
 * How appointments are booked by who looks first and writes then: the control of the proof, which must find what is wrong with it.
 * A meeting lasts `lengthMs`.
 */
export class NaiveBooker implements Booker {
  readonly #pool: pg.Pool
  readonly #lengthMs: number

  constructor(pool: pg.Pool, lengthMs: number) {
    this.#pool = pool
    this.#lengthMs = lengthMs
  }

  async open(): Promise<void> {
    await this.#pool.query(
      'CREATE TABLE naive (appointment_id uuid PRIMARY KEY, schedule_id text, starts_at_ms bigint, ends_at_ms bigint)',
    )
  }

  async book({ scheduleId, startsAtMs }: ContestedSlot): Promise<Confirmed | undefined> {
    const span = [scheduleId, startsAtMs, startsAtMs + this.#lengthMs]
    const { rowCount } = await this.#pool.query(
      'SELECT FROM naive WHERE schedule_id = $1 AND starts_at_ms < $3 AND ends_at_ms > $2',
      span,
    )
    if (rowCount !== 0) return undefined
    const appointmentId = randomUUID()
    await this.#pool.query('INSERT INTO naive VALUES ($1, $2, $3, $4)', [appointmentId, ...span])
    return { appointmentId, scheduleId, startsAtMs }
  }

  async hold(slot: ContestedSlot): Promise<string | undefined> {
    return (await this.book(slot))?.appointmentId
  }

  async confirm(holdId: string, slot: ContestedSlot): Promise<Confirmed | undefined> {
    return { appointmentId: holdId, ...slot }
  }

  async move(from: Confirmed, to: ContestedSlot): Promise<Confirmed | undefined> {
    const moved = await this.book(to)
    if (moved) await this.cancel(from)
    return moved
  }

  async cancel({ appointmentId }: Confirmed): Promise<void> {
    await this.#pool.query('DELETE FROM naive WHERE appointment_id = $1', [appointmentId])
  }
}
