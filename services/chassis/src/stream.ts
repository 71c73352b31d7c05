import type { Span } from '@opentelemetry/api'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { callerName } from './caller.js'
import { admit, type ChainNeeds, finish, type Incoming, type Step, stepsOf } from './chain.js'
import type { ServiceDefinition } from './method.js'
import type { Implementation, StreamRpc } from './rpc.js'
import { contextOfCarrier, openStreams, tracer } from './telemetry.js'

/** One request for a stream as a door hands it to the chain. */
export interface StreamIncoming extends Incoming {
  /** Aborted once nobody reads any more. */
  readonly gone: AbortSignal
  /** Aborted once the door closes: the stream is to end well. */
  readonly closing: AbortSignal
}

/** Answers one request with encoded messages, or throws a MeshError. */
export type StreamEndpoint = (incoming: StreamIncoming) => AsyncGenerator<Uint8Array, void>

/** So many streams may one caller hold open in one process. */
export const mostStreams = 8
/** How often the token behind a stream is looked at again: none outlives its token by more. */
const tokenCheckMs = 5000
const longestTimerMs = 2 ** 31 - 1

// biome-ignore lint/suspicious/noExplicitAny: the chain treats all messages alike; Implementation<D> pairs them.
type StreamStep = Step<StreamRpc<any, any>>

/** Streams that are open, by caller. */
type Seats = Map<string, number>

const take = (seats: Seats, caller: string): (() => void) => {
  const taken = seats.get(caller) ?? 0
  if (taken >= mostStreams) throw new MeshError('STREAM_LIMIT_REACHED')
  seats.set(caller, taken + 1)
  return () => {
    const left = (seats.get(caller) ?? 1) - 1
    if (left > 0) seats.set(caller, left)
    else seats.delete(caller)
  }
}

/** Until when a stream may go on, and why it ended where that is a refusal. */
interface Ending {
  readonly ended: AbortSignal
  refusal(): MeshError | undefined
  release(): void
}

const watch = ({ deadlineMs, accessToken, gone, closing }: StreamIncoming, needs: ChainNeeds): Ending => {
  const own = new AbortController()
  let refusal: MeshError | undefined
  const end = (): void => own.abort()
  const refuse = (error: MeshError): void => {
    refusal ??= error
    end()
  }
  const checking = setInterval(() => {
    if (accessToken === undefined) return
    try {
      needs.verifyAccessToken(accessToken)
    } catch (thrown) {
      refuse(toMeshError(thrown))
    }
  }, tokenCheckMs).unref()
  const late =
    deadlineMs === undefined
      ? undefined
      : setTimeout(() => refuse(new MeshError('DEADLINE_EXCEEDED')), Math.min(deadlineMs, longestTimerMs)).unref()
  for (const signal of [gone, closing]) {
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  }
  return {
    ended: own.signal,
    refusal: () => refusal,
    release: () => {
      clearInterval(checking)
      clearTimeout(late)
      for (const signal of [gone, closing]) signal.removeEventListener('abort', end)
      end()
    },
  }
}

/** The gates, then the messages for as long as the stream may go on. */
const answer = async function* (step: StreamStep, incoming: StreamIncoming, seats: Seats) {
  const { rpc, method, needs, fullName } = step
  if (incoming.deadlineMs !== undefined && incoming.deadlineMs <= 0) throw new MeshError('DEADLINE_EXCEEDED')
  const { request, ...admitted } = admit(step, incoming)
  const leave = take(seats, `${fullName} ${callerName(admitted.caller)}`)
  openStreams().add(1, { method: fullName })
  const ending = watch(incoming, needs)
  try {
    const messages = rpc.stream(request, { ...admitted, door: incoming.door, ended: ending.ended })
    for await (const message of messages) yield method.responseType.encode(message).finish()
    const refusal = ending.refusal()
    if (refusal) throw refusal
  } finally {
    ending.release()
    openStreams().add(-1, { method: fullName })
    leave()
  }
}

const streamOf = (step: StreamStep, seats: Seats): StreamEndpoint =>
  async function* (incoming) {
    const startedMs = step.needs.clock.monotonicMs()
    const span: Span = tracer().startSpan(step.fullName, {}, contextOfCarrier(incoming.trace))
    let failure: MeshError | undefined
    try {
      yield* answer(step, incoming, seats)
    } catch (thrown) {
      failure = toMeshError(thrown)
      throw failure
    } finally {
      finish(step, incoming, span, startedMs, failure)
    }
  }

/** The interceptor chain for the streams of a service, by method name: the same gates, no deadline needed. */
export const streamsOf = <D extends ServiceDefinition>(
  definition: D,
  implementation: Implementation<D>,
  needs: ChainNeeds,
): ReadonlyMap<string, StreamEndpoint> => {
  const seats: Seats = new Map()
  return new Map(
    stepsOf(definition, implementation, needs)
      .filter(({ method }) => method.responseStream)
      .map((step) => [step.method.name, streamOf(step as StreamStep, seats)]),
  )
}
