import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { createLog } from './log.js'
import { migrate } from './migrate.js'
import { Postgres, type PostgresConfig } from './postgres.js'

const silent = createLog({ member: 'test', service: 'test' }, 'silent')

/** A schema of its own in the run's PostgreSQL, empty, and pools on it, each as if another process had opened it. */
export const emptySchema = async () => {
  const { host, port, user, password, database } = inject('postgres')
  const schema = `chassis_${randomBytes(6).toString('hex')}`
  const config: PostgresConfig = { host, port, user, password, database, schema, poolSize: 4 }
  const pools: Postgres[] = []
  const open = (change: Partial<PostgresConfig> = {}): Postgres => {
    const pool = new Postgres({ ...config, ...change }, silent)
    pools.push(pool)
    return pool
  }
  const postgres = open()
  await postgres.query(`CREATE SCHEMA ${schema}`)
  const close = async (): Promise<void> => {
    await postgres.query(`DROP SCHEMA ${schema} CASCADE`)
    await Promise.allSettled(pools.map((pool) => pool.close()))
  }
  return { config, postgres, open, close }
}

/** The same with the tables of every service. */
export const openSchema = async () => {
  const schema = await emptySchema()
  const none = mkdtempSync(join(tmpdir(), 'unefois-no-migrations-'))
  await migrate(schema.postgres, none, 'test')
  rmSync(none, { recursive: true })
  return schema
}

export type TestSchema = Awaited<ReturnType<typeof openSchema>>

/** Ends every connection of this schema except one: what a failing server does. */
export const cutConnections = async ({ postgres, config }: TestSchema): Promise<number> => {
  const { rows } = await postgres.query<{ cut: number }>(
    `SELECT count(pg_terminate_backend(pid, 5000)) AS cut FROM pg_stat_activity
     WHERE application_name = $1 AND pid <> pg_backend_pid()`,
    [`unefois-${config.schema}`],
  )
  return rows[0]?.cut ?? 0
}

/** A promise that its maker settles. */
export const deferred = <T = void>() => {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
