import type { Msg } from '@nats-io/transport-node'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import type { OpenedReply } from '@unefois/proto/sealed'
import { callSubject } from '@unefois/proto/subjects'
import type { Deadline } from './deadline.js'
import { busNameOf, type RequestOf, type ResponseOf, type ServiceDefinition } from './method.js'
import { busMethodOf, refusalOf } from './neighbour.js'
import type { Runtime } from './runtime.js'
import type { SentSealed } from './seal.js'

/** A typed client of a service of another member; each call is sealed and needs a deadline. */
export type MemberClient<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: (
    request: RequestOf<D['methods'][K]>,
    call: { readonly deadline: Deadline },
  ) => Promise<ResponseOf<D['methods'][K]>>
}

type Sending = Pick<Runtime, 'bus' | 'seal' | 'log'>

/** A reply that proves nothing is as good as none; one for another request is an incident of its own. */
const openReply = ({ seal, log }: Sending, from: string, reply: Msg, sent: SentSealed): OpenedReply => {
  try {
    return seal.openReply(reply.string(), sent)
  } catch (thrown) {
    const error = toMeshError(thrown)
    log.warn({ member: from, reason: error.reason }, 'a member answered with what its seal does not prove')
    throw error.reason === 'REPLY_MISMATCH' ? error : new MeshError('PROVIDER_UNREACHABLE', { cause: error })
  }
}

const exchange = async (
  sending: Sending,
  to: string,
  service: string,
  names: { bus: string; full: string },
  body: Uint8Array,
  deadline: Deadline,
): Promise<Uint8Array> => {
  const { bus, seal, log } = sending
  const calling = bus.meshCalling
  if (!calling) throw new Error(`${bus.service} has no mesh calling connection`)
  const remainingMs = deadline.forNextHopMs()
  if (!calling.isUp()) throw new MeshError('PROVIDER_UNREACHABLE')
  const sealed = seal.request(to, service, names.full, body, remainingMs)
  const subject = callSubject({ member: to as MemberId, service, method: names.bus, callerKey: calling.callerKey })
  let reply: Msg
  try {
    reply = await calling.connection.request(subject, sealed.message, { timeout: remainingMs })
  } catch (cause) {
    throw new MeshError('PROVIDER_UNREACHABLE', { cause })
  }
  const unsealed = refusalOf(reply)
  if (unsealed) {
    // Anybody on the way could have written it, so it is believed only as a failure to answer.
    log.warn({ member: to, reason: unsealed.reason }, 'a member answered without a seal')
    throw new MeshError('PROVIDER_UNREACHABLE', { cause: unsealed })
  }
  const opened = openReply(sending, to, reply, sealed)
  if (opened.status === 'error') throw new MeshError(opened.reason, { facts: { ...opened.facts } })
  return opened.body
}

/** A client of another member's service. `service` differs from the contract's own name only for events. */
export const memberClient = <D extends ServiceDefinition>(
  sending: Sending,
  definition: D,
  member: string,
  service: string = busNameOf(definition),
): MemberClient<D> => {
  const methods = Object.entries(definition.methods).map(([key, method]) => [
    key,
    async (request: unknown, { deadline }: { deadline: Deadline }) =>
      method.responseType.decode(
        await exchange(
          sending,
          member,
          service,
          { bus: busMethodOf(definition, method), full: `${definition.fullName}/${method.name}` },
          method.requestType.encode(request).finish(),
          deadline,
        ),
      ),
  ])
  return Object.fromEntries(methods) as MemberClient<D>
}
