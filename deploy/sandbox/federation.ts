import { join } from 'node:path'
import type { Federation, IdentityProvider } from '@unefois/proto/federation'
import { keptCertificate, type ServerCertificate } from './certificates.js'
import type { Child } from './children.js'
import { createDatabases, databaseAccess } from './databases.js'
import { openDirectory } from './directory.js'
import { type Surroundings, writeInstanceConfig } from './instances.js'
import { type KeptKey, keptEs256Key, keptKey, keptPassword } from './member-keys.js'
import { listedMember, type MemberKeys, memberKeys } from './members.js'
import { type NatsFederation, natsFederation } from './nats-accounts.js'
import { natsConfig } from './nats-config.js'
import { loadOrCreate, writePrivateFile } from './nats-keys.js'
import { type NatsServer, startNatsServer } from './nats-server.js'
import { outsideConfigOf, registerEntriesPath, registerPortName } from './outside-config.js'
import type { FederationPlan, PlannedMember } from './plan.js'
import { keepPorts, requireFreePort } from './ports.js'
import { type PostgresServer, startPostgres } from './postgres.js'
import { Processes } from './processes.js'
import type { RegisterEntry } from './register.js'
import { FederationSigner } from './signer.js'
import { graphOf, type ServiceName, servicesOf } from './topology.js'

const host = '127.0.0.1'
const approvalSeconds = 365 * 24 * 3600
/** Everything that an agency's own system may be given here. */
const systemScopes = [
  ...['identity:enrol', 'identity:exchange', 'register:write'],
  ...['notice:write', 'consent:request', 'evidence:declare', 'evidence:request'],
]

/** A system of an agency, as that agency's software would be set up. */
export interface SystemKey {
  readonly clientId: string
  /** Private JWK file for private_key_jwt. */
  readonly keyPath: string
}

/** A federation that runs on this machine. */
export interface RunningFederation {
  readonly plan: FederationPlan
  readonly directory: string
  readonly issuer: string
  readonly natsUrl: string
  readonly nats: NatsFederation
  readonly postgres: PostgresServer
  readonly natsServer: NatsServer
  /** The processes by name, for tests that end one. */
  readonly processes: ReadonlyMap<string, Child>
  origin(member: string): string
  /** Address and authority file of a service's gRPC door. */
  grpc(member: string, service: ServiceName): { readonly address: string; readonly authority: string }
  /** Where a process serves /livez, /readyz and /metrics. */
  admin(process: string): string
  system(member: string): SystemKey
  keys(member: string): MemberKeys
  /** The federation list in force. */
  list(): Federation
  /** Signs the list again, as the federation signer would after a change. */
  resign(): void
  /** Ends a process and starts it again. */
  restart(process: string): Promise<void>
  /** Replaces what an agency's own register holds, as that agency would. */
  writeRegister(agency: string, evidenceType: string, entries: readonly RegisterEntry[]): void
  stop(): Promise<void>
}

export interface FederationOptions {
  readonly plan: FederationPlan
  readonly directory: string
  readonly leaseMs?: number
  readonly postgresSettings?: Readonly<Record<string, string>>
  /** Told when a long step begins. */
  readonly onStep?: (step: string) => void
}

const hasGateway = (member: PlannedMember): boolean => servicesOf(member).includes('gateway')
const processNames = (plan: FederationPlan): string[] => [...new Set(plan.agencies.map((member) => member.process))]

const portNames = (plan: FederationPlan): string[] => [
  ...['postgres', 'nats', 'identity-provider'],
  ...plan.registers.map(({ agency, evidenceType }) => registerPortName(agency, evidenceType)),
  ...plan.agencies.flatMap((member) => servicesOf(member).map((service) => `${member.id}-${service}`)),
  ...processNames(plan).map((name) => `${name}-admin`),
]

/** What is drawn once and found again at the next start: keys, certificates, accounts. */
interface Belongings {
  readonly keys: (member: string) => MemberKeys
  readonly certificate: (member: string) => ServerCertificate
  readonly oidcClientKey: (member: PlannedMember) => KeptKey
  readonly systemKey: (member: string) => KeptKey
  readonly providerKey: KeptKey
  readonly nats: NatsFederation
}

const openBelongings = async (plan: FederationPlan, directory: string): Promise<Belongings> => {
  const keys = new Map(plan.agencies.map((member) => [member.id as string, memberKeys(directory, member)]))
  const keysOf = (member: string): MemberKeys => keys.get(member) as MemberKeys
  const certificates = new Map<string, ServerCertificate>()
  for (const { id } of plan.agencies) certificates.set(id, await keptCertificate(keysOf(id).folder, id))
  return {
    keys: keysOf,
    certificate: (member) => certificates.get(member) as ServerCertificate,
    oidcClientKey: (member) => keptEs256Key(keysOf(member.id).folder, 'oidc-client'),
    systemKey: (member) => keptKey(join(directory, 'systems'), `${member}-system`, 'sign'),
    providerKey: keptEs256Key(join(directory, 'outside'), 'identity-provider'),
    nats: await natsFederation(graphOf(plan), loadOrCreate(join(directory, 'nats'))),
  }
}

const startServers = async (
  { plan, postgresSettings }: FederationOptions,
  directory: string,
  port: (name: string) => number,
  { nats, keys }: Belongings,
): Promise<{ natsServer: NatsServer; postgres: PostgresServer }> => {
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
      settings: { max_connections: '300', ...postgresSettings },
    }),
  ])
  await createDatabases(
    postgres,
    plan,
    (member, service) => keptPassword(keys(member.id).folder, `postgres-${service}`).password,
  )
  return { natsServer, postgres }
}

/** Sets up what is missing and starts a whole federation: broker, database, the outside world, one process for each member. */
export const startFederation = async (options: FederationOptions): Promise<RunningFederation> => {
  const { plan, onStep = () => undefined } = options
  const directory = openDirectory(options.directory)
  const ports = await keepPorts(directory, portNames(plan))
  const port = (name: string): number => ports[name] as number
  for (const [name, number] of Object.entries(ports)) await requireFreePort(number, name)
  onStep('keys, certificates and accounts')
  const own = await openBelongings(plan, directory)
  onStep('PostgreSQL and NATS')
  const { natsServer, postgres } = await startServers(options, directory, port, own)

  const issuer = `http://${host}:${port('identity-provider')}`
  const origin = (member: string): string => `http://${host}:${port(`${member}-gateway`)}`
  const gateways = plan.agencies.filter(hasGateway)
  const busKeys = new Map([...own.nats.callers.mesh].map(([key, member]) => [member as string, key]))
  const identityProvider: IdentityProvider = {
    issuer,
    keys: [{ ...own.providerKey.publicJwk }],
    maximumAcr: 'eidas3',
    population: 'citizens',
    clients: Object.fromEntries(gateways.map(({ id }) => [id, id])),
  }
  const signer = new FederationSigner({
    plan,
    folder: join(directory, 'signer'),
    identityProviders: [identityProvider],
    authorisationKeyPath: (provider) => own.keys(provider).authorisation.path,
    members: (nowSeconds) =>
      plan.agencies.map((member) =>
        listedMember(plan, member, own.keys(member.id), {
          busKey: busKeys.get(member.id),
          origin: hasGateway(member) ? origin(member.id) : undefined,
          approvedUntilSeconds: nowSeconds + approvalSeconds,
        }),
      ),
  })
  signer.start()

  const surroundings: Surroundings = {
    plan,
    directory,
    nats: own.nats,
    natsUrl: natsServer.url,
    postgres: { host: postgres.host, port: postgres.port },
    signerKey: signer.key,
    listPath: signer.listPath,
    issuer,
    port,
    origin: (member) => origin(member.id),
    sources: (member) =>
      Object.fromEntries(
        plan.registers
          .filter(({ agency }) => agency === member.id)
          .map(({ agency, evidenceType }) => [
            evidenceType,
            {
              address: `localhost:${port(registerPortName(agency, evidenceType))}`,
              authority: own.certificate(agency).authority,
            },
          ]),
      ),
    systems: (member) => [
      { clientId: `${member.id}-system`, jwk: own.systemKey(member.id).publicJwk, scopes: systemScopes },
    ],
    oidcClientKey: own.oidcClientKey,
    leaseMs: options.leaseMs,
  }
  const processes = new Processes(directory)
  const startMember = (name: string): Promise<void> =>
    processes.startMember({
      name,
      admin: { host, port: port(`${name}-admin`) },
      instances: plan.agencies
        .filter((member) => member.process === name)
        .flatMap((member) =>
          servicesOf(member).map((service) => ({
            service,
            config: writeInstanceConfig({
              surroundings,
              member,
              service,
              keys: own.keys(member.id),
              access: databaseAccess(member, service),
              certificate: own.certificate(member.id),
            }),
          })),
        ),
    })
  const startOutside = (): Promise<void> =>
    processes.startOutside(
      outsideConfigOf(plan, {
        directory,
        port,
        certificate: own.certificate,
        gateways: gateways.map((member) => ({
          member,
          origin: origin(member.id),
          clientKey: own.oidcClientKey(member),
        })),
        signingKey: own.providerKey,
      }),
    )
  onStep('the world outside: a stand-in identity provider, the agencies’ own registers')
  await startOutside()
  onStep(`members: ${processNames(plan).join(', ')}`)
  await Promise.all(processNames(plan).map(startMember))

  return {
    plan,
    directory,
    issuer,
    natsUrl: natsServer.url,
    nats: own.nats,
    postgres,
    natsServer,
    processes: processes.running,
    origin,
    grpc: (member, service) => ({
      address: `localhost:${port(`${member}-${service}`)}`,
      authority: own.certificate(member).authority,
    }),
    admin: (name) => `http://${host}:${port(`${name}-admin`)}`,
    system: (member) => ({ clientId: `${member}-system`, keyPath: own.systemKey(member).path }),
    keys: own.keys,
    list: () => signer.list(),
    resign: () => signer.sign(),
    restart: async (name) => {
      await processes.running.get(name)?.stop()
      await (name === 'outside' ? startOutside() : startMember(name))
    },
    writeRegister: (agency, evidenceType, entries) =>
      writePrivateFile(registerEntriesPath(directory, agency, evidenceType), JSON.stringify(entries)),
    stop: async () => {
      signer.stop()
      await processes.stop()
      await Promise.all([natsServer.stop(), postgres.stop()])
    },
  }
}
