import { join } from 'node:path'
import type { DatabaseAccess } from './databases.js'
import { keptPassword, keptSecret } from './member-keys.js'
import type { MemberKeys } from './members.js'
import type { NatsConnection } from './nats-accounts.js'
import { writePrivateFile } from './nats-keys.js'
import { nationalHubToken, registerPortName } from './outside-config.js'
import type { Places } from './places.js'
import type { FederationPlan, PlannedMember } from './plan.js'
import { pseudonymConfig } from './pseudonym-epochs.js'
import { keepersOf, type ServiceName, servicesOf } from './topology.js'

interface Instance {
  readonly places: Places
  readonly member: PlannedMember
  readonly service: ServiceName
  readonly keys: MemberKeys
  readonly access: DatabaseAccess
  /** Length of the consent authority's lease; undefined for its own default. */
  readonly leaseMs: number | undefined
}

/** Everything that an agency's own system may be given in a sandbox. */
const systemScopes = [
  ...['identity:enrol', 'identity:exchange', 'register:write', 'register:review', 'people:protect'],
  ...['notice:write', 'consent:request', 'evidence:declare', 'evidence:request', 'declaration:answer', 'events:read'],
  ...[
    'rules:publish',
    'rules:read',
    'procedures:publish',
    'procedures:read',
    'eligibility:simulate',
    'eligibility:assess',
  ],
  ...['applications:submit', 'applications:read', 'applications:examine', 'applications:message'],
  ...['applications:decide', 'applications:hold', 'delegations:register', 'delegations:read'],
  ...['reviews:read', 'reviews:decide', 'rights:seek'],
  ...['calendar:publish', 'calendar:read', 'slots:read', 'appointments:read', 'appointments:book'],
  ...['appointments:attend', 'walk-ins:run'],
]

const host = '127.0.0.1'
const perInstancePool = 4
const busyPool = 8
/** Beside its pool an instance holds sessions of its own: for the locks of outbox and log, and to listen to its feed. */
const sessions = 3
/** For whoever looks at the database by hand, and for setting it up. */
const spareConnections = 20

/** Several members of one process are small ones. */
const isSmall = ({ agencies }: FederationPlan, { process }: PlannedMember): boolean =>
  agencies.filter((member) => member.process === process).length > 2

/** Those that many people use at once. */
const busy: readonly ServiceName[] = ['documents', 'appointments']

const poolSizeOf = (plan: FederationPlan, member: PlannedMember, service: ServiceName): number =>
  busy.includes(service) && !isSmall(plan, member) ? busyPool : perInstancePool

/** How many connections to PostgreSQL the federation's instances may open together, with some to spare. */
export const mostConnections = (plan: FederationPlan): number =>
  plan.agencies
    .flatMap((member) => servicesOf(member).map((service) => poolSizeOf(plan, member, service) + sessions))
    .reduce((sum, each) => sum + each, spareConnections)

const busOf = ({ places, member, service, keys }: Instance): object => {
  const own = places.nats.connections.filter((each) => each.member === member.id && each.service === service)
  const credentials = own.map((connection: NatsConnection) => {
    const path = join(keys.folder, `${service}-${connection.kind}.creds`)
    writePrivateFile(path, connection.creds)
    return [connection.kind, path]
  })
  const neighbours = Object.fromEntries(places.nats.callers.home.get(member.id) ?? [])
  return { url: places.natsUrl, ...Object.fromEntries(credentials), neighbours }
}

const sealOf = ({ keys, service }: Instance): object => {
  const sealed = keys.sealed.get(service)
  return sealed ? { seal: { signKey: sealed.sign.path, sealKey: sealed.seal.path } } : {}
}

const commonOf = (instance: Instance): object => {
  const { places, member, service, keys, access } = instance
  return {
    member: member.id,
    logLevel: 'info',
    admin: { host, port: 0 },
    bus: busOf(instance),
    federation: {
      source: places.signer.listPath,
      cache: join(keys.folder, `${service}-federation.jws`),
      signer: places.plan.signer,
      signerKeys: [places.signer.key.publicJwk],
    },
    postgres: {
      host,
      port: places.port('postgres'),
      ...access,
      passwordFile: keptPassword(keys.folder, `postgres-${service}`).path,
      poolSize: poolSizeOf(places.plan, member, service),
    },
    ...sealOf(instance),
  }
}

const grpcOf = ({ places, member, service }: Instance): object => {
  const { certificate, key } = places.certificate(member.id)
  return { grpc: { host, port: places.port(`${member.id}-${service}`), certificate, key } }
}

const systemsOf = ({ places, member }: Instance): object[] => [
  { clientId: places.system(member.id).clientId, jwk: places.systemKey(member.id).publicJwk, scopes: systemScopes },
]

/** Evidence that stays in this member's own register, by the address of its EvidenceSource. */
const sourcesOf = ({ places, member }: Instance): object =>
  Object.fromEntries(
    places.plan.registers
      .filter(({ agency }) => agency === member.id)
      .map(({ agency, evidenceType }) => [
        evidenceType,
        {
          address: `localhost:${places.port(registerPortName(agency))}`,
          authority: places.certificate(agency).authority,
        },
      ]),
  )

const gatewayOf = ({ places, member, keys }: Instance): object => ({
  kind: member.roles[0] === 'agency' ? 'agency' : member.roles[0],
  http: { host, port: places.port(`${member.id}-gateway`) },
  publicUrl: places.origin(member.id),
  oidc: { issuer: places.issuer, clientId: member.id, clientKey: places.oidcClientKey(member.id).path },
  sessionKey: keptSecret(keys.folder, 'session'),
  webhooks: { origins: [`http://${host}:${places.port('webhook-receiver')}`] },
  ...(member.inNationalHub && { hub: { tokenFile: keptPassword(keys.folder, 'hub').path } }),
})

const ownOf = (instance: Instance): object => {
  const { places, member, service, keys } = instance
  switch (service) {
    case 'identity':
      return {
        ...grpcOf(instance),
        tokenKey: keys.token.path,
        clients: systemsOf(instance),
        forwardsTo: keepersOf(member),
      }
    case 'identity-authority':
      return {
        ...grpcOf(instance),
        ticketKey: keys.ticket?.path,
        ...pseudonymConfig(keys.folder),
        registerKey: keptSecret(keys.folder, 'register'),
      }
    case 'consent':
      return { ...grpcOf(instance), statementKey: keys.statement.path }
    case 'consent-authority':
      return {
        ...grpcOf(instance),
        statementKey: keys.statement.path,
        publicUrl: places.origin(member.id),
        ...(instance.leaseMs !== undefined && { leaseMs: instance.leaseMs }),
      }
    case 'documents':
      return {
        ...grpcOf(instance),
        logKey: keys.log.path,
        recordKey: keptSecret(keys.folder, 'records'),
        keyEncryptionKey: keptSecret(keys.folder, 'subject-keys'),
        schemas: join(places.plan.folder, 'evidence-types'),
        sources: sourcesOf(instance),
        // Whoever tries it out need not wait a minute.
        changesSettleMs: 200,
      }
    case 'eligibility':
      return {
        ...grpcOf(instance),
        decisionKey: keys.decision?.path,
        keyEncryptionKey: keptSecret(keys.folder, 'file-keys'),
      }
    case 'appointments':
      return {
        ...grpcOf(instance),
        keyEncryptionKey: keptSecret(keys.folder, 'appointment-keys'),
        publicUrl: places.origin(member.id),
        communes: join(places.plan.folder, 'communes.json'),
        ...(member.inNationalHub && {
          hub: {
            url: `http://${host}:${places.port('national-hub')}`,
            tokenFile: nationalHubToken(places.directory).path,
          },
        }),
      }
    case 'gateway':
      return gatewayOf(instance)
  }
}

/** Writes the configuration of one instance and answers its path. */
export const writeInstanceConfig = (instance: Instance): string => {
  const path = join(instance.keys.folder, `${instance.service}.json`)
  writePrivateFile(path, `${JSON.stringify({ ...commonOf(instance), ...ownOf(instance) }, null, 2)}\n`)
  return path
}
