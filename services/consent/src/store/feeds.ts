import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** Positions drawn for one party, and the end of the leases given before they were. */
export interface DrawnPositions {
  /** The first of the positions; the others follow without a gap. */
  readonly first: number
  readonly leaseEndsAtMs: number | undefined
}

/**
 * Draws the next positions of one party's feed, and keeps its row locked until the transaction ends: a position is given to
 * nobody else, and taken back when the transaction is, so there are no gaps. Parties are drawn in one order by all callers.
 */
export const drawPositions = async (
  tx: Transaction,
  party: string,
  count: number,
  role: 'provider' | 'requester',
): Promise<DrawnPositions> => {
  const { rows } = await tx.query<{ position: number; lease_ends_at_ms: number | null }>(
    `INSERT INTO feed (party, position, provider_position) VALUES ($1, $2::bigint, CASE WHEN $3 THEN $2::bigint ELSE 0 END)
     ON CONFLICT (party) DO UPDATE SET
       position = feed.position + $2::bigint,
       provider_position = CASE WHEN $3 THEN feed.position + $2::bigint ELSE feed.provider_position END
     RETURNING position, lease_ends_at_ms`,
    [party, count, role === 'provider'],
  )
  const row = rows[0]
  return { first: (row?.position ?? count) - count + 1, leaseEndsAtMs: row?.lease_ends_at_ms ?? undefined }
}

/**
 * Records a lease and answers the position that it demands, both under the lock of the party's row: a withdrawal recorded
 * earlier is in that position, and one recorded later sees this lease. Milliseconds since the epoch.
 */
export const recordLease = async (db: Queryable, party: string, endsAtMs: number): Promise<number> => {
  const { rows } = await db.query<{ provider_position: number }>({
    name: 'record-lease',
    text: `INSERT INTO feed (party, position, provider_position, lease_ends_at_ms) VALUES ($1, 0, 0, $2)
           ON CONFLICT (party) DO UPDATE SET
             lease_ends_at_ms = GREATEST(feed.lease_ends_at_ms, EXCLUDED.lease_ends_at_ms)
           RETURNING provider_position`,
    values: [party, endsAtMs],
  })
  return rows[0]?.provider_position ?? 0
}
