import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { callSubject, serveSubject } from '@unefois/proto/subjects'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stopChildren } from './children.js'
import { createDatabases, databaseAccess } from './databases.js'
import { removeElsewhere } from './directory.js'
import { keptPassword } from './member-keys.js'
import { natsConfig } from './nats-config.js'
import { writePrivateFile } from './nats-keys.js'
import { startNatsServer } from './nats-server.js'
import { openPlaces, type Places } from './places.js'
import { type PostgresServer, startPostgres } from './postgres.js'
import { sandboxPlan } from './sandbox.js'
import { type ServiceName, servicesOf } from './topology.js'

// Members that share a hosted node share its process and machine, and nothing else: whoever is in that process with one
// member's credentials is refused what is another's by PostgreSQL and by the broker, not by our own code.

const plan = sandboxPlan()
const hosted = plan.agencies.filter(({ process }) => process === 'hosted')
const providers = hosted.filter(
  (member) => !servicesOf(member).includes('consent') && servicesOf(member).includes('documents'),
)
const [own, neighbour] = providers as [(typeof hosted)[number], (typeof hosted)[number]]

const temporary = mkdtempSync(join(tmpdir(), 'unefois-hosted-'))
let places: Places
let postgres: PostgresServer

beforeAll(async () => {
  // The two of them with what they depend on: the whole federation would prove no more.
  const agencies = plan.agencies.filter((member) => !hosted.includes(member) || member === own || member === neighbour)
  places = await openPlaces({ ...plan, agencies, registers: [] }, join(temporary, 'federation'))
  const configFile = join(places.directory, 'nats', 'server.conf')
  const listen = { name: 'hosted', host: '127.0.0.1', port: places.port('nats') }
  writePrivateFile(configFile, natsConfig(places.nats.server, listen))
  const [, started] = await Promise.all([
    startNatsServer({ configFile, dataDir: temporary, port: listen.port, log: join(temporary, 'nats.log') }),
    startPostgres({
      dataDir: join(places.directory, 'postgres'),
      port: places.port('postgres'),
      log: join(temporary, 'postgres.log'),
      settings: { fsync: 'off' },
    }),
  ])
  postgres = started
  await createDatabases(postgres, places.plan.agencies, passwordOf)
}, 60_000)

afterAll(async () => {
  await stopChildren()
  removeElsewhere(join(places.directory, 'postgres'))
  rmSync(temporary, { recursive: true, force: true })
})

const passwordOf = (member: { readonly id: string }, service: ServiceName): string =>
  keptPassword(places.keys(member.id).folder, `postgres-${service}`).password

/** What the database answers to a role of `member`, in the database of `of`. */
const ask = async (member: typeof own, service: ServiceName, of: typeof own, text: string): Promise<unknown> => {
  const { user } = databaseAccess(member, service)
  const { database } = databaseAccess(of, service)
  const client = new pg.Client({
    host: postgres.host,
    port: postgres.port,
    user,
    password: passwordOf(member, service),
    database,
  })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const busOf = async (
  member: typeof own,
  service: ServiceName,
  kind: string,
): Promise<{ nc: NatsConnection; key: string }> => {
  const found = places.nats.connections.find(
    (each) => each.member === member.id && each.service === service && each.kind === kind,
  )
  if (!found) throw new Error(`${member.id}/${service} has no ${kind}`)
  const nc = await connect({
    servers: places.natsUrl,
    authenticator: credsAuthenticator(new TextEncoder().encode(found.creds)),
    ...(found.inboxPrefix !== undefined && { inboxPrefix: found.inboxPrefix }),
  })
  return { nc, key: found.callerKey ?? '' }
}

/** The first thing that the broker refuses a connection. */
const refusalOn = async (nc: NatsConnection): Promise<string> => {
  for await (const status of nc.status()) if (status.type === 'error') return String(status.error)
  return 'closed without a refusal'
}

describe('PostgreSQL, between members of one hosted node', () => {
  it('refuses a neighbour even the connection, and tells nobody the roles’ passwords', async () => {
    await expect(ask(own, 'documents', neighbour, 'SELECT 1')).rejects.toMatchObject({ code: '42501' })
    await expect(ask(neighbour, 'identity', own, 'SELECT 1')).rejects.toMatchObject({ code: '42501' })
    await expect(ask(own, 'documents', own, 'SELECT * FROM pg_authid')).rejects.toMatchObject({ code: '42501' })
  })

  it('refuses one service the schema of another of the same member', async () => {
    await ask(own, 'documents', own, 'CREATE TABLE IF NOT EXISTS documents.held (value text)')
    await expect(ask(own, 'identity', own, 'SELECT * FROM documents.held')).rejects.toMatchObject({ code: '42501' })
    await expect(ask(own, 'identity', own, 'SET ROLE pg_read_all_data')).rejects.toMatchObject({ code: '42501' })
  })

  it('serves each its own', async () => {
    await ask(own, 'documents', own, 'CREATE TABLE documents.own (value text)')
    expect(await ask(own, 'documents', own, 'SELECT * FROM documents.own')).toEqual([])
  })
})

describe('the bus, between members of one hosted node', () => {
  it('refuses to let one hear what is asked of a neighbour', async () => {
    const { nc } = await busOf(own, 'documents', 'meshServing')
    const refusal = refusalOn(nc)
    nc.subscribe(serveSubject(neighbour.id, 'documents'))
    expect(await refusal).toMatch(/Permissions Violation for Subscription/i)
    await nc.close()
  })

  it('refuses to let one speak with a neighbour’s key', async () => {
    const [mine, theirs] = await Promise.all([
      busOf(own, 'identity', 'meshCalling'),
      busOf(neighbour, 'identity', 'meshCalling'),
    ])
    expect(mine.key).not.toBe(theirs.key)
    const refusal = refusalOn(mine.nc)
    const authority = places.plan.agencies.find(({ roles }) => roles.includes('identity-authority'))
    const to = { member: authority?.id ?? own.id, service: 'identity-authority', method: 'IssueTicket' }
    mine.nc.publish(callSubject({ ...to, callerKey: theirs.key }))
    expect(await refusal).toMatch(/Permissions Violation for Publish/i)
    await Promise.all([mine.nc.close(), theirs.nc.close()])
  })

  it('refuses to let one ask a neighbour’s service at home', async () => {
    const { nc, key } = await busOf(own, 'documents', 'homeCalling')
    const refusal = refusalOn(nc)
    nc.publish(callSubject({ member: neighbour.id, service: 'identity', method: 'RequestTicket', callerKey: key }))
    expect(await refusal).toMatch(/Permissions Violation for Publish/i)
    await nc.close()
  })
})

describe('keys and certificates, between members of one hosted node', () => {
  it('are each member’s own', () => {
    const [mine, theirs] = [places.keys(own.id), places.keys(neighbour.id)]
    const kids = (keys: typeof mine) =>
      [
        keys.token,
        keys.authorisation,
        keys.statement,
        keys.log,
        ...(keys.decision ? [keys.decision] : []),
        ...[...keys.sealed.values()].flatMap(({ sign, seal }) => [sign, seal]),
      ].map(({ publicJwk }) => publicJwk.x)
    expect(new Set([...kids(mine), ...kids(theirs)]).size).toBe(kids(mine).length + kids(theirs).length)
    const [one, other] = [places.certificate(own.id), places.certificate(neighbour.id)]
    expect(readFileSync(one.key, 'utf8')).not.toBe(readFileSync(other.key, 'utf8'))
  })

  it('do not vouch for a neighbour', async () => {
    const { createServer } = await import('node:tls')
    const { certificate, key } = places.certificate(own.id)
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const reached = (authority: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: readFileSync(authority) })
        socket
          .once('secureConnect', () => resolve('secure'))
          .once('error', (error) => resolve((error as { code?: string }).code ?? ''))
        socket.once('secureConnect', () => socket.destroy())
      })
    expect(await reached(places.certificate(neighbour.id).authority)).not.toBe('secure')
    expect(await reached(places.certificate(own.id).authority)).toBe('secure')
    server.close()
  })
})
