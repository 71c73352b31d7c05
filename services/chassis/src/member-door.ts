import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import type { OpenedRequest } from '@unefois/proto/sealed'
import { parseServed, serveSubject } from '@unefois/proto/subjects'
import { type BusDoor, openBusDoor } from './bus-door.js'
import type { Endpoint, Peer } from './chain.js'
import { nowSeconds } from './clock.js'
import { respondRefusal, turnAway } from './neighbour.js'
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

interface Heard {
  readonly endpoint: Endpoint
  readonly request: OpenedRequest
  readonly provedMember: string
  readonly peer: Peer
  readonly doorRefusal?: MeshError
}

/** The request in a message and its sender, as far as broker and seal prove them. */
const hear = async (runtime: Runtime, message: Msg, endpoints: ReadonlyMap<string, Endpoint>): Promise<Heard> => {
  const call = parseServed(message.subject)
  const proved = call && runtime.federation.current.memberByBusKey(call.callerKey)
  if (!call || !proved) throw new MeshError('CALLER_NOT_ALLOWED')
  // A member whose security approval has ended is not served.
  runtime.federation.current.member(proved.id, nowSeconds(runtime.clock))
  const request = runtime.seal.open(
    Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength).toString('latin1'),
  )
  const endpoint = endpoints.get(request.method)
  if (!endpoint || methodOf(request.method) !== call.method) throw new MeshError('METHOD_UNKNOWN')
  return { endpoint, request, provedMember: proved.id, ...(await peerOf(runtime, request, proved.id)) }
}

const answer = async (runtime: Runtime, message: Msg, endpoints: ReadonlyMap<string, Endpoint>): Promise<void> => {
  let heard: Heard
  try {
    heard = await hear(runtime, message, endpoints)
  } catch (thrown) {
    return turnAway(message, 'mesh', toMeshError(thrown))
  }
  const { endpoint, request, ...incoming } = heard
  const { body, deadlineMs } = request
  try {
    reply(runtime, message, heard, await endpoint({ ...incoming, door: 'mesh', body, deadlineMs }))
  } catch (thrown) {
    reply(runtime, message, heard, toMeshError(thrown))
  }
}

/** Answers under seal to a sender that was proved; anybody else is told the reason and nothing more. */
const reply = (runtime: Runtime, message: Msg, heard: Heard, outcome: Uint8Array | MeshError): void => {
  if (heard.peer.kind === 'member') message.respond(runtime.seal.reply(heard.request, outcome))
  else if (outcome instanceof MeshError) respondRefusal(message, outcome)
}

/** Opens the door for other members: sealed requests, each accepted once. `endpoints` go by the full name of their RPC. */
export const serveMembers = (
  runtime: Runtime,
  connection: NatsConnection,
  service: string,
  endpoints: ReadonlyMap<string, Endpoint>,
): BusDoor =>
  openBusDoor(
    connection,
    serveSubject(runtime.member, service),
    service,
    (message) => answer(runtime, message, endpoints),
    runtime.log,
  )
