import { hash } from 'node:crypto'
import type { ReplayStore } from '@unefois/proto/token'
import { batched } from './batch.js'
import type { Queryable } from './postgres.js'

interface Use {
  readonly issuer: string
  readonly jti: string
  readonly expiresAtSeconds: number
}

const keyOf = (issuer: string, jti: string): string => `${issuer}\n${jti}`

/** The end of the year 9999: PostgreSQL refuses what lies far beyond, and one refused use would fail all that share its commit. */
const latestSeconds = 253_402_300_799

/** A foreign `jti` may hold what PostgreSQL's text cannot (NUL), or what it would change (half a surrogate pair). */
const storable = (jti: string): string =>
  /^[\x21-\x7e]*$/.test(jti) ? jti : `sha256 ${hash('sha256', jti, 'base64url')}`

/** Accepts each (issuer, jti) once, in PostgreSQL, so that replicas and restarts agree; concurrent uses share one commit. */
export const acceptedOnce = (db: Queryable): ReplayStore => {
  const accept = batched<Use, boolean>(
    async (uses) => {
      // Sorted, so that two replicas lock the same keys in the same order.
      const sorted = [...uses].sort((a, b) => (keyOf(a.issuer, a.jti) < keyOf(b.issuer, b.jti) ? -1 : 1))
      const { rows } = await db.query<{ issuer: string; jti: string }>({
        name: 'accept-once',
        text: `INSERT INTO accepted_once (issuer, jti, expires_at)
               SELECT i, j, to_timestamp(e) FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u (i, j, e)
               ON CONFLICT DO NOTHING RETURNING issuer, jti`,
        values: [sorted.map((u) => u.issuer), sorted.map((u) => u.jti), sorted.map((u) => u.expiresAtSeconds)],
      })
      const fresh = new Set(rows.map((row) => keyOf(row.issuer, row.jti)))
      // Deleting from the set makes the second of two equal uses in one batch a replay.
      return uses.map((use) => fresh.delete(keyOf(use.issuer, use.jti)))
    },
    { most: 200 },
  )
  return {
    accept: (issuer, jti, expiresAtSeconds) =>
      accept({
        issuer,
        jti: storable(jti),
        expiresAtSeconds: Math.min(Math.ceil(expiresAtSeconds), latestSeconds),
      }),
  }
}

/** Forgets uses whose messages have expired for a minute more than the allowed skew; they are refused by their `exp`. */
export const forgetExpiredUses = async (db: Queryable, nowMs: number): Promise<void> => {
  await db.query(
    `DELETE FROM accepted_once WHERE expires_at < to_timestamp($1::float8 / 1000) - interval '2 minutes'`,
    [nowMs],
  )
}
