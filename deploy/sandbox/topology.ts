import type { MemberId } from '@unefois/proto/ids'
import type { NatsGraph, NatsMember, NatsService } from './nats-graph.js'
import type { FederationPlan, PlannedMember } from './plan.js'

/** Every service that a member may run. */
export const serviceNames = [
  'identity',
  'identity-authority',
  'consent',
  'consent-authority',
  'documents',
  'eligibility',
  'appointments',
  'gateway',
] as const
export type ServiceName = (typeof serviceNames)[number]
type Role = PlannedMember['roles'][number]

/** What a member in a role may run. */
export const servicesOfRole: Record<Role, readonly ServiceName[]> = {
  agency: ['identity', 'consent', 'documents', 'eligibility', 'appointments', 'gateway'],
  portal: ['identity', 'gateway'],
  'identity-authority': ['identity', 'identity-authority'],
  'consent-authority': ['identity', 'consent-authority', 'gateway'],
}

/** The services that a member runs: all of its role's, unless it says which. */
export const servicesOf = (member: PlannedMember): readonly ServiceName[] =>
  member.services ?? member.roles.flatMap((role) => servicesOfRole[role])

/**
 * What a service cannot do without in its own member. Who only provides, and not on consent, runs no consent; who neither
 * provides nor requests, no documents.
 */
export const requiredNeighbours: Record<ServiceName, readonly ServiceName[]> = {
  gateway: ['identity'],
  documents: ['identity'],
  eligibility: ['identity', 'documents'],
  appointments: ['identity', 'documents', 'gateway'],
  consent: ['identity', 'documents'],
  'consent-authority': ['identity'],
  identity: [],
  'identity-authority': ['identity'],
}

/** The services that keep pseudonyms: identity tells them what the identity authority says of people. */
const keepers: readonly ServiceName[] = ['documents', 'consent', 'consent-authority', 'eligibility', 'appointments']

/** The services of a member that its identity service forwards to. */
export const keepersOf = (member: PlannedMember): readonly ServiceName[] =>
  servicesOf(member).filter((service) => keepers.includes(service))

/** Inside a member: who may call whom. Events travel the same way, as requests of the sender's outbox. */
export const homeCalls: Record<ServiceName, readonly ServiceName[]> = {
  gateway: ['identity', 'consent', 'consent-authority', 'documents', 'eligibility', 'appointments'],
  documents: ['identity', 'consent', 'eligibility'],
  eligibility: ['identity', 'documents', 'consent'],
  appointments: ['identity', 'documents', 'eligibility'],
  consent: ['identity', 'documents'],
  'consent-authority': ['identity'],
  identity: keepers,
  'identity-authority': [],
}

/** Between members: which service of a member in which role may call which service, and where that service is. */
export const meshCalls: readonly {
  readonly from: ServiceName
  readonly fromRole: Role
  readonly to: ServiceName
  readonly toRole: Role
}[] = [
  { from: 'documents', fromRole: 'agency', to: 'documents', toRole: 'agency' },
  { from: 'appointments', fromRole: 'agency', to: 'appointments', toRole: 'agency' },
  { from: 'consent', fromRole: 'agency', to: 'consent-authority', toRole: 'consent-authority' },
  { from: 'consent-authority', fromRole: 'consent-authority', to: 'consent', toRole: 'agency' },
  { from: 'gateway', fromRole: 'portal', to: 'documents', toRole: 'agency' },
  { from: 'gateway', fromRole: 'portal', to: 'consent-authority', toRole: 'consent-authority' },
  ...(['agency', 'portal', 'consent-authority'] as const).map((toRole) => ({
    from: 'identity-authority' as const,
    fromRole: 'identity-authority' as const,
    to: 'identity' as const,
    toRole,
  })),
  ...(['agency', 'portal', 'consent-authority'] as const).map((fromRole) => ({
    from: 'identity' as const,
    fromRole,
    to: 'identity-authority' as const,
    toRole: 'identity-authority' as const,
  })),
]

const running = (plan: FederationPlan, role: Role, service: ServiceName): MemberId[] =>
  plan.agencies
    .filter((member) => member.roles.includes(role) && servicesOf(member).includes(service))
    .map(({ id }) => id)

const serviceOf = (plan: FederationPlan, member: PlannedMember, name: ServiceName): NatsService => {
  const here = servicesOf(member)
  const calls = meshCalls.filter(({ from, fromRole }) => from === name && member.roles.includes(fromRole))
  return {
    name,
    calls: {
      home: homeCalls[name].filter((callee) => here.includes(callee)),
      mesh: calls.map(({ to, toRole }) => ({
        service: to,
        members: running(plan, toRole, to).filter((id) => id !== member.id),
      })),
    },
    serves: {
      home: here.some((caller) => homeCalls[caller].includes(name)),
      mesh: meshCalls.some((call) => call.to === name && member.roles.includes(call.toRole)),
    },
  }
}

/** The two call graphs of a federation, for the broker. */
export const graphOf = (plan: FederationPlan): NatsGraph => ({
  members: plan.agencies.map(
    (member): NatsMember => ({
      id: member.id,
      services: servicesOf(member).map((name) => serviceOf(plan, member, name)),
    }),
  ),
})

/** Whether a service has keys of its own for sealed messages: each but the gateways, of which only the portal's has. */
export const seals = (member: PlannedMember, name: ServiceName): boolean =>
  name !== 'gateway' || member.roles.includes('portal')
