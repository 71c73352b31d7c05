import { join } from 'node:path'
import type { Child } from './children.js'
import { createDatabases, databaseAccess } from './databases.js'
import { mostConnections, writeInstanceConfig } from './instances.js'
import { keptPassword } from './member-keys.js'
import type { ProcessConfig } from './member-process.js'
import { natsConfig } from './nats-config.js'
import { writePrivateFile } from './nats-keys.js'
import { type NatsServer, startNatsServer } from './nats-server.js'
import { outsideConfigOf } from './outside-config.js'
import { openPlaces, type Places } from './places.js'
import type { FederationPlan, PlannedMember } from './plan.js'
import { requireFreePort } from './ports.js'
import { type PostgresServer, startPostgres } from './postgres.js'
import { Processes } from './processes.js'
import { type ServiceName, servicesOf } from './topology.js'

const host = '127.0.0.1'

/** A federation that runs on this machine. */
export interface RunningFederation extends Places {
  readonly postgres: PostgresServer
  readonly natsServer: NatsServer
  /** The processes by name, for tests that end one. */
  readonly processes: ReadonlyMap<string, Child>
  /** Ends a process and starts it again. */
  restart(process: string): Promise<void>
  stop(): Promise<void>
}

export interface FederationOptions {
  readonly plan: FederationPlan
  readonly directory: string
  readonly leaseMs?: number
  readonly postgresSettings?: Readonly<Record<string, string>>
  /** Arguments to Node in the place of the program that runs a member. */
  readonly memberProgram?: readonly string[]
  /** Told when a long step begins. */
  readonly onStep?: (step: string) => void
}

const startServers = async (
  places: Places,
  postgresSettings: Readonly<Record<string, string>> | undefined,
): Promise<{ natsServer: NatsServer; postgres: PostgresServer }> => {
  const { plan, directory, port, nats } = places
  const configFile = join(directory, 'nats', 'server.conf')
  writePrivateFile(configFile, natsConfig(nats.server, { name: plan.federation, host, port: port('nats') }))
  const [natsServer, postgres] = await Promise.all([
    startNatsServer({
      configFile,
      dataDir: join(directory, 'nats'),
      port: port('nats'),
      log: join(directory, 'nats.log'),
    }),
    startPostgres({
      dataDir: join(directory, 'postgres'),
      port: port('postgres'),
      log: join(directory, 'postgres.log'),
      settings: { max_connections: String(mostConnections(plan)), ...postgresSettings },
    }),
  ])
  return { natsServer, postgres }
}

const membersOf = ({ plan }: Places, process: string): PlannedMember[] =>
  plan.agencies.filter((member) => member.process === process)

/** The process of one or several members, with a configuration written for each of its services. */
const processConfig = (places: Places, name: string, leaseMs: number | undefined): ProcessConfig => ({
  name,
  admin: { host, port: places.port(`${name}-admin`) },
  instances: membersOf(places, name).flatMap((member) =>
    servicesOf(member).map((service) => ({
      service,
      config: writeInstanceConfig({
        places,
        member,
        service,
        keys: places.keys(member.id),
        access: databaseAccess(member, service),
        leaseMs,
      }),
    })),
  ),
})

/** Sets up what is missing and starts a whole federation: broker, database, the outside world, one process for each member. */
export const startFederation = async (options: FederationOptions): Promise<RunningFederation> => {
  const { onStep = () => undefined } = options
  onStep('keys, certificates and accounts')
  const places = await openPlaces(options.plan, options.directory)
  for (const [name, port] of Object.entries(places.ports)) await requireFreePort(port, name)
  places.signer.start()
  const processes = new Processes(places.directory, options.memberProgram)
  const startMember = (name: string): Promise<void> =>
    processes.startMember(processConfig(places, name, options.leaseMs))
  onStep('PostgreSQL, NATS, and the world outside: a stand-in identity provider, the agencies’ own registers')
  const [{ natsServer, postgres }] = await Promise.all([
    startServers(places, options.postgresSettings),
    processes.startOutside(outsideConfigOf(places)),
  ])
  onStep(`members: ${places.processNames.join(', ')}`)
  const passwordOf = (member: PlannedMember, service: ServiceName): string =>
    keptPassword(places.keys(member.id).folder, `postgres-${service}`).password
  await Promise.all(
    places.processNames.map(async (name) => {
      // The first processes start while the databases of a hosted node are still being made.
      await createDatabases(postgres, membersOf(places, name), passwordOf)
      await startMember(name)
    }),
  )
  return {
    ...places,
    postgres,
    natsServer,
    processes: processes.running,
    restart: async (name) => {
      await processes.running.get(name)?.stop()
      await (name === 'outside' ? processes.startOutside(outsideConfigOf(places)) : startMember(name))
    },
    stop: async () => {
      places.signer.stop()
      await processes.stop()
      await Promise.all([natsServer.stop(), postgres.stop()])
    },
  }
}
