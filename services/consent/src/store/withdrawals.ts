import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { ProviderWithdrawal } from '../domain/in-force.js'

/** A withdrawal as one provider must apply it. */
export interface PendingWithdrawal {
  readonly provider: string
  readonly position: number
  readonly leaseEndsAtMs: number | undefined
}

/** A withdrawal with what has become of it; instants in milliseconds. */
export interface Withdrawal {
  readonly recordedAtMs: number
  readonly providers: readonly ProviderWithdrawal[]
}

export const insertWithdrawal = async (
  tx: Transaction,
  consentId: string,
  { provider, position, leaseEndsAtMs }: PendingWithdrawal,
): Promise<void> => {
  await tx.query('INSERT INTO withdrawal (consent_id, provider, position, lease_ends_at_ms) VALUES ($1, $2, $3, $4)', [
    consentId,
    provider,
    position,
    leaseEndsAtMs ?? null,
  ])
}

/** Marks what a provider has confirmed: everything up to this position of its feed. */
export const confirmUpTo = async (
  tx: Transaction,
  provider: string,
  position: number,
  confirmedAtMs: number,
): Promise<void> => {
  await tx.query(
    `UPDATE withdrawal SET confirmed_at_ms = $3
     WHERE provider = $1 AND position <= $2 AND confirmed_at_ms IS NULL`,
    [provider, position, confirmedAtMs],
  )
}

/** The withdrawals of several consents. */
export const readWithdrawals = async (
  db: Queryable,
  consentIds: readonly string[],
): Promise<ReadonlyMap<string, Withdrawal>> => {
  const { rows } = await db.query<{
    consent_id: string
    at_ms: number
    lease_ends_at_ms: number | null
    confirmed_at_ms: number | null
  }>(
    `SELECT consent_id, at_ms, lease_ends_at_ms, confirmed_at_ms
     FROM consent_event JOIN withdrawal USING (consent_id)
     WHERE state = 'withdrawn' AND consent_id = ANY($1::uuid[])`,
    [consentIds],
  )
  const withdrawals = new Map<string, Withdrawal>()
  for (const row of rows) {
    const providers = withdrawals.get(row.consent_id)?.providers ?? []
    withdrawals.set(row.consent_id, {
      recordedAtMs: row.at_ms,
      providers: [
        ...providers,
        { confirmedAtMs: row.confirmed_at_ms ?? undefined, leaseEndsAtMs: row.lease_ends_at_ms ?? undefined },
      ],
    })
  }
  return withdrawals
}
