import { readFileSync } from 'node:fs'
import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import type { GrpcCallOptions } from '@unefois/chassis/grpc-client'

/** Calls one unary method over one connection. */
export interface LeanCaller {
  /** Resolves once the call has ended with OK. */
  call(message: Uint8Array, options: GrpcCallOptions): Promise<void>
  close(): void
}

/** A message of gRPC over HTTP/2: not compressed, its length in 4 bytes, itself. */
const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(5 + message.byteLength)
  frame[0] = 0
  frame.writeUInt32BE(message.byteLength, 1)
  frame.set(message, 5)
  return frame
}

/** The trailers of a call, which are its headers where it has no answer. */
const ended = (stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> =>
  new Promise((resolve, reject) => {
    const readStatus = (headers: IncomingHttpHeaders): void => {
      if (headers['grpc-status'] !== undefined) resolve(headers)
    }
    stream.on('response', readStatus)
    stream.on('trailers', readStatus)
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('the call ended without a status')))
    stream.resume()
  })

/**
 * A caller that takes little of the machine on which both ends are measured: what a gRPC library does for its user is left out. The
 * gRPC protocol over TLS is the same (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 */
export const leanCaller = (address: string, authorityFile: string, path: string): LeanCaller => {
  const session = connect(`https://${address}`, { ca: readFileSync(authorityFile) })
  return {
    call: async (message, { accessToken, idempotencyKey, deadlineMs }) => {
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: path,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${deadlineMs}m`,
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      })
      stream.end(framed(message))
      const { 'grpc-status': status, 'grpc-message': said } = await ended(stream)
      if (status !== '0') throw new Error(`refused with ${status}: ${said}`)
    },
    close: () => session.close(),
  }
}
