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

/** A typed client of one service; each call needs a deadline and throws a MeshError. */
export type GrpcClient<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: (
    request: RequestOf<D['methods'][K]>,
    options: GrpcCallOptions,
  ) => Promise<ResponseOf<D['methods'][K]>>
}

export interface GrpcConnection {
  client<D extends ServiceDefinition>(definition: D): GrpcClient<D>
  close(): void
}

const metadataOf = ({ accessToken, idempotencyKey }: GrpcCallOptions): grpc.Metadata => {
  const metadata = new grpc.Metadata()
  if (accessToken !== undefined) metadata.set('authorization', `Bearer ${accessToken}`)
  if (idempotencyKey !== undefined) metadata.set('idempotency-key', idempotencyKey)
  return metadata
}

/** A TLS connection to a gRPC door whose certificate the given authority file signed. */
export const connectGrpc = (address: string, authorityFile: string): GrpcConnection => {
  const connection = new grpc.Client(address, grpc.credentials.createSsl(readFileSync(authorityFile)), {
    'grpc.max_receive_message_length': largestMessageBytes,
  })
  return {
    client: <D extends ServiceDefinition>(definition: D) => {
      const methods = Object.entries(definition.methods).map(([key, method]) => [
        key,
        (request: unknown, options: GrpcCallOptions) =>
          new Promise((resolve, reject) =>
            connection.makeUnaryRequest(
              `/${definition.fullName}/${method.name}`,
              (message: unknown) => Buffer.from(method.requestType.encode(message).finish()),
              (bytes: Buffer) => method.responseType.decode(bytes),
              request,
              metadataOf(options),
              { deadline: Date.now() + options.deadlineMs },
              (error, response) => (error ? reject(fromGrpcError(error)) : resolve(response)),
            ),
          ),
      ])
      return Object.fromEntries(methods) as GrpcClient<D>
    },
    close: () => connection.close(),
  }
}
