import { apart, isJoint, jointly, jointWrite } from '@unefois/chassis/joint'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { compareClaims, inClaimOrder, type WantedClaim } from '../domain/meeting.js'
import type { Span } from '../domain/slots.js'

/** A claim that stands. */
export interface KeptClaim extends Span {
  readonly holderId: string
  readonly resourceNo: number
  readonly lane: number
  readonly sessionId: string
  readonly seat: number
}

interface Row {
  readonly holder_id: string
  readonly resource_no: number
  readonly lane: number
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly session_id: string
  readonly seat: number
}

const columns =
  'holder_id, resource_no, lane, lower(during) AS starts_at_ms, upper(during) AS ends_at_ms, session_id, seat'

const claimOf = (row: Row): KeptClaim => ({
  holderId: row.holder_id,
  resourceNo: row.resource_no,
  lane: row.lane,
  startsAtMs: row.starts_at_ms,
  endsAtMs: row.ends_at_ms,
  sessionId: row.session_id,
  seat: row.seat,
})

const claimValues = (claims: readonly WantedClaim[]): unknown[] => [
  claims.map(({ holderId }) => holderId),
  claims.map(({ resourceNo }) => resourceNo),
  claims.map(({ lanes }) => lanes),
  claims.map(({ startsAtMs }) => startsAtMs),
  claims.map(({ endsAtMs }) => endsAtMs),
  claims.map(({ sessionId }) => sessionId),
  claims.map(({ seats }) => seats),
  claims.map(({ expiresAtMs }) => expiresAtMs ?? null),
]

const claimedAlone = async (
  tx: Queryable,
  wanted: readonly WantedClaim[],
  nowMs: number,
): Promise<readonly string[] | undefined> => {
  const { rows } = await tx.query<{ ended: string[] | null }>({
    name: 'claim-all',
    text: 'SELECT claim_all($1, $2, $3, $4, $5, $6, $7, $8, $9) AS ended',
    values: [...claimValues(inClaimOrder(wanted)), Math.floor(nowMs)],
  })
  return rows[0]?.ended ?? undefined
}

/** Ends no hold: one of the same transaction may be booking it just now, whose lock is no hindrance to the others of it. */
const claimedEach = jointWrite<readonly WantedClaim[], readonly string[]>(async (tx, asked) => {
  const each = asked
    .map((wanted, nr) => ({ nr, claims: inClaimOrder(wanted) }))
    .sort(({ claims: [one] }, { claims: [other] }) => (one && other ? compareClaims(one, other) : 0))
  const claims = each.flatMap(({ nr, claims: own }) => own.map((claim) => ({ ...claim, nr })))
  const { rows } = await tx.query<{ taken: number[] }>({
    name: 'claim-each',
    text: 'SELECT claim_each($1, $2, $3, $4, $5, $6, $7, $8, $9) AS taken',
    values: [claims.map(({ nr }) => nr), ...claimValues(claims)],
  })
  const taken = new Set(rows[0]?.taken)
  return asked.map((_, nr) => (taken.has(nr) ? [] : apart))
})

const kept = jointWrite<readonly string[], void>(async (tx, asked) => {
  await tx.query('UPDATE claim SET expires_at_ms = NULL WHERE holder_id = ANY($1::uuid[])', [asked.flat()])
  return asked.map(() => undefined)
})

/** What is taken of practitioners and rooms. The database's constraint has the last word. */
export class Claims {
  readonly #postgres: Queryable

  constructor(postgres: Queryable) {
    this.#postgres = postgres
  }

  /**
   * Takes all of these or none; holds that are over by now make room. False where somebody has one of them: the transaction goes on
   * as if nothing had been tried. One transaction takes everything that it needs at once, or two could wait for each other.
   */
  async take(tx: Transaction, wanted: readonly WantedClaim[], nowMs: number): Promise<boolean> {
    return (await this.takeTelling(tx, wanted, nowMs)) !== undefined
  }

  /** The same; answers the ids of the holds that made room, undefined where somebody has one of them. */
  async takeTelling(
    tx: Transaction,
    wanted: readonly WantedClaim[],
    nowMs: number,
  ): Promise<readonly string[] | undefined> {
    return isJoint(tx) ? jointly(tx, claimedEach, wanted) : claimedAlone(tx, wanted, nowMs)
  }

  /** What a holder has taken. */
  async of(holderId: string, db: Queryable = this.#postgres): Promise<KeptClaim[]> {
    const { rows } = await db.query<Row>(
      `SELECT ${columns} FROM claim WHERE holder_id = $1 ORDER BY resource_no, seat`,
      [holderId],
    )
    return rows.map(claimOf)
  }

  /** What was held stands from now on, without an end. */
  async keep(tx: Transaction, holderIds: readonly string[]): Promise<void> {
    await jointly(tx, kept, holderIds)
  }

  /** Frees what these have taken; answers what that was. */
  async release(tx: Transaction, holderIds: readonly string[]): Promise<KeptClaim[]> {
    const { rows } = await tx.query<Row>(`DELETE FROM claim WHERE holder_id = ANY($1::uuid[]) RETURNING ${columns}`, [
      holderIds,
    ])
    return rows.map(claimOf)
  }

  /** Frees exactly these: what a moved appointment had before. */
  async drop(tx: Transaction, claims: readonly KeptClaim[]): Promise<void> {
    await tx.query(
      `DELETE FROM claim USING unnest($1::uuid[], $2::int[], $3::int[]) AS gone (session_id, resource_no, seat)
       WHERE (claim.session_id, claim.resource_no, claim.seat) = (gone.session_id, gone.resource_no, gone.seat)`,
      [
        claims.map(({ sessionId }) => sessionId),
        claims.map(({ resourceNo }) => resourceNo),
        claims.map(({ seat }) => seat),
      ],
    )
  }

  /** Who still has claims of holds that are over; at most `limit`, each once. */
  async overdue(nowMs: number, limit: number): Promise<string[]> {
    const { rows } = await this.#postgres.query<{ holder_id: string }>(
      'SELECT DISTINCT holder_id FROM claim WHERE expires_at_ms <= $1 LIMIT $2',
      [Math.floor(nowMs), limit],
    )
    return rows.map((row) => row.holder_id)
  }
}
