import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bus, connectBus } from '@unefois/chassis/bus'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { createLog } from '@unefois/chassis/log'
import type { RequestOf, ResponseOf, ServiceDefinition } from '@unefois/chassis/method'
import { type NeighbourCall, type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import type { Places } from '@unefois/deploy/sandbox/places'
import { RawMember, type RawReply } from '@unefois/deploy/sandbox/raw-member'
import type { ServiceName } from '@unefois/deploy/sandbox/topology'
import type { MemberId } from '@unefois/proto/ids'
import { isReason, MeshError } from '@unefois/proto/reasons'
import type { SentRequest } from '@unefois/proto/sealed'
import { type RpcName, rpcOf } from './_refusals.js'

const deadlineMs = 5000

const bodyOf = (reply: RawReply): Uint8Array => {
  if ('unreadable' in reply) throw new Error('an answer that nobody can read')
  if ('refusal' in reply) {
    if (!isReason(reply.refusal)) throw new Error(`${reply.refusal} is no reason`)
    throw new MeshError(reply.refusal)
  }
  const { sealed } = reply
  if (sealed.status === 'error') throw new MeshError(sealed.reason, { facts: { ...sealed.facts } })
  return sealed.body
}

type Call<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: (request: RequestOf<D['methods'][K]>) => Promise<ResponseOf<D['methods'][K]>>
}

/** A service of a member that says to another member what it likes, under its real keys and credentials. */
export class HostileMember {
  readonly raw: RawMember

  private constructor(raw: RawMember) {
    this.raw = raw
  }

  static async connect(places: Places, member: string, service: ServiceName): Promise<HostileMember> {
    return new HostileMember(await RawMember.connect(places, member, service))
  }

  /** Sends any text as the request of an RPC. Throws the MeshError of the answer. */
  async send(to: string, rpc: RpcName, message: string, sent?: SentRequest, service?: string): Promise<Uint8Array> {
    const { method, service: own } = rpcOf(rpc)
    const busMethod = method.name === 'Deliver' ? 'deliver' : method.name
    return bodyOf(await this.raw.send(to, service ?? own, busMethod, message, sent))
  }

  /** A client of a service of another member: seals each request as it should be. */
  of<D extends ServiceDefinition>(to: string, definition: D, service?: string): Call<D> {
    const methods = Object.entries(definition.methods).map(([key, method]) => [
      key,
      async (request: unknown) => {
        const rpc = `${definition.fullName}/${method.name}` as RpcName
        const at = service ?? rpcOf(rpc).service
        const sealed = this.raw.seal(to, at, rpc, method.requestType.encode(request).finish())
        return method.responseType.decode(await this.send(to, rpc, sealed.message, sealed, at))
      },
    ])
    return Object.fromEntries(methods) as Call<D>
  }

  close(): Promise<void> {
    return this.raw.close()
  }
}

/** A service of a member that asks its neighbours what it likes, under its real credentials. */
export class HostileNeighbour {
  readonly #bus: Bus

  private constructor(bus: Bus) {
    this.#bus = bus
  }

  static async connect(places: Places, member: string, service: ServiceName): Promise<HostileNeighbour> {
    const config = JSON.parse(readFileSync(join(places.keys(member).folder, `${service}.json`), 'utf8'))
    const log = createLog({ member, service: 'hostile' }, 'fatal')
    return new HostileNeighbour(await connectBus(config.bus, member as MemberId, service, log))
  }

  of<D extends ServiceDefinition>(definition: D, service?: string): NeighbourClient<D> {
    return service === undefined
      ? neighbourClient(this.#bus, definition)
      : neighbourClient(this.#bus, definition, service)
  }

  /** A deadline, an idempotency key, and a token where one is carried along. */
  call(accessToken?: string): NeighbourCall {
    return {
      deadline: Deadline.after(deadlineMs, systemClock),
      idempotencyKey: randomUUID(),
      ...(accessToken !== undefined && { accessToken }),
    }
  }

  close(): Promise<void> {
    return this.#bus.close()
  }
}
