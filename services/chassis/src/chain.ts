import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import type { AccessRule } from '@unefois/proto/gen/unefois/access/v1/access'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { type HasRole, requireAccess } from './access.js'
import { type Caller, callerName } from './caller.js'
import type { Clock } from './clock.js'
import { Deadline } from './deadline.js'
import type { Idempotency } from './idempotency.js'
import type { IdempotentUse } from './idempotency-table.js'
import type { Log } from './log.js'
import { accessRuleOf, type Method, needsIdempotencyKey, type ServiceDefinition } from './method.js'
import type { Transaction } from './postgres.js'
import type { Call, Door, Implementation, Rpc } from './rpc.js'
import { contextOfCarrier, rpcDuration, type TraceCarrier, tracer } from './telemetry.js'

/** Who stands at the other end of a door, as the door itself proves it. */
export type Peer =
  | { readonly kind: 'unproved' }
  | { readonly kind: 'neighbour'; readonly service: string }
  | { readonly kind: 'member'; readonly caller: Caller & { kind: 'member' } }

/** One request as a door hands it to the chain. */
export interface Incoming {
  readonly door: Door
  readonly peer: Peer
  readonly body: Uint8Array
  /** Remaining milliseconds; undefined when the caller gave none. */
  readonly deadlineMs: number | undefined
  readonly accessToken?: string
  readonly idempotencyKey?: string
  readonly trace?: TraceCarrier
  /** A refusal that the door found once the request could be read, for instance a replay. */
  readonly doorRefusal?: MeshError
  /** The member that the broker proved, when the door has such a proof. */
  readonly provedMember?: string
}

/** Answers one request with an encoded response, or throws a MeshError. */
export type Endpoint = (incoming: Incoming) => Promise<Uint8Array>

export interface ChainNeeds {
  readonly clock: Clock
  readonly log: Log
  readonly idempotency: Idempotency
  readonly hasRole: HasRole
  readonly verifyAccessToken: (token: string) => Caller
  /** Comes between the gates and the handler, outside any transaction. */
  readonly prepare?: Prepare
}

/** What a service sees to before each of its handlers, whichever it is; answers the call as the handler is to see it. */
export type Prepare = (request: unknown, call: Call) => Promise<Call>

// biome-ignore lint/suspicious/noExplicitAny: the chain treats all messages alike; Implementation<D> pairs them.
type AnyRpc = Rpc<any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above.
type AnyMethod = Method<any, any>

/** One RPC with its contract's rule and its implementation. */
export interface Step<R = AnyRpc> {
  readonly fullName: string
  readonly method: AnyMethod
  readonly rule: AccessRule
  readonly rpc: R
  readonly needs: ChainNeeds
}

const authenticate = (incoming: Incoming, needs: ChainNeeds): Caller => {
  if (incoming.doorRefusal) throw incoming.doorRefusal
  if (incoming.peer.kind === 'member') return incoming.peer.caller
  if (incoming.accessToken !== undefined) return needs.verifyAccessToken(incoming.accessToken)
  return incoming.peer.kind === 'neighbour' ? incoming.peer : { kind: 'anyone' }
}

const decode = ({ method }: Pick<Step, 'method'>, body: Uint8Array): unknown => {
  try {
    return method.requestType.decode(body)
  } catch (cause) {
    throw new MeshError('REQUEST_MALFORMED', { cause })
  }
}

const validate = (rpc: { readonly request: z.ZodType }, request: unknown): void => {
  const checked = rpc.request.safeParse(request)
  if (checked.success) return
  const issue = checked.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new MeshError('REQUEST_INVALID', {
    detail: `Field ${field || '(request)'}: ${issue?.message ?? 'not allowed'}.`,
    facts: { field },
  })
}

const idempotentUse = (step: Step, incoming: Incoming, call: Call): IdempotentUse | undefined =>
  call.idempotencyKey === undefined
    ? undefined
    : { caller: callerName(call.caller), method: step.fullName, key: call.idempotencyKey, request: incoming.body }

const run = async (step: Step, request: unknown, incoming: Incoming, call: Call): Promise<Uint8Array> => {
  const { method, rpc, needs } = step
  const encode = (response: unknown): Uint8Array => method.responseType.encode(response).finish()
  const use = idempotentUse(step, incoming, call)
  if (use && !/^[\x21-\x7e]{8,128}$/.test(use.key))
    throw new MeshError('REQUEST_INVALID', { detail: 'An idempotency key has 8 to 128 printable ASCII characters.' })
  const prepared = needs.prepare ? await needs.prepare(request, call) : call
  if ('effect' in rpc) {
    if (!use) throw new MeshError('IDEMPOTENCY_KEY_MISSING')
    const effect = async (tx: Transaction): Promise<Uint8Array> => encode(await rpc.effect(request, prepared, tx))
    return rpc.mayJoin?.(request)
      ? needs.idempotency.onceJoined(use, effect, call.deadline)
      : needs.idempotency.once(use, effect)
  }
  if (use && method.options.idempotencyLevel === 'IDEMPOTENT') await needs.idempotency.requireSameRequest(use)
  return encode(await rpc.handle(request, prepared))
}

/** What the gates let through: who calls, and a request of the form that the RPC asks for. */
export interface Admitted {
  readonly request: unknown
  readonly caller: Caller
  readonly accessToken?: string
}

/** The gates of every door in their order: authenticate, access rule, validate. */
export const admit = (
  step: Pick<Step, 'method' | 'rule' | 'needs'> & { readonly rpc: { readonly request: z.ZodType } },
  incoming: Incoming,
): Admitted => {
  const { rpc, rule, needs } = step
  const caller = authenticate(incoming, needs)
  requireAccess(rule, caller, needs.hasRole)
  const request = decode(step, incoming.body)
  validate(rpc, request)
  const { accessToken } = incoming
  return { request, caller, ...(accessToken !== undefined && { accessToken }) }
}

const answer = async (step: Step, incoming: Incoming): Promise<Uint8Array> => {
  let isHandled = false
  try {
    const deadline = Deadline.after(incoming.deadlineMs, step.needs.clock)
    const { request, ...admitted } = admit(step, incoming)
    const { door, idempotencyKey } = incoming
    const call: Call = { ...admitted, deadline, door, ...(idempotencyKey !== undefined && { idempotencyKey }) }
    isHandled = true
    return await deadline.race(run(step, request, incoming, call))
  } catch (thrown) {
    const error = toMeshError(thrown)
    if (!isHandled && incoming.provedMember !== undefined) await recordEarly(step, incoming, error)
    throw error
  }
}

const recordEarly = async (step: Step, incoming: Incoming, error: MeshError): Promise<void> => {
  if (!step.rpc.onEarlyRefusal) return
  try {
    const request = decode(step, incoming.body)
    validate(step.rpc, request)
    await step.rpc.onEarlyRefusal({ request, member: incoming.provedMember as string, error })
  } catch (cause) {
    step.needs.log.warn({ err: cause, method: step.fullName }, 'an early refusal could not be put on record')
  }
}

/** What the answer to one request, or its refusal, leaves in metrics, trace and log. */
export const finish = (
  step: Pick<Step, 'fullName' | 'needs'>,
  incoming: Pick<Incoming, 'door'>,
  span: Span,
  startedMs: number,
  error?: MeshError,
): void => {
  const { clock, log } = step.needs
  const reason = error?.reason ?? 'OK'
  rpcDuration().record((clock.monotonicMs() - startedMs) / 1000, { method: step.fullName, door: incoming.door, reason })
  if (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: reason })
    const fields = { method: step.fullName, door: incoming.door, reason, traceId: span.spanContext().traceId }
    if (reason === 'INTERNAL') log.error({ ...fields, err: error.cause }, 'rpc failed')
    else log.info({ ...fields, ...(error.cause ? { err: error.cause } : {}) }, 'rpc refused')
  }
  span.end()
}

const endpointOf =
  (step: Step): Endpoint =>
  async (incoming) => {
    const startedMs = step.needs.clock.monotonicMs()
    const parent = contextOfCarrier(incoming.trace)
    const span = tracer().startSpan(step.fullName, {}, parent)
    try {
      const response = await context.with(trace.setSpan(parent, span), () => answer(step, incoming))
      finish(step, incoming, span, startedMs)
      return response
    } catch (thrown) {
      const error = toMeshError(thrown)
      finish(step, incoming, span, startedMs, error)
      throw error
    }
  }

/**
 * Pairs each RPC with its rule and its implementation. Refuses a service with an RPC that has no access rule, or whose kind or
 * idempotency the contract and the code see differently.
 */
export const stepsOf = <D extends ServiceDefinition>(
  definition: D,
  implementation: Implementation<D>,
  needs: ChainNeeds,
): readonly Step<unknown>[] =>
  Object.entries(definition.methods).map(([key, method]) => {
    const fullName = `${definition.fullName}/${method.name}`
    const rule = accessRuleOf(method as never)
    if (!rule) throw new Error(`${fullName} has no access rule in its contract: this server does not start`)
    const rpc = (implementation as Record<string, object>)[key]
    if (!rpc) throw new Error(`${fullName} has no implementation`)
    if (needsIdempotencyKey(method) !== 'effect' in rpc)
      throw new Error(`${fullName}: an RPC is an effect exactly when its contract gives no idempotency level`)
    if (method.requestStream || method.responseStream !== 'stream' in rpc)
      throw new Error(`${fullName}: an RPC is a stream exactly when its contract says that it answers with one`)
    return { fullName, method, rule, rpc, needs }
  })

/**
 * The interceptor chain, once for all doors: trace, deadline, authenticate, access rule, validate, idempotency, handler,
 * typed error. Streams are left to `streamsOf`. Errors: as `stepsOf`.
 */
export const endpointsOf = <D extends ServiceDefinition>(
  definition: D,
  implementation: Implementation<D>,
  needs: ChainNeeds,
): ReadonlyMap<string, Endpoint> =>
  new Map(
    stepsOf(definition, implementation, needs)
      .filter(({ method }) => !method.responseStream)
      .map((step) => [step.method.name, endpointOf(step as Step)]),
  )
