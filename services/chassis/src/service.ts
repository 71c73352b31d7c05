import { forgetExpiredUses } from './accepted-once.js'
import { accessTokenVerifier } from './access-token.js'
import { type ChainNeeds, endpointsOf, type Prepare } from './chain.js'
import { courierOf } from './courier.js'
import { GrpcDoor } from './grpc-door.js'
import { type AllConsumers, deliveryDefinition, inbox } from './inbox.js'
import { serveMembers } from './member-door.js'
import type { ServiceDefinition } from './method.js'
import { busMethodOf, serveNeighbours } from './neighbour.js'
import type { Implementation } from './rpc.js'
import type { CommonConfig, Runtime } from './runtime.js'
import { streamsOf } from './stream.js'

/** One contract that a service fulfils. */
export interface Served {
  readonly definition: ServiceDefinition
  readonly implementation: Implementation<ServiceDefinition>
}

/** Pairs a contract with its implementation. */
export const served = <D extends ServiceDefinition>(definition: D, implementation: Implementation<D>): Served => ({
  definition,
  implementation: implementation as unknown as Served['implementation'],
})

/** What one service puts behind its doors. */
export interface ServiceParts<D extends ServiceDefinition> {
  readonly definition: D
  readonly implementation: Implementation<D>
  /** Further contracts of the same service; on the bus they share its name, so no two methods may have one name. */
  readonly further?: readonly Served[]
  readonly consumers: AllConsumers
  /** Comes between the gates and each handler. */
  readonly prepare?: Prepare
  /** Work that recurs, for instance deletion at the end of a retention. */
  readonly chores?: readonly { readonly everyMs: number; readonly run: () => Promise<void> }[]
  /** Told after an inbox commit or an effect, so that what waits for it goes on. */
  readonly afterCommit?: () => void
  /** The last work of a service that ends: its doors are drained, its database still open. */
  readonly finish?: () => Promise<void>
  /** Further conditions for being ready. */
  readonly isReady?: () => boolean
}

/** A service that answers. */
export interface RunningService {
  readonly name: string
  readonly grpcPort: number
  isReady(): boolean
  /** Refuses new work, finishes what is under way, then closes everything; once, however often it is asked. */
  stop(): Promise<void>
}

const drainMs = 10_000
const tidyMs = 60_000

const startChores = (parts: ServiceParts<ServiceDefinition>, runtime: Runtime): (() => void) => {
  const chores = [
    ...(parts.chores ?? []),
    {
      everyMs: tidyMs,
      run: async () => {
        await forgetExpiredUses(runtime.postgres, runtime.clock.nowMs())
        await runtime.idempotency.forgetExpired()
      },
    },
  ]
  const timers = chores.map(({ everyMs, run }) =>
    setInterval(() => {
      run().catch((error) => runtime.log.warn({ err: error }, 'a recurring chore failed; it runs again'))
    }, everyMs).unref(),
  )
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

/** Opens the doors of a service: gRPC for the agency's systems, the bus for neighbours and for other members. */
export const startService = async <D extends ServiceDefinition>(
  runtime: Runtime,
  config: CommonConfig,
  parts: ServiceParts<D>,
): Promise<RunningService> => {
  const { bus, log, service } = runtime
  const needs: ChainNeeds = {
    clock: runtime.clock,
    log,
    idempotency: runtime.idempotency,
    hasRole: (member, role) => runtime.federation.current.hasRole(member, role),
    verifyAccessToken: accessTokenVerifier(runtime.member, runtime.federation, runtime.clock),
    ...(parts.prepare && { prepare: parts.prepare }),
  }
  const afterCommit = (): void => {
    runtime.outbox.wake()
    parts.afterCommit?.()
  }
  const contracts = [served(parts.definition, parts.implementation), ...(parts.further ?? [])]
  const delivery = served(deliveryDefinition, inbox(runtime.postgres, parts.consumers, afterCommit))
  const heard = [...contracts, delivery].flatMap(({ definition, implementation }) =>
    [...endpointsOf(definition, implementation, needs)].map(([name, endpoint]) => ({ definition, name, endpoint })),
  )
  const byBusMethod = new Map(
    heard.map(({ definition, name, endpoint }) => [busMethodOf(definition, { name }), endpoint]),
  )
  if (byBusMethod.size < heard.length) throw new Error(`${service} has two methods of one name in its contracts`)
  const byFullName = new Map(
    heard.map(({ definition, name, endpoint }) => [`${definition.fullName}/${name}`, endpoint]),
  )

  const door = new GrpcDoor()
  for (const { definition, implementation } of contracts)
    door.add(
      definition,
      new Map(heard.filter((each) => each.definition === definition).map((each) => [each.name, each.endpoint])),
      streamsOf(definition, implementation, needs),
    )
  const grpcPort = await door.listen(config.grpc)
  const busDoors = [
    ...(bus.homeServing ? [serveNeighbours(bus, bus.homeServing, service, byBusMethod, log)] : []),
    ...(bus.meshServing ? [serveMembers(runtime, bus.meshServing, service, byFullName)] : []),
  ]
  // Only once the broker has heard of them are the doors open.
  await Promise.all([bus.homeServing?.flush(), bus.meshServing?.flush()])
  runtime.outbox.start(courierOf(runtime))
  const stopChores = startChores(parts as never, runtime)
  door.setServing(true)
  const stop = async (): Promise<void> => {
    stopChores()
    await Promise.all([door, ...busDoors].map((each) => each.drain(drainMs)))
    await bus.drainServing()
    await parts.finish?.()
    await runtime.close()
    log.info('stopped')
  }
  let stopped: Promise<void> | undefined
  log.info({ grpcPort }, 'ready')
  return {
    name: service,
    grpcPort,
    isReady: () => !stopped && bus.isConnected() && (parts.isReady?.() ?? true),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
