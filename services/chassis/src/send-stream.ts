import { once } from 'node:events'
import type * as grpc from '@grpc/grpc-js'
import { toMeshError } from '@unefois/proto/reasons'
import { toGrpcError } from './errors-on-the-wire.js'

/**
 * Sends messages one after another, none before the reader has taken those before: a slow reader holds up its stream and costs no
 * memory. `open` is given a signal that is aborted once the reader has gone.
 */
export const sendAll = async (
  call: grpc.ServerWritableStream<Buffer, Buffer>,
  open: (gone: AbortSignal) => AsyncIterable<Uint8Array>,
): Promise<void> => {
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  call.on('cancelled', leave)
  call.on('error', leave)
  call.on('close', leave)
  try {
    for await (const message of open(gone.signal)) {
      if (gone.signal.aborted) return
      // The wait rejects when the reader goes meanwhile, and then nobody is left to be told.
      if (!call.write(Buffer.from(message))) await once(call, 'drain', { signal: gone.signal })
    }
    call.end()
  } catch (thrown) {
    if (!gone.signal.aborted) call.emit('error', toGrpcError(toMeshError(thrown)))
  }
}
