import { join } from 'node:path'
import type { ServerCertificate } from './certificates.js'
import type { DatabaseAccess } from './databases.js'
import { type KeptKey, keptPassword, keptSecret } from './member-keys.js'
import type { MemberKeys } from './members.js'
import type { NatsConnection, NatsFederation } from './nats-accounts.js'
import { writePrivateFile } from './nats-keys.js'
import type { FederationPlan, PlannedMember } from './plan.js'
import type { ServiceName } from './topology.js'

/** Where the parts of a sandbox are, as its instances are told. */
export interface Surroundings {
  readonly plan: FederationPlan
  readonly directory: string
  readonly nats: NatsFederation
  readonly natsUrl: string
  readonly postgres: { readonly host: string; readonly port: number }
  readonly signerKey: KeptKey
  readonly listPath: string
  readonly issuer: string
  readonly port: (name: string) => number
  readonly origin: (member: PlannedMember) => string
  /** Address and authority of each agency's own register, by evidence type. */
  readonly sources: (member: PlannedMember) => Readonly<Record<string, { address: string; authority: string }>>
  /** Systems of an agency, with the scopes that its identity service gives them. */
  readonly systems: (member: PlannedMember) => readonly { clientId: string; jwk: object; scopes: readonly string[] }[]
  readonly oidcClientKey: (member: PlannedMember) => KeptKey
  readonly leaseMs: number | undefined
}

interface Instance {
  readonly surroundings: Surroundings
  readonly member: PlannedMember
  readonly service: ServiceName
  readonly keys: MemberKeys
  readonly access: DatabaseAccess
  readonly certificate: ServerCertificate
}

const host = '127.0.0.1'
const perInstancePool = 4
const busyPool = 8

const busOf = ({ surroundings, member, service, keys }: Instance): object => {
  const own = surroundings.nats.connections.filter((each) => each.member === member.id && each.service === service)
  const credentials = own.map((connection: NatsConnection) => {
    const path = join(keys.folder, `${service}-${connection.kind}.creds`)
    writePrivateFile(path, connection.creds)
    return [connection.kind, path]
  })
  const neighbours = Object.fromEntries(surroundings.nats.callers.home.get(member.id) ?? [])
  return { url: surroundings.natsUrl, ...Object.fromEntries(credentials), neighbours }
}

const sealOf = ({ keys, service }: Instance): object => {
  const sealed = keys.sealed.get(service)
  return sealed ? { seal: { signKey: sealed.sign.path, sealKey: sealed.seal.path } } : {}
}

const commonOf = (instance: Instance): object => {
  const { surroundings, member, service, keys, access } = instance
  return {
    member: member.id,
    logLevel: 'info',
    admin: { host, port: 0 },
    bus: busOf(instance),
    federation: {
      source: surroundings.listPath,
      cache: join(keys.folder, `${service}-federation.jws`),
      signer: surroundings.plan.signer,
      signerKeys: [surroundings.signerKey.publicJwk],
    },
    postgres: {
      ...surroundings.postgres,
      ...access,
      passwordFile: keptPassword(keys.folder, `postgres-${service}`).path,
      poolSize: service === 'documents' ? busyPool : perInstancePool,
    },
    ...sealOf(instance),
  }
}

const grpcOf = ({ surroundings, member, service, certificate }: Instance): object => ({
  grpc: {
    host,
    port: surroundings.port(`${member.id}-${service}`),
    certificate: certificate.certificate,
    key: certificate.key,
  },
})

const gatewayOf = ({ surroundings, member, keys }: Instance): object => ({
  kind: member.roles[0] === 'agency' ? 'agency' : member.roles[0],
  http: { host, port: surroundings.port(`${member.id}-gateway`) },
  publicUrl: surroundings.origin(member),
  oidc: { issuer: surroundings.issuer, clientId: member.id, clientKey: surroundings.oidcClientKey(member).path },
  sessionKey: keptSecret(keys.folder, 'session'),
})

const ownOf = (instance: Instance): object => {
  const { surroundings, member, service, keys } = instance
  switch (service) {
    case 'identity':
      return { ...grpcOf(instance), tokenKey: keys.token.path, clients: surroundings.systems(member) }
    case 'identity-authority':
      return {
        ...grpcOf(instance),
        ticketKey: keys.ticket?.path,
        pseudonymSecrets: [{ epoch: 1, file: keptSecret(keys.folder, 'pseudonyms-1') }],
        registerKey: keptSecret(keys.folder, 'register'),
      }
    case 'consent':
      return { ...grpcOf(instance), statementKey: keys.statement.path }
    case 'consent-authority':
      return {
        ...grpcOf(instance),
        statementKey: keys.statement.path,
        publicUrl: surroundings.origin(member),
        ...(surroundings.leaseMs !== undefined && { leaseMs: surroundings.leaseMs }),
      }
    case 'documents':
      return {
        ...grpcOf(instance),
        logKey: keys.log.path,
        recordKey: keptSecret(keys.folder, 'records'),
        keyEncryptionKey: keptSecret(keys.folder, 'subject-keys'),
        schemas: join(surroundings.plan.folder, 'evidence-types'),
        sources: surroundings.sources(member),
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
