import { MeshError } from '@unefois/proto/reasons'
import pg from 'pg'
import type { Log } from './log.js'

/** The part of a client that stores use; a transaction or the pool itself. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult<R>>
}

/** An open transaction. */
export type Transaction = Queryable

/** A connection outside the pool, for locks that outlive a transaction; the server forgets them when it ends. */
export interface Session extends Queryable {
  /** Tells what is notified on a channel from now on, and nothing of what was missed before. */
  listen(channel: string, heard: (payload: string) => void): Promise<void>
  /** Settles once the connection was ended or lost. */
  readonly closed: Promise<void>
  /** False once the connection was ended or lost. */
  isOpen(): boolean
  end(): Promise<void>
}

export interface PostgresConfig {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** The service's own schema; the role's search_path is set to it. */
  readonly schema: string
  readonly poolSize: number
  /** Milliseconds after which a statement without an answer is given up, and its connection; left out: 35 s. */
  readonly longestAnswerMs?: number
}

// int8 (timestamps in milliseconds, positions) stays far below 2^53 here; pg gives text for it by default.
const int8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text')) as never,
}

/** A request that found no connection in this time is refused, or callers would queue behind a database that hangs. */
const longestConnectMs = 5000

/** A statement that takes longer the database ends by itself. */
const longestStatementMs = 30_000
/** A machine that has gone says nothing, and what was sent to it would be waited for for ever. */
const usualLongestAnswerMs = longestStatementMs + 5000
const givenUp = 'Query read timeout'

/** SQLSTATE classes and codes (UF001: a pseudonym that nobody looked into), errno names, and words of the driver, which gives no code of its own. */
const connectionLoss =
  /^(08\w{3}|57P0[1-3]|53300|25P03|UF001|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ECONNABORTED|ENOTFOUND|EAI_AGAIN) |Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|after calling end on the pool/

const asMeshError = (error: unknown): unknown =>
  error instanceof Error && connectionLoss.test(`${(error as { code?: string }).code ?? ''} ${error.message}`)
    ? new MeshError('UNAVAILABLE', { cause: error })
    : error

/** A pool of connections to one service's schema; whatever fails because the database is away is UNAVAILABLE. */
export class Postgres implements Queryable {
  readonly #options: pg.ClientConfig
  readonly #pool: pg.Pool
  readonly #log: Log

  constructor(config: PostgresConfig, log: Log) {
    this.#log = log
    this.#options = {
      host: config.host,
      port: config.port,
      database: config.database,
      user: config.user,
      password: config.password,
      connectionTimeoutMillis: longestConnectMs,
      query_timeout: config.longestAnswerMs ?? usualLongestAnswerMs,
      keepAlive: true,
      types,
      options: `-c search_path=${config.schema} -c statement_timeout=${longestStatementMs} -c idle_in_transaction_session_timeout=60000`,
      application_name: `unefois-${config.schema}`,
    }
    this.#pool = new pg.Pool({ ...this.#options, max: config.poolSize })
    // Between the pool's hand and a caller's nobody listens, and the last words of a server may come just then: unheard they would
    // end the process. Whoever uses the connection next fails, and gives it back as broken.
    this.#pool.on('connect', (client) => void client.on('error', () => undefined))
    this.#pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'))
  }

  async query<R extends pg.QueryResultRow>(
    text: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    try {
      return await this.#pool.query<R>(text as string, values)
    } catch (error) {
      throw asMeshError(error)
    }
  }

  /**
   * Runs `work` in one transaction: commits when it resolves, rolls back when it throws. With `longestIdleMs`, the database
   * ends a transaction that waits longer than this between two statements; with `longestLockMs`, a statement that waits longer for a lock.
   */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    { longestIdleMs, longestLockMs }: { readonly longestIdleMs?: number; readonly longestLockMs?: number } = {},
  ): Promise<T> {
    const client = await this.#pool.connect().catch((error) => {
      throw asMeshError(error)
    })
    let broken: Error | undefined
    // A connection lost between two queries is told to nobody else, and an unheard error would end the process.
    const onLoss = (error: Error): void => {
      broken = error
    }
    client.on('error', onLoss)
    try {
      // All in one round trip.
      const limits = [
        ...(longestIdleMs === undefined ? [] : [`SET LOCAL idle_in_transaction_session_timeout = ${longestIdleMs}`]),
        ...(longestLockMs === undefined ? [] : [`SET LOCAL lock_timeout = ${longestLockMs}`]),
      ]
      await client.query(['BEGIN', ...limits].join('; '))
      const result = await work(client)
      const { command } = await client.query('COMMIT')
      // PostgreSQL answers so, without an error, when a failed statement was caught inside `work`.
      if (command !== 'COMMIT') throw new Error('the transaction had failed inside and was rolled back')
      return result
    } catch (error) {
      // Of who does not answer nothing more is asked.
      if (error instanceof Error && error.message === givenUp) broken = error
      else await client.query('ROLLBACK').catch(onLoss)
      throw asMeshError(error)
    } finally {
      client.off('error', onLoss)
      client.release(broken)
    }
  }

  /** Opens a connection outside the pool. */
  async session(): Promise<Session> {
    const client = new pg.Client(this.#options)
    let isOpen = true
    const closed = new Promise<void>((resolve) => {
      const close = (): void => {
        isOpen = false
        resolve()
      }
      client.on('error', (error) => {
        this.#log.warn({ err: error }, 'a database session was lost')
        close()
      })
      client.on('end', close)
    })
    try {
      await client.connect()
    } catch (error) {
      throw asMeshError(error)
    }
    let last: Promise<unknown> = Promise.resolve()
    return {
      query: <R extends pg.QueryResultRow>(text: string | pg.QueryConfig, values?: unknown[]) => {
        // A client takes one statement at a time; several callers share this one.
        const result = last.then(() => client.query<R>(text as string, values))
        last = result.catch(() => undefined)
        return result.catch((error) => {
          throw asMeshError(error)
        })
      },
      listen: async (channel, heard) => {
        client.on('notification', (told) => {
          if (told.channel === channel) heard(told.payload ?? '')
        })
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
      },
      closed,
      isOpen: () => isOpen,
      end: () => client.end(),
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
