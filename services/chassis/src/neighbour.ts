import { headers, type Msg, type MsgHdrs, type NatsConnection, TimeoutError } from '@nats-io/transport-node'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { callSubject, parseServed, serveSubject } from '@unefois/proto/subjects'
import type { Bus } from './bus.js'
import { type BusDoor, openBusDoor } from './bus-door.js'
import type { Endpoint } from './chain.js'
import type { Deadline } from './deadline.js'
import { parseTextRefusal, toTextRefusal } from './errors-on-the-wire.js'
import { largestMessageBytes } from './grpc-door.js'
import type { Log } from './log.js'
import { busNameOf, type RequestOf, type ResponseOf, type ServiceDefinition } from './method.js'
import type { Door } from './rpc.js'
import { carrierOfContext, turnedAway } from './telemetry.js'

const deadlineHeader = 'Unefois-Deadline-Ms'
const refusalHeader = 'Unefois-Refusal'
const tokenHeader = 'Authorization'
const keyHeader = 'Idempotency-Key'
const traceHeader = 'traceparent'

/** The bus token of an RPC; every service hears its events under the same word. */
export const busMethodOf = (definition: ServiceDefinition, method: { readonly name: string }): string =>
  definition.name === 'DeliveryService' ? 'deliver' : method.name

const read = (message: MsgHdrs | undefined, name: string): string | undefined => message?.get(name) || undefined

/** A refusal without content, for a reply that cannot or need not be sealed. */
export const respondRefusal = (message: Msg, error: MeshError): void => {
  const answer = headers()
  answer.set(refusalHeader, JSON.stringify(toTextRefusal(error)))
  message.respond(undefined, { headers: answer })
}

/** The refusal in an unsealed reply; undefined when it carries none. */
export const refusalOf = (message: Msg): MeshError | undefined => {
  const text = read(message.headers, refusalHeader)
  return text === undefined ? undefined : parseTextRefusal(text)
}

/** Answers a request that no endpoint will count. */
export const turnAway = (message: Msg, door: Door, error: MeshError): void => {
  turnedAway().add(1, { door, reason: error.reason })
  respondRefusal(message, error)
}

/** Who calls which endpoint. Errors: CALLER_NOT_ALLOWED, METHOD_UNKNOWN, REQUEST_TOO_LARGE. */
const route = (message: Msg, bus: Bus, endpoints: ReadonlyMap<string, Endpoint>) => {
  const call = parseServed(message.subject)
  const service = call && bus.neighbours[call.callerKey]
  if (!call || service === undefined) throw new MeshError('CALLER_NOT_ALLOWED')
  const endpoint = endpoints.get(call.method)
  if (!endpoint) throw new MeshError('METHOD_UNKNOWN')
  if (message.data.length > largestMessageBytes) throw new MeshError('REQUEST_TOO_LARGE')
  return { service, endpoint }
}

const answer = async (message: Msg, bus: Bus, endpoints: ReadonlyMap<string, Endpoint>): Promise<void> => {
  let routed: ReturnType<typeof route>
  try {
    routed = route(message, bus, endpoints)
  } catch (thrown) {
    return turnAway(message, 'home', toMeshError(thrown))
  }
  const { service, endpoint } = routed
  try {
    const deadline = read(message.headers, deadlineHeader)
    const accessToken = read(message.headers, tokenHeader)
    const idempotencyKey = read(message.headers, keyHeader)
    const traceparent = read(message.headers, traceHeader)
    const response = await endpoint({
      door: 'home',
      peer: { kind: 'neighbour', service },
      body: message.data,
      deadlineMs: deadline === undefined ? undefined : Number(deadline),
      ...(accessToken !== undefined && { accessToken }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(traceparent !== undefined && { trace: { traceparent } }),
    })
    message.respond(response)
  } catch (thrown) {
    respondRefusal(message, toMeshError(thrown))
  }
}

/** Opens the door for neighbours: NATS requests in the member's own star, in a queue group shared by replicas. */
export const serveNeighbours = (
  bus: Bus,
  connection: NatsConnection,
  service: string,
  endpoints: ReadonlyMap<string, Endpoint>,
  log: Log,
): BusDoor =>
  openBusDoor(connection, serveSubject(bus.member, service), service, (message) => answer(message, bus, endpoints), log)

export interface NeighbourCall {
  readonly deadline: Deadline
  readonly accessToken?: string
  readonly idempotencyKey?: string
}

/** A typed client of a neighbour service. */
export type NeighbourClient<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: (
    request: RequestOf<D['methods'][K]>,
    call: NeighbourCall,
  ) => Promise<ResponseOf<D['methods'][K]>>
}

const headersOf = (call: NeighbourCall, remainingMs: number): MsgHdrs => {
  const sent = headers()
  sent.set(deadlineHeader, String(remainingMs))
  if (call.accessToken !== undefined) sent.set(tokenHeader, call.accessToken)
  if (call.idempotencyKey !== undefined) sent.set(keyHeader, call.idempotencyKey)
  for (const [name, value] of Object.entries(carrierOfContext())) sent.set(name, value)
  return sent
}

/** What a failed NATS request means to the caller. */
export const busFailure = (error: unknown): MeshError => {
  if (error instanceof MeshError) return error
  return new MeshError(error instanceof TimeoutError ? 'DEADLINE_EXCEEDED' : 'UNAVAILABLE', { cause: error })
}

/** A client of another service of the same member. `service` differs from the contract's own name only for events. */
export const neighbourClient = <D extends ServiceDefinition>(
  bus: Bus,
  definition: D,
  service: string = busNameOf(definition),
): NeighbourClient<D> => {
  const methods = Object.entries(definition.methods).map(([key, method]) => [
    key,
    async (request: unknown, call: NeighbourCall) => {
      const calling = bus.homeCalling
      if (!calling) throw new Error(`${bus.service} has no home calling connection`)
      const { connection, callerKey } = calling
      if (!calling.isUp()) throw new MeshError('UNAVAILABLE')
      const subject = callSubject({ member: bus.member, service, method: busMethodOf(definition, method), callerKey })
      const remainingMs = call.deadline.forNextHopMs()
      const body = method.requestType.encode(request).finish()
      if (body.length > largestMessageBytes) throw new MeshError('REQUEST_TOO_LARGE')
      const reply = await connection
        .request(subject, body, { timeout: remainingMs, headers: headersOf(call, remainingMs) })
        .catch((error) => {
          throw busFailure(error)
        })
      const refusal = refusalOf(reply)
      if (refusal) throw refusal
      return method.responseType.decode(reply.data)
    },
  ])
  return Object.fromEntries(methods) as NeighbourClient<D>
}
