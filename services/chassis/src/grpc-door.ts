import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { HealthImplementation, type ServingStatusMap } from 'grpc-health-check'
import type { Endpoint, Incoming } from './chain.js'
import { toGrpcError } from './errors-on-the-wire.js'
import type { ServiceDefinition } from './method.js'
import { sendAll } from './send-stream.js'
import type { StreamEndpoint } from './stream.js'

/** Larger messages are refused before they are decoded; the sealed message between members has the same limit. */
export const largestMessageBytes = 256 * 1024

/** How often a connection is asked for a sign of life: one whose peer has gone without a word ends, and its streams with it. */
const keepaliveMs = 30_000

export interface GrpcDoorConfig {
  readonly host: string
  readonly port: number
  /** PEM files: the server's chain and key. The door speaks TLS only. */
  readonly certificate: string
  readonly key: string
}

const identity = (buffer: Buffer): Buffer => buffer

type AnyCall = grpc.ServerUnaryCall<Buffer, Buffer> | grpc.ServerWritableStream<Buffer, Buffer>

const remainingMs = (call: AnyCall): number | undefined => {
  const deadline = call.getDeadline()
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline
  return Number.isFinite(atMs) ? atMs - Date.now() : undefined
}

/** RFC 6750 section 2.1; a header that is anything else is refused by the chain, so that it is counted there. */
const credentialOf = (header: string | undefined): Pick<Incoming, 'accessToken' | 'doorRefusal'> => {
  if (header === undefined) return {}
  const accessToken = /^Bearer ([A-Za-z0-9_.-]+)$/i.exec(header)?.[1]
  return accessToken === undefined ? { doorRefusal: new MeshError('TOKEN_MALFORMED') } : { accessToken }
}

const first = (metadata: grpc.Metadata, key: string): string | undefined => metadata.get(key)[0]?.toString()

const traceOf = (metadata: grpc.Metadata): Record<string, string> | undefined => {
  const traceparent = first(metadata, 'traceparent')
  return traceparent === undefined ? undefined : { traceparent }
}

const incomingOf = (call: AnyCall): Incoming => {
  const idempotencyKey = first(call.metadata, 'idempotency-key')
  const trace = traceOf(call.metadata)
  return {
    door: 'grpc',
    peer: { kind: 'unproved' },
    body: call.request,
    deadlineMs: remainingMs(call),
    ...credentialOf(first(call.metadata, 'authorization')),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(trace && { trace }),
  }
}

const answerWith =
  (endpoint: Endpoint): grpc.handleUnaryCall<Buffer, Buffer> =>
  (call, callback) => {
    endpoint(incomingOf(call)).then(
      (response) => callback(null, Buffer.from(response)),
      (thrown) => callback(toGrpcError(toMeshError(thrown))),
    )
  }

/** The door for the agency's own systems: gRPC over TLS, with grpc.health.v1. */
export class GrpcDoor {
  readonly #server = new grpc.Server({
    'grpc.max_receive_message_length': largestMessageBytes,
    'grpc.max_send_message_length': largestMessageBytes,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveMs / 3,
  })
  /** Tells the streams under way that this door closes. */
  readonly #closing = new AbortController()
  readonly #health: HealthImplementation
  readonly #status: ServingStatusMap = { '': 'NOT_SERVING' }

  constructor() {
    this.#health = new HealthImplementation(this.#status)
    this.#health.addToServer(this.#server)
  }

  add(
    definition: ServiceDefinition,
    endpoints: ReadonlyMap<string, Endpoint>,
    streams: ReadonlyMap<string, StreamEndpoint> = new Map(),
  ): void {
    const methods: Record<string, grpc.MethodDefinition<Buffer, Buffer>> = {}
    const handlers: grpc.UntypedServiceImplementation = {}
    const addMethod = (name: string, responseStream: boolean, handler: grpc.UntypedHandleCall): void => {
      methods[name] = {
        path: `/${definition.fullName}/${name}`,
        requestStream: false,
        responseStream,
        // The chain decodes, so that both doors refuse malformed bytes in the same way.
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      }
      handlers[name] = handler
    }
    for (const [name, endpoint] of endpoints) addMethod(name, false, answerWith(endpoint))
    for (const [name, stream] of streams)
      addMethod(name, true, (call: grpc.ServerWritableStream<Buffer, Buffer>) =>
        sendAll(call, (gone) => stream({ ...incomingOf(call), gone, closing: this.#closing.signal })),
      )
    this.#server.addService(methods, handlers)
    this.#health.setStatus(definition.fullName, 'NOT_SERVING')
    this.#status[definition.fullName] = 'NOT_SERVING'
  }

  /** Opens the port; the door answers health checks at once and reports SERVING after `setServing(true)`. */
  async listen(config: GrpcDoorConfig): Promise<number> {
    const credentials = grpc.ServerCredentials.createSsl(null, [
      { cert_chain: readFileSync(config.certificate), private_key: readFileSync(config.key) },
    ])
    return new Promise((resolve, reject) =>
      this.#server.bindAsync(`${config.host}:${config.port}`, credentials, (error, port) => {
        if (error) reject(new Error(`gRPC port ${config.port}: ${error.message}`, { cause: error }))
        else resolve(port)
      }),
    )
  }

  setServing(isServing: boolean): void {
    for (const service of Object.keys(this.#status))
      this.#health.setStatus(service, isServing ? 'SERVING' : 'NOT_SERVING')
  }

  /** Refuses new calls and waits for those under way, at most `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    this.setServing(false)
    this.#closing.abort()
    let timer: NodeJS.Timeout | undefined
    const forced = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#server.forceShutdown()
        resolve()
      }, withinMs)
    })
    const graceful = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()))
    await Promise.race([graceful, forced])
    clearTimeout(timer)
  }
}
