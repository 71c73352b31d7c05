import type { PostgresServer } from '@unefois/deploy/sandbox/postgres'
import pg from 'pg'

/** With these settings a database counts what its statements touch. */
export const countingSettings = { shared_preload_libraries: 'pg_stat_statements' }

/**
 * Counts the pages of 8 kB, in memory or not, that all statements of a database's user have looked at so far. Unlike times they are the same on
 * any machine, whatever else it does.
 */
export const pageCounter = async ({ url }: PostgresServer, user: string) => {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  return {
    pages: async (): Promise<number> => {
      const { rows } = await client.query<{ pages: string }>(
        `SELECT sum(shared_blks_hit + shared_blks_read) AS pages FROM pg_stat_statements
         JOIN pg_roles ON pg_roles.oid = userid WHERE rolname = $1`,
        [user],
      )
      return Number(rows[0]?.pages)
    },
    close: () => client.end(),
  }
}
