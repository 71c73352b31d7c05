import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Delegation } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { AgentKey } from '../agent-key.js'

/** A delegation with its place in the order of registration. */
export interface StoredDelegation {
  readonly position: number
  readonly delegation: Delegation
}

interface Row {
  readonly position: number
  readonly delegation_id: string
  readonly agent_id: string
  readonly first_name: string
  readonly last_name: string
  readonly capacity: string
  readonly is_unnamed: boolean
  readonly jwk: string
  readonly procedures: string[]
  readonly outcomes: number[]
  readonly from_day: string
  readonly to_day: string
  readonly legal_reference: string
  readonly ended_at_ms: number | null
}

const select = `SELECT position, delegation_id, agent_id, first_name, last_name, capacity, is_unnamed, jwk, procedures,
  outcomes, from_day::text, to_day::text, legal_reference, ended_at_ms FROM delegation`

const storedOf = (row: Row): StoredDelegation => ({
  position: row.position,
  delegation: {
    delegationId: row.delegation_id,
    agent: {
      agentId: row.agent_id,
      firstName: row.first_name,
      lastName: row.last_name,
      capacity: row.capacity,
      isUnnamed: row.is_unnamed,
    },
    jwkJson: row.jwk,
    procedures: row.procedures,
    outcomes: row.outcomes as Delegation['outcomes'],
    fromDay: row.from_day,
    toDay: row.to_day,
    legalReference: row.legal_reference,
    endedAtMs: row.ended_at_ms ?? 0,
  },
})

/** Who may sign decisions of one agency. */
export class Delegations {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Whether the key is this agent's, whose it becomes where it was nobody's. */
  async ownKey(tx: Transaction, { thumbprint }: AgentKey, agentId: string): Promise<boolean> {
    // The update changes nothing: it answers, and holds, the row of whoever came first.
    const { rows } = await tx.query<{ agent_id: string }>(
      `INSERT INTO agent_key AS known (thumbprint, agent_id) VALUES ($1, $2)
       ON CONFLICT (thumbprint) DO UPDATE SET agent_id = known.agent_id RETURNING agent_id`,
      [thumbprint, agentId],
    )
    return rows[0]?.agent_id === agentId
  }

  async add(
    tx: Transaction,
    given: Delegation,
    { thumbprint, registeredAtMs, registeredBy }: Pick<AgentKey, 'thumbprint'> & Registered,
  ): Promise<void> {
    const { agent } = given
    await tx.query('LOCK TABLE delegation IN SHARE ROW EXCLUSIVE MODE')
    await tx.query(
      `INSERT INTO delegation (delegation_id, thumbprint, agent_id, first_name, last_name, capacity, is_unnamed, jwk,
         procedures, outcomes, from_day, to_day, legal_reference, registered_at_ms, registered_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      [
        given.delegationId,
        thumbprint,
        ...[agent?.agentId, agent?.firstName, agent?.lastName, agent?.capacity, agent?.isUnnamed],
        ...[given.jwkJson, given.procedures, given.outcomes, given.fromDay, given.toDay, given.legalReference],
        ...[registeredAtMs, registeredBy],
      ],
    )
  }

  /** Ends a delegation unless it ended before; undefined where there is none. */
  async end(tx: Transaction, delegationId: string, nowMs: number, day: string): Promise<Delegation | undefined> {
    await tx.query(
      `UPDATE delegation SET ended_at_ms = $2, ended_day = $3 WHERE delegation_id = $1 AND ended_at_ms IS NULL`,
      [delegationId, nowMs, day],
    )
    return this.get(delegationId, tx)
  }

  async get(delegationId: string, db: Queryable = this.#db): Promise<Delegation | undefined> {
    const { rows } = await db.query<Row>(`${select} WHERE delegation_id = $1`, [delegationId])
    return rows[0] && storedOf(rows[0]).delegation
  }

  /** The same, and nobody ends it until the transaction does. */
  async hold(tx: Transaction, delegationId: string): Promise<Delegation | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE delegation_id = $1 FOR SHARE`, [delegationId])
    return rows[0] && storedOf(rows[0]).delegation
  }

  /** At most `limit` after a position, those in force on a day or all. */
  async list(after: number, day: string | undefined, limit: number): Promise<StoredDelegation[]> {
    const { rows } = await this.#db.query<Row>(
      `${select} WHERE position > $1
         AND ($2::date IS NULL OR (from_day <= $2 AND to_day >= $2 AND (ended_day IS NULL OR ended_day > $2)))
       ORDER BY position LIMIT $3`,
      [after, day ?? null, limit],
    )
    return rows.map(storedOf)
  }
}

interface Registered {
  readonly registeredAtMs: number
  /** The client that registered it. */
  readonly registeredBy: string
}
