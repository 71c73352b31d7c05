import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Postgres, Transaction } from '@unefois/chassis/postgres'
import type { Span } from '../domain/slots.js'

/** A meeting that a practitioner has, without anything that says with whom. */
export interface MeetingOf extends Span {
  readonly appointmentId: string
  readonly serviceTypeId: string
  readonly placeId: string
  readonly revision: number
}

interface Row {
  readonly appointment_id: string
  readonly service_type_id: string
  readonly place_id: string
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly revision: number
}

/** More than a practitioner can have ahead or behind. */
const most = 2000
const secretBytes = 32
const sha256 = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Addresses at which practitioners' appointments can be subscribed to. */
export class Feeds {
  readonly #postgres: Postgres

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  /** Answers the secret of a new address, base64url; only its hash is kept. */
  async create(
    tx: Transaction,
    resourceNo: number,
    nowMs: number,
  ): Promise<{ readonly feedId: string; readonly secret: string }> {
    const feedId = randomUUID()
    const secret = randomBytes(secretBytes).toString('base64url')
    await tx.query(
      'INSERT INTO calendar_feed (feed_id, resource_no, secret_sha256, created_at_ms) VALUES ($1, $2, $3, $4)',
      [feedId, resourceNo, sha256(secret), Math.floor(nowMs)],
    )
    return { feedId, secret }
  }

  /** Whether there was such an address; it answers no more. */
  async end(feedId: string): Promise<boolean> {
    const { rowCount } = await this.#postgres.query('DELETE FROM calendar_feed WHERE feed_id = $1', [feedId])
    return rowCount === 1
  }

  /** The number of whose appointments stand at an address. */
  async resourceBehind(secret: string): Promise<number | undefined> {
    const { rows } = await this.#postgres.query<{ resource_no: number }>(
      'SELECT resource_no FROM calendar_feed WHERE secret_sha256 = $1',
      [sha256(secret)],
    )
    return rows[0]?.resource_no
  }

  /** What a practitioner has in a time: the first of what is ahead, and the last of what was. */
  async meetingsOf(resourceNo: number, { startsAtMs, endsAtMs }: Span, nowMs: number): Promise<MeetingOf[]> {
    const [behind, ahead] = await Promise.all([
      this.#meetings(resourceNo, startsAtMs, nowMs, 'DESC'),
      this.#meetings(resourceNo, nowMs, endsAtMs, 'ASC'),
    ])
    return [...behind.reverse(), ...ahead].map((row) => ({
      appointmentId: row.appointment_id,
      serviceTypeId: row.service_type_id,
      placeId: row.place_id,
      startsAtMs: row.starts_at_ms,
      endsAtMs: row.ends_at_ms,
      revision: row.revision,
    }))
  }

  async #meetings(resourceNo: number, fromMs: number, toMs: number, order: 'ASC' | 'DESC'): Promise<Row[]> {
    const { rows } = await this.#postgres.query<Row>(
      `SELECT appointment_id, service_type_id, place_id, starts_at_ms, ends_at_ms, revision FROM appointment
       WHERE practitioner_no = $1 AND starts_at_ms >= $2 AND starts_at_ms < $3
         AND state IN ('booked', 'arrived', 'fulfilled') ORDER BY starts_at_ms ${order}, appointment_id LIMIT ${most}`,
      [resourceNo, fromMs, toMs],
    )
    return rows
  }
}
