import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { PledgeStateName } from '../domain/visit.js'

/** Which pledge: a leg of a visit of another member. */
export interface PledgeKey {
  readonly member: string
  readonly visitId: string
  /** From 0. */
  readonly leg: number
}

/** A slot that is kept for another member's visit, or that such a visit has ended. */
export interface KeptPledge extends PledgeKey {
  /** Undefined where the visit ended before a pledge came. */
  readonly appointmentId: string | undefined
  readonly state: PledgeStateName
  /** When the member is asked what became of it. */
  readonly askAtMs: number | undefined
  readonly deleteAfterMs: number
}

/** A visit whose member is to be asked. */
export interface VisitToAsk {
  readonly member: string
  readonly visitId: string
  readonly asked: number
}

interface Row {
  readonly member: string
  readonly visit_id: string
  readonly leg: number
  readonly appointment_id: string | null
  readonly state: PledgeStateName
  readonly ask_at_ms: number | null
  readonly delete_after_ms: number
}

const select = 'SELECT member, visit_id, leg, appointment_id, state, ask_at_ms, delete_after_ms FROM pledge'

const pledgeOf = (row: Row): KeptPledge => ({
  member: row.member,
  visitId: row.visit_id,
  leg: row.leg,
  appointmentId: row.appointment_id ?? undefined,
  state: row.state,
  askAtMs: row.ask_at_ms ?? undefined,
  deleteAfterMs: row.delete_after_ms,
})

/** What is kept here for visits of other members. */
export class Pledges {
  readonly #postgres: Queryable

  constructor(postgres: Queryable) {
    this.#postgres = postgres
  }

  /** What is pledged to one member, and what it says of its visits, comes one after the other. */
  async lockMember(tx: Transaction, member: string): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('pledges ' || $1))`, [member])
  }

  async get({ member, visitId, leg }: PledgeKey, db: Queryable = this.#postgres): Promise<KeptPledge | undefined> {
    const { rows } = await db.query<Row>(`${select} WHERE member = $1 AND visit_id = $2 AND leg = $3`, [
      ...[member, visitId, leg],
    ])
    return rows.map(pledgeOf)[0]
  }

  /** The same, locked; whoever changes its meeting too has locked that before. */
  async lock(tx: Transaction, { member, visitId, leg }: PledgeKey): Promise<KeptPledge | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE member = $1 AND visit_id = $2 AND leg = $3 FOR UPDATE`, [
      ...[member, visitId, leg],
    ])
    return rows.map(pledgeOf)[0]
  }

  /** The pledge whose meeting this is, locked. */
  async lockOfAppointment(tx: Transaction, appointmentId: string): Promise<KeptPledge | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE appointment_id = $1 FOR UPDATE`, [appointmentId])
    return rows.map(pledgeOf)[0]
  }

  /** How many slots are kept for undecided visits of a member. */
  async countLive(tx: Transaction, member: string): Promise<number> {
    const { rows } = await tx.query<{ live: number }>(
      `SELECT count(*) AS live FROM pledge WHERE member = $1 AND state = 'pledged'`,
      [member],
    )
    return rows[0]?.live ?? 0
  }

  async insert(tx: Transaction, pledge: KeptPledge): Promise<void> {
    await tx.query(
      `INSERT INTO pledge (member, visit_id, leg, appointment_id, state, ask_at_ms, delete_after_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        ...[pledge.member, pledge.visitId, pledge.leg, pledge.appointmentId ?? null, pledge.state],
        ...[pledge.askAtMs === undefined ? null : Math.floor(pledge.askAtMs), Math.floor(pledge.deleteAfterMs)],
      ],
    )
  }

  /** Keeps that a pledge has ended; nobody is asked any more. */
  async end(tx: Transaction, { member, visitId, leg }: PledgeKey, state: PledgeStateName, deleteAfterMs: number) {
    await tx.query(
      `UPDATE pledge SET state = $4, ask_at_ms = NULL, delete_after_ms = $5
       WHERE member = $1 AND visit_id = $2 AND leg = $3`,
      [member, visitId, leg, state, Math.floor(deleteAfterMs)],
    )
  }

  /** The legs of a visit that are kept for it. */
  async legsOf({ member, visitId }: Omit<PledgeKey, 'leg'>): Promise<number[]> {
    const { rows } = await this.#postgres.query<{ leg: number }>(
      `SELECT leg FROM pledge WHERE member = $1 AND visit_id = $2 AND state = 'pledged' ORDER BY leg`,
      [member, visitId],
    )
    return rows.map(({ leg }) => leg)
  }

  /** Of whose visits nothing was heard; at most `limit`. */
  async toAsk(nowMs: number, limit: number): Promise<VisitToAsk[]> {
    const { rows } = await this.#postgres.query<{ member: string; visit_id: string; asked: number }>(
      `SELECT member, visit_id, max(asked) AS asked FROM pledge WHERE state = 'pledged' AND ask_at_ms <= $1
       GROUP BY member, visit_id ORDER BY min(ask_at_ms) LIMIT $2`,
      [Math.floor(nowMs), limit],
    )
    return rows.map((row) => ({ member: row.member, visitId: row.visit_id, asked: row.asked }))
  }

  /** The member was asked, and said nothing yet: it is asked again then. */
  async askAgain({ member, visitId }: Omit<PledgeKey, 'leg'>, atMs: number): Promise<void> {
    await this.#postgres.query(
      `UPDATE pledge SET ask_at_ms = $3, asked = asked + 1 WHERE member = $1 AND visit_id = $2 AND state = 'pledged'`,
      [member, visitId, Math.floor(atMs)],
    )
  }

  /** Slots that are still kept although their time is long over; at most `limit`. */
  async overdue(nowMs: number, limit: number): Promise<PledgeKey[]> {
    const { rows } = await this.#postgres.query<Row>(
      `${select} WHERE state = 'pledged' AND delete_after_ms <= $1 LIMIT $2`,
      [Math.floor(nowMs), limit],
    )
    return rows.map(pledgeOf)
  }

  /** Deletes what is over; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#postgres.query(`DELETE FROM pledge WHERE delete_after_ms <= $1 AND state <> 'pledged'`, [
      Math.floor(nowMs),
    ])
    return ended.rowCount ?? 0
  }
}
