import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import { fromGrpcError } from './errors-on-the-wire.js'
import { largestMessageBytes } from './grpc-door.js'
import type { RequestOf, ResponseOf, ServiceDefinition } from './method.js'

export interface GrpcCallOptions {
  readonly deadlineMs: number
  readonly accessToken?: string
  readonly idempotencyKey?: string
}

/** A stream needs no deadline; aborting the signal, or leaving the loop that reads it, ends it. */
export interface GrpcStreamOptions extends Partial<GrpcCallOptions> {
  readonly signal?: AbortSignal
}

/** A typed client of one service; each call needs a deadline and throws a MeshError, a stream as it is read. */
export type GrpcClient<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: D['methods'][K] extends { responseStream: true }
    ? (
        request: RequestOf<D['methods'][K]>,
        options: GrpcStreamOptions,
      ) => AsyncGenerator<ResponseOf<D['methods'][K]>, void>
    : (request: RequestOf<D['methods'][K]>, options: GrpcCallOptions) => Promise<ResponseOf<D['methods'][K]>>
}

export interface GrpcConnection {
  client<D extends ServiceDefinition>(definition: D): GrpcClient<D>
  close(): void
}

const metadataOf = ({ accessToken, idempotencyKey }: Partial<GrpcCallOptions>): grpc.Metadata => {
  const metadata = new grpc.Metadata()
  if (accessToken !== undefined) metadata.set('authorization', `Bearer ${accessToken}`)
  if (idempotencyKey !== undefined) metadata.set('idempotency-key', idempotencyKey)
  return metadata
}

const readStream = async function* (call: grpc.ClientReadableStream<unknown>, signal: AbortSignal | undefined) {
  const end = (): void => call.cancel()
  signal?.addEventListener('abort', end)
  if (signal?.aborted) end()
  try {
    for await (const message of call) yield message
  } catch (error) {
    // Whoever ended the stream knows that it ended.
    if (!signal?.aborted) throw fromGrpcError(error as grpc.ServiceError)
  } finally {
    signal?.removeEventListener('abort', end)
    call.cancel()
  }
}

/** A TLS connection to a gRPC door whose certificate the given authority file signed. */
export const connectGrpc = (address: string, authorityFile: string): GrpcConnection => {
  const connection = new grpc.Client(address, grpc.credentials.createSsl(readFileSync(authorityFile)), {
    'grpc.max_receive_message_length': largestMessageBytes,
  })
  return {
    client: <D extends ServiceDefinition>(definition: D) => {
      const methods = Object.entries(definition.methods).map(([key, method]) => {
        const path = `/${definition.fullName}/${method.name}`
        const encode = (message: unknown) => Buffer.from(method.requestType.encode(message).finish())
        const decode = (bytes: Buffer) => method.responseType.decode(bytes)
        const call = (request: unknown, options: GrpcCallOptions) =>
          new Promise((resolve, reject) =>
            connection.makeUnaryRequest(
              path,
              encode,
              decode,
              request,
              metadataOf(options),
              { deadline: Date.now() + options.deadlineMs },
              (error, response) => (error ? reject(fromGrpcError(error)) : resolve(response)),
            ),
          )
        const stream = (request: unknown, { signal, ...options }: GrpcStreamOptions) => {
          const until = options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs }
          const metadata = metadataOf(options)
          return readStream(connection.makeServerStreamRequest(path, encode, decode, request, metadata, until), signal)
        }
        return [key, method.responseStream ? stream : call]
      })
      return Object.fromEntries(methods) as GrpcClient<D>
    },
    close: () => connection.close(),
  }
}
