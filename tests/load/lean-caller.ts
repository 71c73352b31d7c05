import { readFileSync } from 'node:fs'
import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import type { GrpcCallOptions } from '@unefois/chassis/grpc-client'

/** Calls unary methods over one connection. */
export interface LeanCaller {
  /** Calls the method of a full name; answers the encoded response once the call has ended with OK. */
  call(fullName: string, message: Uint8Array, options: GrpcCallOptions): Promise<Uint8Array>
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

/** The response of a call; its status is in its trailers, which are its headers where it has no response. */
const responseOf = (stream: ClientHttp2Stream): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const readStatus = ({ 'grpc-status': status, 'grpc-message': said }: IncomingHttpHeaders): void => {
      if (status === '0') resolve(Buffer.concat(parts).subarray(5))
      else if (status !== undefined) reject(new Error(`refused with ${status}: ${said}`))
    }
    stream.on('response', readStatus)
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('trailers', readStatus)
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('the call ended without a status')))
  })

/**
 * A caller that takes little of the machine on which both ends are measured: what a gRPC library does for its user is left out. The
 * gRPC protocol over TLS is the same (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 */
export const leanCaller = (address: string, authorityFile: string): LeanCaller => {
  const session = connect(`https://${address}`, { ca: readFileSync(authorityFile) })
  return {
    call: (fullName, message, { accessToken, idempotencyKey, deadlineMs }) => {
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: `/${fullName}`,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${deadlineMs}m`,
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      })
      stream.end(framed(message))
      return responseOf(stream)
    },
    close: () => session.close(),
  }
}
