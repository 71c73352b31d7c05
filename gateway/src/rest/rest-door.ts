import { Deadline } from '@unefois/chassis/deadline'
import { MeshError } from '@unefois/proto/reasons'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { GatewayContext } from '../context.js'
import { TokenExchange } from '../login/token-exchange.js'
import { inTrace } from '../trace.js'
import { cachingHeaders, cachingOf, hasEtag } from './caching.js'
import { etagOf, isNamedIn } from './etag.js'
import { readJsonOnly } from './json-body.js'
import { routePath } from './openapi.js'
import type { Operation } from './operation.js'
import { operations } from './operations.js'

const read = (schema: z.ZodType | undefined, value: unknown): unknown => {
  if (!schema) return undefined
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : []
  const field = [...(issue?.path ?? []), ...unknown.slice(0, 1)].join('.')
  // The value itself stays out: it may be personal.
  throw new MeshError('REQUEST_INVALID', {
    detail: `Field ${field || '(request)'}: ${issue?.message ?? 'not allowed'}.`,
    facts: { field },
  })
}

const idempotencyKeyOf = (request: FastifyRequest): string => {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string' || key === '') throw new MeshError('IDEMPOTENCY_KEY_MISSING')
  if (!/^[\x21-\x7e]{8,128}$/.test(key))
    throw new MeshError('REQUEST_INVALID', {
      detail: 'An idempotency key has 8 to 128 printable ASCII characters.',
      facts: { field: 'idempotency-key' },
    })
  return key
}

const answer = async (
  one: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  context: GatewayContext,
  tokens: TokenExchange,
): Promise<FastifyReply> => {
  if (!one.kinds.includes(context.config.kind)) throw new MeshError('METHOD_UNKNOWN')
  const deadline = Deadline.after(context.config.requestDeadlineMs, context.clock)
  const work = async () => {
    const accessToken = one.isPublic ? '' : await tokens.fromHeader(request.headers.authorization, deadline)
    return one.handle(
      {
        params: read(one.params, request.params),
        query: read(one.query, request.query),
        body: read(one.body, request.body),
        idempotencyKey: one.hasEffect ? idempotencyKeyOf(request) : '',
        accessToken,
        deadline,
        caller: () => context.callerOf(accessToken),
      },
      context,
    )
  }
  const { status = 200, headers = {}, body } = await deadline.race(work())
  const caching = cachingOf(one)
  const mediaType = one.responses[status]?.mediaType
  const text = mediaType === undefined ? JSON.stringify(body) : String(body)
  reply.code(status).headers({ ...cachingHeaders[caching], ...headers })
  if (status === 200 && hasEtag(caching)) {
    const etag = etagOf(text, context.sessionKey)
    reply.header('etag', etag)
    if (isNamedIn(request.headers['if-none-match'], etag)) return reply.code(304).send()
  }
  return reply.type(`${mediaType ?? 'application/json'}; charset=utf-8`).send(text)
}

/** The REST door: each operation under its path, with JSON bodies only, JSON answers but where one says otherwise, and problems (RFC 9457) for refusals. */
export const addRestDoor = (app: FastifyInstance, context: GatewayContext): void => {
  readJsonOnly(app)
  const { config, neighbours, clock } = context
  const tokens = new TokenExchange({ member: config.member, identity: neighbours.identity, clock })
  for (const one of operations)
    app.route({
      method: one.method,
      url: routePath(one.path),
      handler: (request, reply) => inTrace(request, () => answer(one, request, reply, context, tokens)),
    })
}
