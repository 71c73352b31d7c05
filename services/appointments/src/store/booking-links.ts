import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** A link by which somebody books one appointment without an account. */
export interface BookingLink {
  readonly linkId: string
  readonly serviceTypeId: string
  /** None: anywhere. */
  readonly placeIds: readonly string[]
  /** Empty: somebody whom the agency does not know. */
  readonly subject: string
  readonly isAccompanied: boolean
  readonly expiresAtMs: number
}

interface Row {
  readonly link_id: string
  readonly service_type_id: string
  readonly place_ids: string[]
  readonly subject: string
  readonly is_accompanied: boolean
  readonly expires_at_ms: number
}

/** Booking links; of their secrets the SHA-256 alone. */
export class BookingLinks {
  readonly #postgres: Queryable

  constructor(postgres: Queryable) {
    this.#postgres = postgres
  }

  async insert(tx: Transaction, link: BookingLink, secretSha256: Buffer, nowMs: number): Promise<void> {
    await tx.query(
      `INSERT INTO booking_link
         (link_id, secret_sha256, service_type_id, place_ids, subject, is_accompanied, created_at_ms, expires_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        ...[link.linkId, secretSha256, link.serviceTypeId, link.placeIds, link.subject, link.isAccompanied],
        ...[Math.floor(nowMs), link.expiresAtMs],
      ],
    )
  }

  /** The link of a secret; undefined also when it is over or was used. */
  async open(secretSha256: Buffer, nowMs: number, db: Queryable = this.#postgres): Promise<BookingLink | undefined> {
    const { rows } = await db.query<Row>(
      `SELECT link_id, service_type_id, place_ids, subject, is_accompanied, expires_at_ms FROM booking_link
       WHERE secret_sha256 = $1 AND expires_at_ms > $2 AND used_by IS NULL`,
      [secretSha256, Math.floor(nowMs)],
    )
    const [row] = rows
    return (
      row && {
        linkId: row.link_id,
        serviceTypeId: row.service_type_id,
        placeIds: row.place_ids,
        subject: row.subject,
        isAccompanied: row.is_accompanied,
        expiresAtMs: row.expires_at_ms,
      }
    )
  }

  /** Uses a link up; false where somebody did so before. */
  async use(tx: Transaction, linkId: string, appointmentId: string): Promise<boolean> {
    const used = await tx.query('UPDATE booking_link SET used_by = $2 WHERE link_id = $1 AND used_by IS NULL', [
      linkId,
      appointmentId,
    ])
    return used.rowCount === 1
  }

  /** Forgets links that are over; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#postgres.query('DELETE FROM booking_link WHERE expires_at_ms <= $1', [Math.floor(nowMs)])
    return ended.rowCount ?? 0
  }
}
