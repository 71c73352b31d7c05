import type { Queryable } from '@unefois/chassis/postgres'

/** Deletes what has ended. */
export const forgetEnded = async (postgres: Queryable, nowMs: number): Promise<void> => {
  for (const table of ['session', 'login_attempt'])
    await postgres.query(`DELETE FROM ${table} WHERE expires_at <= to_timestamp($1::float8 / 1000)`, [nowMs])
}
