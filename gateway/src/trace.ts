import { randomBytes } from 'node:crypto'
import { context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Clock } from '@unefois/chassis/clock'
import type { Log } from '@unefois/chassis/log'
import { rpcDuration, tracer } from '@unefois/chassis/telemetry'
import type { MeshError } from '@unefois/proto/reasons'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What follows a request from its first byte to its answer. */
interface Following {
  readonly span: Span
  readonly traceId: string
  readonly startedMs: number
  error?: MeshError
}

const followed = new WeakMap<FastifyRequest, Following>()
const noTrace = /^0+$/

const begin = (request: FastifyRequest, clock: Clock): void => {
  // A trace starts here: what a stranger says of traces is not believed.
  const span = tracer().startSpan(`HTTP ${request.method}`, {}, ROOT_CONTEXT)
  const { traceId } = span.spanContext()
  followed.set(request, {
    span,
    traceId: noTrace.test(traceId) ? randomBytes(16).toString('hex') : traceId,
    startedMs: clock.monotonicMs(),
  })
}

export const traceIdOf = (request: FastifyRequest): string => followed.get(request)?.traceId ?? ''

/** Runs the work of a request inside its trace, so that calls to neighbours continue it. */
export const inTrace = <T>(request: FastifyRequest, work: () => T): T => {
  const following = followed.get(request)
  return following ? context.with(trace.setSpan(ROOT_CONTEXT, following.span), work) : work()
}

/** Notes with which refusal a request ends. */
export const noteRefusal = (request: FastifyRequest, error: MeshError): void => {
  const following = followed.get(request)
  if (following) following.error = error
}

const end = (request: FastifyRequest, status: number, clock: Clock, log: Log): void => {
  const following = followed.get(request)
  if (!following) return
  const { span, traceId, startedMs, error } = following
  const ms = clock.monotonicMs() - startedMs
  // The route as declared: a path as sent may carry ids of people's records.
  const method = `${request.method} ${request.routeOptions.url ?? '(none)'}`
  const reason = error?.reason ?? 'OK'
  rpcDuration().record(ms / 1000, { method, door: 'http', reason })
  span.updateName(method)
  if (error) span.setStatus({ code: SpanStatusCode.ERROR, message: reason })
  span.end()
  const fields = { method, status, reason, ms: Math.round(ms), traceId }
  if (reason === 'INTERNAL') log.error({ ...fields, err: error?.cause }, 'request failed')
  else log.info({ ...fields, ...(error?.cause ? { err: error.cause } : {}) }, 'request answered')
}

/** Follows each request: one span, one measurement, one log line without personal data. */
export const followRequests = (app: FastifyInstance, clock: Clock, log: Log): void => {
  app.addHook('onRequest', async (request) => begin(request, clock))
  app.addHook('onResponse', async (request, reply) => end(request, reply.statusCode, clock, log))
}
