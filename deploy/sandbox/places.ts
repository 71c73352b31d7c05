import { join } from 'node:path'
import type { Federation } from '@unefois/proto/federation'
import { keptCertificate, type ServerCertificate } from './certificates.js'
import { openDirectory } from './directory.js'
import { type KeptKey, keptEs256Key, keptKey } from './member-keys.js'
import { listedMember, type MemberKeys, memberKeys } from './members.js'
import { type NatsFederation, natsFederation } from './nats-accounts.js'
import { loadOrCreate, writePrivateFile } from './nats-keys.js'
import { registerAgencies, registerEntriesPath, registerPortName } from './outside-config.js'
import type { FederationPlan, PlannedMember } from './plan.js'
import { keepPorts } from './ports.js'
import type { RegisterEntry } from './register.js'
import { FederationSigner } from './signer.js'
import { graphOf, type ServiceName, servicesOf } from './topology.js'

const host = '127.0.0.1'
const approvalSeconds = 365 * 24 * 3600

/** A system of an agency, as that agency's software would be set up. */
export interface SystemKey {
  readonly clientId: string
  /** Private JWK file for private_key_jwt. */
  readonly keyPath: string
}

/** Where everything of a federation is on this machine, whether or not it runs: drawn once, found again later. */
export interface Places {
  readonly plan: FederationPlan
  readonly directory: string
  readonly issuer: string
  readonly natsUrl: string
  readonly nats: NatsFederation
  readonly signer: FederationSigner
  readonly providerKey: KeptKey
  readonly gateways: readonly PlannedMember[]
  /** The names of the processes that members run in. */
  readonly processNames: readonly string[]
  /** All ports by name. */
  readonly ports: Readonly<Record<string, number>>
  port(name: string): number
  /** Origin of a member's gateway. */
  origin(member: string): string
  /** Address and authority file of a service's gRPC door. */
  grpc(member: string, service: ServiceName): { readonly address: string; readonly authority: string }
  /** Where a process serves /livez, /readyz and /metrics. */
  admin(process: string): string
  certificate(member: string): ServerCertificate
  oidcClientKey(member: string): KeptKey
  systemKey(member: string): KeptKey
  system(member: string): SystemKey
  keys(member: string): MemberKeys
  /** The federation list in force. */
  list(): Federation
  /** Replaces what an agency's own register holds, as that agency would. */
  writeRegister(agency: string, evidenceType: string, entries: readonly RegisterEntry[]): void
}

const hasGateway = (member: PlannedMember): boolean => servicesOf(member).includes('gateway')

const portNames = (plan: FederationPlan, processNames: readonly string[]): string[] => [
  // The last for whoever tries webhooks: events may be delivered to it, and nothing of ours listens there.
  ...['postgres', 'nats', 'identity-provider', 'national-hub', 'webhook-receiver'],
  ...registerAgencies(plan).map(registerPortName),
  ...plan.agencies.flatMap((member) => servicesOf(member).map((service) => `${member.id}-${service}`)),
  ...processNames.map((name) => `${name}-admin`),
]

/** Opens the directory of a federation and finds, or draws at first use, its ports, keys, certificates and accounts. */
export const openPlaces = async (plan: FederationPlan, path: string): Promise<Places> => {
  const directory = openDirectory(path)
  const processNames = [...new Set(plan.agencies.map((member) => member.process))]
  const ports = await keepPorts(directory, portNames(plan, processNames))
  const port = (name: string): number => ports[name] as number
  const keys = new Map(plan.agencies.map((member) => [member.id as string, memberKeys(directory, member)]))
  const keysOf = (member: string): MemberKeys => keys.get(member) as MemberKeys
  const certificates = new Map<string, ServerCertificate>()
  for (const { id } of plan.agencies) certificates.set(id, await keptCertificate(keysOf(id).folder, id))
  const certificate = (member: string): ServerCertificate => certificates.get(member) as ServerCertificate
  const nats = await natsFederation(graphOf(plan), loadOrCreate(join(directory, 'nats')))
  const providerKey = keptEs256Key(join(directory, 'outside'), 'identity-provider')
  const systemKey = (member: string): KeptKey => keptKey(join(directory, 'systems'), `${member}-system`, 'sign')
  const issuer = `http://${host}:${port('identity-provider')}`
  const origin = (member: string): string => `http://${host}:${port(`${member}-gateway`)}`
  const gateways = plan.agencies.filter(hasGateway)
  const busKeys = new Map([...nats.callers.mesh].map(([key, member]) => [member as string, key]))
  const signer = new FederationSigner({
    plan,
    folder: join(directory, 'signer'),
    identityProviders: [
      {
        issuer,
        keys: [{ ...providerKey.publicJwk }],
        maximumAcr: 'eidas3',
        population: 'citizens',
        clients: Object.fromEntries(gateways.map(({ id }) => [id, id])),
      },
    ],
    authorisationKeyPath: (provider) => keysOf(provider).authorisation.path,
    members: (nowSeconds) =>
      plan.agencies.map((member) =>
        listedMember(plan, member, keysOf(member.id), {
          busKey: busKeys.get(member.id),
          origin: hasGateway(member) ? origin(member.id) : undefined,
          approvedUntilSeconds: nowSeconds + approvalSeconds,
        }),
      ),
  })
  return {
    plan,
    directory,
    issuer,
    natsUrl: `nats://${host}:${port('nats')}`,
    nats,
    signer,
    providerKey,
    gateways,
    processNames,
    ports,
    port,
    origin,
    grpc: (member, service) => ({
      address: `localhost:${port(`${member}-${service}`)}`,
      authority: certificate(member).authority,
    }),
    admin: (name) => `http://${host}:${port(`${name}-admin`)}`,
    certificate,
    oidcClientKey: (member) => keptEs256Key(keysOf(member).folder, 'oidc-client'),
    systemKey,
    system: (member) => ({ clientId: `${member}-system`, keyPath: systemKey(member).path }),
    keys: keysOf,
    list: () => signer.list(),
    writeRegister: (agency, evidenceType, entries) =>
      writePrivateFile(registerEntriesPath(directory, agency, evidenceType), JSON.stringify(entries)),
  }
}

/** Whether every process of this federation says that it is ready. */
export const isRunning = async (places: Places): Promise<boolean> => {
  const answers = await Promise.all(
    places.processNames.map((name) =>
      fetch(`${places.admin(name)}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    ),
  )
  return answers.every(Boolean)
}
