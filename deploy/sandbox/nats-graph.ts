/** The two call graphs, as data: which service of which member asks which. What is not said here, the broker refuses. */
import { isMemberId, type MemberId } from '@unefois/proto/ids'
import { busToken } from '@unefois/proto/subjects'

/** One service of one member, with the whole of its part in the two call graphs. */
export interface NatsService {
  readonly name: string
  readonly calls: {
    /** Neighbours, by service name. */
    readonly home: readonly string[]
    readonly mesh: readonly { readonly service: string; readonly members: readonly MemberId[] | '*' }[]
  }
  readonly serves: { readonly home: boolean; readonly mesh: boolean }
}

/** One member and the services it runs. */
export interface NatsMember {
  readonly id: MemberId
  readonly services: readonly NatsService[]
}

/** Who calls whom, in the whole federation. */
export interface NatsGraph {
  readonly members: readonly NatsMember[]
}

/** Throws a TypeError on a graph that names a service or a member twice, or one that nobody runs. */
export function checkGraph({ members }: NatsGraph): void {
  const ids = new Set(members.map(({ id }) => id))
  if (ids.size !== members.length) throw new TypeError('a member is named twice')
  for (const { id, services } of members) {
    if (!isMemberId(id)) throw new TypeError(`not a member id: ${JSON.stringify(id)}`)
    const served = new Set(services.filter(({ serves }) => serves.home).map(({ name }) => name))
    if (new Set(services.map(({ name }) => name)).size !== services.length)
      throw new TypeError(`${id} names a service twice`)
    for (const { name, calls } of services) {
      busToken(name)
      for (const callee of calls.home)
        if (!served.has(callee)) throw new TypeError(`${id}: ${name} calls ${callee}, which serves no neighbour`)
      for (const { service, members: called } of calls.mesh)
        for (const other of called === '*' ? [] : called)
          if (!ids.has(other)) throw new TypeError(`${id}: ${name} calls ${service} of ${other}, which is no member`)
    }
  }
}
