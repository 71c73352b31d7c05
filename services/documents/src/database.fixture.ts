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

const nameOf = (): string => `documents_${randomBytes(6).toString('hex')}`

/** A database with the schemas that set-up creates and this service's migrations, for others to be copied from. */
const makeTemplate = async (server: Postgres): Promise<string> => {
  const { host, port, user, password } = inject('postgres')
  const template = nameOf()
  await server.query(`CREATE DATABASE ${template}`)
  const own = { host, port, user, password, database: template, schema: 'documents', poolSize: 1 }
  const postgres = new Postgres(own, quiet)
  await postgres.query('CREATE SCHEMA documents')
  await postgres.query('CREATE SCHEMA documents_keys')
  await migrate(postgres, migrations, 'documents')
  // Nobody can copy a database that somebody is connected to.
  await postgres.close()
  return template
}
let template: Promise<string> | undefined

/** A database of its own in the run's PostgreSQL; a copy is made faster than twenty migrations are applied. */
export const openDatabase = async (): Promise<Database> => {
  const { host, port, user, password, database } = inject('postgres')
  const own = nameOf()
  const server = new Postgres({ host, port, user, password, database, schema: 'public', poolSize: 1 }, quiet)
  template ??= makeTemplate(server)
  await server.query(`CREATE DATABASE ${own} TEMPLATE ${await template}`)
  const pools: Postgres[] = []
  const another = (poolSize = 8): Postgres => {
    const pool = new Postgres({ host, port, user, password, database: own, schema: 'documents', poolSize }, quiet)
    pools.push(pool)
    return pool
  }
  return {
    postgres: another(),
    another,
    drop: async () => {
      for (const pool of pools) await pool.close()
      await server.query(`DROP DATABASE ${own} WITH (FORCE)`)
      await server.close()
    },
  }
}
