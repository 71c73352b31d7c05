/**
 * Who may say what to whom on the bus. Two stars of accounts: MESH joins the members, each member's HOME joins its
 * services; whoever speaks is the account whose key the broker let through in the subject. Inside a member's two mesh
 * accounts, user permissions keep one service from speaking or listening as another.
 */
import type { Permissions } from '@nats-io/jwt'
import type { KeyPair } from '@nats-io/nkeys'
import type { MemberId } from '@unefois/proto/ids'
import { callPattern, inboxPrefix, memberServeSubject, serveSubject } from '@unefois/proto/subjects'
import { checkGraph, type NatsGraph, type NatsService } from './nats-graph.js'
import type { KeyStore } from './nats-keys.js'
import {
  accountLimits,
  callerPermissions,
  callingLeafPermissions,
  type NatsServerClaims,
  type Operator,
  openOperator,
  serverPermissions,
  servingLeafPermissions,
} from './nats-operator.js'
import { homeCalls, homeStar, meshCalls, meshStar, type Pair } from './nats-stars.js'

/** The four ways a service meets the bus: as caller or as server, of its neighbours or of other members. */
export type ConnectionKind = 'homeCalling' | 'homeServing' | 'meshCalling' | 'meshServing'

/** What a process needs to open one connection. */
export interface NatsConnection {
  readonly member: MemberId
  readonly service: string
  readonly kind: ConnectionKind
  /** The text of a `.creds` file: JWT and secret seed. */
  readonly creds: string
  /** The key that ends each subject it publishes; absent when serving. */
  readonly callerKey?: string
  /** The only inboxes it may hear, which its client must be told; absent when serving. */
  readonly inboxPrefix?: string
}

/** Whom a proved caller key stands for: a member on the mesh, a service at home. */
export interface NatsCallers {
  readonly mesh: ReadonlyMap<string, MemberId>
  readonly home: ReadonlyMap<MemberId, ReadonlyMap<string, string>>
}

/** One server for everybody; or a hub that joins the members and a leaf server at each of them. */
export type NatsTopology = 'one-server' | 'hub-and-leaves'

/** A member's own server, under its own operator: the hub can neither read nor reach its home. */
export interface NatsLeaf extends NatsServerClaims {
  /** Which local account is bound to the hub, with which credential. */
  readonly remotes: readonly { readonly account: string; readonly creds: string }[]
}

/** Everything the bus needs to carry one federation. */
export interface NatsFederation {
  /** The one server, or the hub. */
  readonly server: NatsServerClaims
  /** Empty when there is one server. */
  readonly leaves: ReadonlyMap<MemberId, NatsLeaf>
  readonly connections: readonly NatsConnection[]
  readonly callers: NatsCallers
}

/** Settings of the generator. */
export interface NatsOptions {
  readonly topology?: NatsTopology
  /** When credentials end; without it they last as long as their account. */
  readonly usersExpireAt?: Date
}

/** Draws the keys a store lacks, signs what changed, and returns every credential of the federation. */
export async function natsFederation(
  graph: NatsGraph,
  store: KeyStore,
  { topology = 'one-server', usersExpireAt }: NatsOptions = {},
): Promise<NatsFederation> {
  checkGraph(graph)
  const hub = await openOperator(store, '', usersExpireAt)
  const leaves = new Map<MemberId, NatsLeaf>()
  const callers = { mesh: new Map<string, MemberId>(), home: new Map<MemberId, ReadonlyMap<string, string>>() }
  const connections: NatsConnection[] = []
  for (const { member, ...mesh } of await meshStar(hub, graph.members, topology === 'one-server' ? 0 : -1)) {
    const operator = topology === 'one-server' ? hub : await openOperator(store, `members/${member.id}/`, usersExpireAt)
    const local = topology === 'one-server' ? mesh : await leafPair(operator, member.id)
    if (operator !== hub)
      leaves.set(member.id, { ...operator.claims, remotes: await remotesOf(hub, member.id, mesh, local) })
    const home = await homeStar(operator, member)
    callers.mesh.set(mesh.calling.getPublicKey(), member.id)
    callers.home.set(member.id, new Map(home.map(({ service, calling }) => [calling.getPublicKey(), service.name])))
    for (const { service, ...pair } of home)
      connections.push(...(await connectionsOf(operator, member.id, service, { mesh, local, home: pair })))
  }
  return { server: hub.claims, leaves, connections, callers }
}

/** A leaf's own ends of the two links to the hub; what may pass is said by the hub's accounts and by each user. */
const leafPair = async (operator: Operator, member: MemberId): Promise<Pair> => ({
  calling: await operator.account(`members/${member}/leaf-calling`, { limits: { ...accountLimits, leaf: -1 } }),
  serving: await operator.account(`members/${member}/leaf-serving`, { limits: { ...accountLimits, leaf: -1 } }),
})

async function remotesOf(hub: Operator, member: MemberId, mesh: Pair, local: Pair): Promise<NatsLeaf['remotes']> {
  const calls = callPattern({ callerKey: mesh.calling.getPublicKey() })
  const user = (end: keyof Pair, permissions: Permissions) =>
    hub.user(`members/${member}/leaf-${end}-user`, mesh[end], permissions, 'LEAFNODE')
  return [
    { account: local.calling.getPublicKey(), creds: await user('calling', callingLeafPermissions(calls)) },
    {
      account: local.serving.getPublicKey(),
      creds: await user('serving', servingLeafPermissions(memberServeSubject(member))),
    },
  ]
}

async function connectionsOf(
  operator: Operator,
  member: MemberId,
  service: NatsService,
  accounts: { readonly mesh: Pair; readonly local: Pair; readonly home: Pair },
): Promise<NatsConnection[]> {
  const user = (kind: ConnectionKind, account: KeyPair, permissions: Permissions) =>
    operator.user(`members/${member}/${service.name}/${kind}`, account, permissions)
  // On a leaf the user lives in a local account, yet speaks under the key of the hub's.
  const calling = async (kind: ConnectionKind, local: Pair, proved: Pair, callsOf: typeof homeCalls) => {
    const callerKey = proved.calling.getPublicKey()
    const calls = callsOf(member, service, callerKey)
    if (calls.length === 0) return []
    const creds = await user(kind, local.calling, callerPermissions(calls, service.name))
    return [{ member, service: service.name, kind, creds, callerKey, inboxPrefix: inboxPrefix(service.name) }]
  }
  const serving = async (kind: ConnectionKind, { serving }: Pair, serves: boolean) => {
    if (!serves) return []
    const creds = await user(kind, serving, serverPermissions(serveSubject(member, service.name)))
    return [{ member, service: service.name, kind, creds }]
  }
  const { mesh, local, home } = accounts
  return [
    ...(await calling('homeCalling', home, home, homeCalls)),
    ...(await serving('homeServing', home, service.serves.home)),
    ...(await calling('meshCalling', local, mesh, meshCalls)),
    ...(await serving('meshServing', local, service.serves.mesh)),
  ]
}
