import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import type { OpenedRequest } from '@unefois/proto/sealed'
import { parseServed, serveSubject } from '@unefois/proto/subjects'
import type { Endpoint, Peer } from './chain.js'
import { nowSeconds } from './clock.js'
import { respondRefusal } from './neighbour.js'
import type { Runtime } from './runtime.js'

const skewSeconds = 60

const methodOf = (fullName: string): string => {
  const [service = '', method = ''] = fullName.split('/')
  return service.endsWith('.DeliveryService') ? 'deliver' : method
}

/** What the broker and the seal prove together; a difference between them is a refusal that is put on record. */
const peerOf = async (
  runtime: Runtime,
  request: OpenedRequest,
  proved: string,
): Promise<{ peer: Peer; doorRefusal?: MeshError }> => {
  if (request.sender !== proved) return { peer: { kind: 'unproved' }, doorRefusal: new MeshError('SENDER_MISMATCH') }
  const isFirst = await runtime.replay.accept(request.sender, request.jti, request.expiresAtSeconds + skewSeconds)
  if (!isFirst) return { peer: { kind: 'unproved' }, doorRefusal: new MeshError('TOKEN_REPLAYED') }
  const caller = { kind: 'member', member: request.sender, service: request.senderService } as const
  return { peer: { kind: 'member', caller } }
}

const answer = async (runtime: Runtime, message: Msg, endpoints: ReadonlyMap<string, Endpoint>): Promise<void> => {
  let opened: OpenedRequest | undefined
  try {
    const call = parseServed(message.subject)
    const proved = call && runtime.federation.current.memberByBusKey(call.callerKey)
    if (!call || !proved) throw new MeshError('CALLER_NOT_ALLOWED')
    // A member whose security approval has ended is not served.
    runtime.federation.current.member(proved.id, nowSeconds(runtime.clock))
    const request = runtime.seal.open(
      Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength).toString('latin1'),
    )
    const endpoint = endpoints.get(call.method)
    if (!endpoint || methodOf(request.method) !== call.method) throw new MeshError('METHOD_UNKNOWN')
    const { peer, doorRefusal } = await peerOf(runtime, request, proved.id)
    if (peer.kind === 'member') opened = request
    const response = await endpoint({
      door: 'mesh',
      peer,
      body: request.body,
      deadlineMs: request.deadlineMs,
      provedMember: proved.id,
      ...(doorRefusal && { doorRefusal }),
    })
    message.respond(runtime.seal.reply(request, response))
  } catch (thrown) {
    refuse(runtime, message, opened, toMeshError(thrown))
  }
}

/** A refusal is sealed to a sender that was proved; to anybody else it says the reason and nothing more. */
const refuse = (runtime: Runtime, message: Msg, opened: OpenedRequest | undefined, error: MeshError): void => {
  try {
    if (opened) message.respond(runtime.seal.reply(opened, error))
    else respondRefusal(message, error)
  } catch (cause) {
    runtime.log.warn({ err: cause, reason: error.reason }, 'a refusal could not be sealed')
    respondRefusal(message, error)
  }
}

/** Opens the door for other members: sealed requests, each accepted once. */
export const serveMembers = (
  runtime: Runtime,
  connection: NatsConnection,
  service: string,
  endpoints: ReadonlyMap<string, Endpoint>,
): void => {
  connection.subscribe(serveSubject(runtime.member, service), {
    queue: service,
    callback: (error, message) => {
      if (error) runtime.log.error({ err: error }, 'the member door failed')
      else void answer(runtime, message, endpoints)
    },
  })
}
