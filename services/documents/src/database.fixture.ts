import { randomBytes } from 'node:crypto'
import { createLog } from '@unefois/chassis/log'
import { migrate } from '@unefois/chassis/migrate'
import { Postgres } from '@unefois/chassis/postgres'
import { inject } from 'vitest'
import { migrations } from './store/migrations.js'

export const quiet = createLog({ member: 'test', service: 'documents' }, 'silent')

/** One member's database, with as many pools on it as there are processes. */
export interface Database {
  readonly postgres: Postgres
  /** A pool of another process. */
  another(poolSize?: number): Postgres
  drop(): Promise<void>
}

/** A database of its own in the run's PostgreSQL, with the schemas that set-up creates and this service's migrations. */
export const openDatabase = async (): Promise<Database> => {
  const { host, port, user, password, database } = inject('postgres')
  const own = `documents_${randomBytes(6).toString('hex')}`
  const server = new Postgres({ host, port, user, password, database, schema: 'public', poolSize: 1 }, quiet)
  await server.query(`CREATE DATABASE ${own}`)
  const pools: Postgres[] = []
  const another = (poolSize = 8): Postgres => {
    const pool = new Postgres({ host, port, user, password, database: own, schema: 'documents', poolSize }, quiet)
    pools.push(pool)
    return pool
  }
  const postgres = another()
  await postgres.query('CREATE SCHEMA documents')
  await postgres.query('CREATE SCHEMA documents_keys')
  await migrate(postgres, migrations, 'documents')
  return {
    postgres,
    another,
    drop: async () => {
      for (const pool of pools) await pool.close()
      await server.query(`DROP DATABASE ${own} WITH (FORCE)`)
      await server.close()
    },
  }
}
