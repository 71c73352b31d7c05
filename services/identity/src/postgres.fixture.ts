import { randomBytes } from 'node:crypto'
import { createLog } from '@unefois/chassis/log'
import { migrate } from '@unefois/chassis/migrate'
import { Postgres } from '@unefois/chassis/postgres'
import { inject } from 'vitest'

/** A schema of its own in the run's PostgreSQL, with these migrations; the caller closes it. */
export const openSchema = async (migrations: string): Promise<Postgres> => {
  const { host, port, user, password, database } = inject('postgres')
  const schema = `identity_${randomBytes(6).toString('hex')}`
  const log = createLog({ member: 'test', service: 'test' }, 'error')
  const postgres = new Postgres({ host, port, user, password, database, schema, poolSize: 4 }, log)
  await postgres.query(`CREATE SCHEMA ${schema}`)
  await migrate(postgres, migrations, 'identity')
  return postgres
}
