import { MeshError } from '@unefois/proto/reasons'
import pg from 'pg'
import type { Log } from './log.js'

/** The part of a client that stores use; a transaction or the pool itself. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult<R>>
}

/** An open transaction. */
export type Transaction = Queryable

export interface PostgresConfig {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** The service's own schema; the role's search_path is set to it. */
  readonly schema: string
  readonly poolSize: number
}

// int8 (timestamps in milliseconds, positions) stays far below 2^53 here; pg gives text for it by default.
const int8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text')) as never,
}

const isConnectionLoss = (error: unknown): boolean =>
  error instanceof Error &&
  /ECONNREFUSED|ECONNRESET|Connection terminated|terminating connection|the database system is/.test(
    `${(error as { code?: string }).code ?? ''} ${error.message}`,
  )

/** A pool of connections to one service's schema. */
export class Postgres implements Queryable {
  readonly #pool: pg.Pool

  constructor(config: PostgresConfig, log: Log) {
    this.#pool = new pg.Pool({
      host: config.host,
      port: config.port,
      database: config.database,
      user: config.user,
      password: config.password,
      max: config.poolSize,
      types,
      options: `-c search_path=${config.schema} -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000`,
      application_name: `unefois-${config.schema}`,
    })
    this.#pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'))
  }

  async query<R extends pg.QueryResultRow>(
    text: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    try {
      return await this.#pool.query<R>(text as string, values)
    } catch (error) {
      throw isConnectionLoss(error) ? new MeshError('UNAVAILABLE', { cause: error }) : error
    }
  }

  /** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error) => {
      throw new MeshError('UNAVAILABLE', { cause: error })
    })
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError) => {
        broken = rollbackError
      })
      throw isConnectionLoss(error) ? new MeshError('UNAVAILABLE', { cause: error }) : error
    } finally {
      client.release(broken)
    }
  }

  /** A connection of its own for LISTEN; the caller ends it. */
  async listen(channel: string, onNotify: () => void): Promise<{ stop(): Promise<void> }> {
    const client = await this.#pool.connect()
    client.on('notification', onNotify)
    client.on('error', () => undefined)
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    return {
      stop: async () => client.release(true),
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
