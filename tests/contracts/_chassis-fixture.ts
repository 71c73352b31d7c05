/** Real chassis processes of several members: a nats-server with the star of accounts, PostgreSQL, TLS, a signed list. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { type BusConfig, busConfig } from '@unefois/chassis/bus'
import type { CommonConfig } from '@unefois/chassis/runtime'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import { keptCertificate } from '@unefois/deploy/sandbox/certificates'
import { type ConnectionKind, natsFederation } from '@unefois/deploy/sandbox/nats-accounts'
import { natsConfig } from '@unefois/deploy/sandbox/nats-config'
import type { NatsGraph, NatsService } from '@unefois/deploy/sandbox/nats-graph'
import { inMemory, writePrivateFile } from '@unefois/deploy/sandbox/nats-keys'
import { startNatsServer } from '@unefois/deploy/sandbox/nats-server'
import { choosePort } from '@unefois/deploy/sandbox/ports'
import type { MemberId } from '@unefois/proto/ids'
import pg from 'pg'
import { inject } from 'vitest'
import { FederationFixture, type MemberSketch } from './_federation-fixture.js'

export type ChassisMember = Omit<MemberSketch, 'services' | 'busKey'>

/** Starts what the processes stand on. Every member runs these services. */
export const startGround = async (members: readonly ChassisMember[], services: readonly NatsService[]) => {
  const dir = mkdtempSync(join(tmpdir(), 'unefois-chassis-'))
  const graph: NatsGraph = { members: members.map(({ id }) => ({ id, services })) }
  const nats = await natsFederation(graph, inMemory())
  const port = await choosePort()
  const configFile = join(dir, 'nats.conf')
  writePrivateFile(configFile, natsConfig(nats.server, { name: 'hub', host: '127.0.0.1', port }))
  const server = await startNatsServer({ configFile, dataDir: dir, port, log: join(dir, 'nats.log') })
  const busKeys = new Map([...nats.callers.mesh].map(([key, member]) => [member, key]))
  const sketches = members.map((member) => ({
    ...member,
    services: services.map(({ name }) => name),
    busKey: busKeys.get(member.id) as string,
  }))
  const federation = new FederationFixture(sketches)
  const listFile = join(dir, 'federation.jws')
  const publish = (iat: number, change: Parameters<FederationFixture['list']>[0] = { iat }): void =>
    writeFileSync(listFile, federation.list({ ...change, iat }))
  publish(Math.floor(Date.now() / 1000))
  const certificate = await keptCertificate(dir, 'tls')

  const database = inject('postgres')
  const schemas: string[] = []
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  const secret = (name: string, text: string): string => {
    const path = join(dir, `${randomBytes(6).toString('hex')}-${name}`)
    writePrivateFile(path, text)
    return path
  }
  const credsOf = (member: string, service: string, kind: ConnectionKind): string => {
    const found = nats.connections.find((c) => c.member === member && c.service === service && c.kind === kind)
    if (!found) throw new Error(`${member} ${service} has no ${kind} connection`)
    return found.creds
  }
  const busOf = (member: MemberId, service: string): BusConfig => {
    const own = nats.connections.filter((each) => each.member === member && each.service === service)
    const paths = own.map(({ kind, creds }) => [kind, secret(`${kind}.creds`, creds)])
    const neighbours = Object.fromEntries(nats.callers.home.get(member) ?? [])
    return busConfig.parse({ url: server.url, ...Object.fromEntries(paths), neighbours })
  }

  return {
    dir,
    federation,
    publish,
    authority: certificate.authority,
    natsUrl: server.url,
    busOf,
    /** The public key of a member's calling account on the mesh. */
    busKey: (member: string): string => busKeys.get(member as MemberId) as string,
    admin,
    /** A raw client with the credential of a service: what a careless or hostile process could do with it. */
    raw: async (member: MemberId, service: string, kind: ConnectionKind): Promise<NatsConnection> =>
      connect({
        servers: server.url,
        inboxPrefix: `_INBOX.${service}`,
        authenticator: credsAuthenticator(new TextEncoder().encode(credsOf(member, service, kind))),
      }),
    /** The configuration of one service; each call gives it a schema of its own. */
    config: async (member: MemberId, service: string): Promise<CommonConfig> => {
      const schema = `chassis_${randomBytes(6).toString('hex')}`
      schemas.push(schema)
      await admin.query(`CREATE SCHEMA ${schema}`)
      const { host, port, user, password } = database
      return {
        member,
        logLevel: 'error',
        grpc: { host: '127.0.0.1', port: 0, certificate: certificate.certificate, key: certificate.key },
        admin: { host: '127.0.0.1', port: 0 },
        bus: busOf(member, service),
        federation: {
          source: listFile,
          cache: join(dir, `${schema}.cache`),
          signer: federation.signer,
          signerKeys: federation.signerKeys,
        },
        postgres: {
          host,
          port,
          user,
          database: database.database,
          passwordFile: secret('password', password),
          schema,
          poolSize: 4,
        },
        seal: {
          signKey: secret('sign', JSON.stringify(federation.keys(member, 'sign', service).privateJwk)),
          sealKey: secret('seal', JSON.stringify(federation.keys(member, 'seal', service).privateJwk)),
        },
      }
    },
    open: async (config: CommonConfig, service: string, overrides: RuntimeOverrides = {}): Promise<Runtime> => {
      const migrations = mkdtempSync(join(dir, 'migrations-'))
      return openRuntime(config, service, migrations, overrides)
    },
    stop: async (): Promise<void> => {
      for (const schema of schemas) await admin.query(`DROP SCHEMA ${schema} CASCADE`)
      await admin.end()
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
export type Ground = Awaited<ReturnType<typeof startGround>>

/** Two services that ask each other at home, and their likes at other members. */
export const pairOfServices: NatsService[] = [
  {
    name: 'documents',
    calls: {
      home: ['consent', 'idle'],
      mesh: [
        { service: 'documents', members: '*' },
        { service: 'consent', members: '*' },
      ],
    },
    serves: { home: true, mesh: true },
  },
  {
    name: 'consent',
    calls: {
      home: ['documents'],
      mesh: [
        { service: 'documents', members: '*' },
        { service: 'consent', members: '*' },
      ],
    },
    serves: { home: true, mesh: true },
  },
  { name: 'idle', calls: { home: [], mesh: [] }, serves: { home: true, mesh: true } },
]
