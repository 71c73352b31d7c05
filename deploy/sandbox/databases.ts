import pg from 'pg'
import type { PlannedMember } from './plan.js'
import { type ServiceName, servicesOf } from './topology.js'

/** How a service reaches its schema. */
export interface DatabaseAccess {
  readonly database: string
  readonly user: string
  readonly schema: string
}

interface Server {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

const named = (text: string): string => text.replaceAll('-', '_')

/** The database, role and schema of one service of one member. */
export const databaseAccess = (member: PlannedMember, service: ServiceName): DatabaseAccess => ({
  database: named(member.id),
  user: `${named(member.id)}_${named(service)}`,
  schema: named(service),
})

const connect = async (server: Server, database: string): Promise<pg.Client> => {
  const client = new pg.Client({ ...server, database })
  await client.connect()
  return client
}

const createRole = async (client: pg.Client, role: string, password: string): Promise<void> => {
  const name = pg.escapeIdentifier(role)
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  if (rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE`)
  await client.query(`ALTER ROLE ${name} PASSWORD ${pg.escapeLiteral(password)}`)
}

/** Their keys of people and files have a schema of their own, which backups of data leave out. */
const keptByKey: readonly ServiceName[] = ['documents', 'eligibility', 'appointments']

const createSchemas = async (client: pg.Client, access: DatabaseAccess, service: ServiceName): Promise<void> => {
  const role = pg.escapeIdentifier(access.user)
  await client.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(access.database)} TO ${role}`)
  for (const schema of keptByKey.includes(service) ? [access.schema, `${access.schema}_keys`] : [access.schema])
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)} AUTHORIZATION ${role}`)
  // Lets one constraint say that no two meetings overlap; only an administrator may add it.
  if (service === 'appointments')
    await client.query(`CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA ${pg.escapeIdentifier(access.schema)}`)
}

type PasswordOf = (member: PlannedMember, service: ServiceName) => string

const createDatabase = async (server: Server, member: PlannedMember, passwordOf: PasswordOf): Promise<void> => {
  const database = named(member.id)
  const admin = await connect(server, 'postgres')
  try {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`)
    await admin.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`)
  } finally {
    await admin.end()
  }
  const client = await connect(server, database)
  try {
    await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
    for (const service of servicesOf(member)) {
      const access = databaseAccess(member, service)
      await createRole(client, access.user, passwordOf(member, service))
      await createSchemas(client, access, service)
    }
  } finally {
    await client.end()
  }
}

/** More at once wait for the disk. */
const atOnce = 4

/** A database for each member, a schema and a role for each of its services; nobody else may even connect. */
export const createDatabases = async (
  server: Server,
  members: readonly PlannedMember[],
  passwordOf: PasswordOf,
): Promise<void> => {
  const left = [...members]
  const work = async (): Promise<void> => {
    for (let member = left.shift(); member; member = left.shift()) await createDatabase(server, member, passwordOf)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
