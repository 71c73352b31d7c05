/**
 * Stars of accounts. Each point has a calling account, which may only import calls that end with its own key, and a
 * serving account, which exports what it serves; the joining account ties them. Two accounts a point, because one that
 * both imports a service and exports one fails without an error.
 */
import type { KeyPair } from '@nats-io/nkeys'
import type { MemberId } from '@unefois/proto/ids'
import {
  type BusSubject,
  callerKeyPosition,
  callPattern,
  memberRoute,
  memberServeSubject,
  serveSubject,
  serviceRoute,
} from '@unefois/proto/subjects'
import type { NatsMember, NatsService } from './nats-graph.js'
import { accountLimits, type Operator } from './nats-operator.js'

/** The two ends of one point of a star. */
export interface Pair {
  readonly calling: KeyPair
  readonly serving: KeyPair
}

interface Point {
  readonly name: string
  readonly calls: (callerKey: string) => readonly BusSubject[]
  readonly serves: BusSubject
  /** What the joining account calls `serves`. */
  readonly route: BusSubject
}

/** Joins the members. */
export const meshStar = (operator: Operator, members: readonly NatsMember[], leaves: number) =>
  star(
    operator,
    { name: 'mesh', exports: callPattern({}), leaves },
    members.map((member) => ({
      member,
      name: `members/${member.id}/mesh`,
      calls: (callerKey: string) => [callPattern({ callerKey })],
      serves: memberServeSubject(member.id),
      route: memberRoute(member.id),
    })),
  )

/** Joins the services of one member. */
export const homeStar = (operator: Operator, { id, services }: NatsMember) =>
  star(
    operator,
    { name: `members/${id}/home`, exports: callPattern({ member: id }), leaves: 0 },
    services.map((service) => ({
      service,
      name: `members/${id}/${service.name}/home`,
      calls: (callerKey: string) => homeCalls(id, service, callerKey),
      serves: serveSubject(id, service.name),
      route: serviceRoute(id, service.name),
    })),
  )

async function star<P extends Point>(
  operator: Operator,
  joined: { name: string; exports: BusSubject; leaves: number },
  points: readonly P[],
): Promise<(P & Pair)[]> {
  const account = operator.key(joined.name)
  const limits = { ...accountLimits, leaf: joined.leaves }
  const pairs: (P & Pair)[] = []
  for (const point of points) {
    const calls = point.calls(operator.key(`${point.name}-calling`))
    const calling = await operator.account(`${point.name}-calling`, {
      limits,
      imports: calls.map((subject) => ({ name: joined.name, account, subject, type: 'service' })),
    })
    const serving = await operator.account(`${point.name}-serving`, {
      limits,
      exports: [{ name: point.name, subject: point.serves, type: 'service' }],
    })
    pairs.push({ ...point, calling, serving })
  }
  await operator.account(joined.name, {
    exports: [
      { name: joined.name, subject: joined.exports, type: 'service', account_token_position: callerKeyPosition },
    ],
    imports: pairs.map(({ name, serving, serves, route }) => ({
      name,
      account: serving.getPublicKey(),
      subject: serves,
      local_subject: route,
      type: 'service',
    })),
  })
  return pairs
}

/** What a service may ask of its neighbours. */
export const homeCalls = (member: MemberId, { calls }: NatsService, callerKey: string): BusSubject[] =>
  calls.home.map((service) => callPattern({ member, service, callerKey }))

/** What a service may ask of other members. */
export const meshCalls = (_member: MemberId, { calls }: NatsService, callerKey: string): BusSubject[] =>
  calls.mesh.flatMap(({ service, members }) =>
    members === '*'
      ? [callPattern({ service, callerKey })]
      : members.map((member) => callPattern({ member, service, callerKey })),
  )
