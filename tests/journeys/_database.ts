import { databaseAccess } from '@unefois/deploy/sandbox/databases'
import { keptPassword } from '@unefois/deploy/sandbox/member-keys'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { ServiceName } from '@unefois/deploy/sandbox/topology'
import pg from 'pg'

/**
 * A connection to the schema of one service, under that service's own role. For what no door can bring about: time that
 * passes, and a process that is slow.
 */
export const databaseOf = async (places: Places, member: string, service: ServiceName): Promise<pg.Client> => {
  const planned = places.plan.agencies.find(({ id }) => id === member)
  if (!planned) throw new Error(`${member} is no member`)
  const { database, user, schema } = databaseAccess(planned, service)
  const { password } = keptPassword(places.keys(member).folder, `postgres-${service}`)
  const client = new pg.Client({ host: '127.0.0.1', port: places.port('postgres'), database, user, password })
  await client.connect()
  await client.query(`SET search_path TO ${pg.escapeIdentifier(schema)}`)
  return client
}
