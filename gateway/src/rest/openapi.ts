import swagger from '@fastify/swagger'
import { reasons } from '@unefois/proto/reasons'
import type { FastifyInstance, FastifySchema } from 'fastify'
import Fastify from 'fastify'
import { z } from 'zod'
import { type Caching, cachingOf, hasEtag } from './caching.js'
import type { Operation } from './operation.js'
import { operations } from './operations.js'
import { problem } from './schemas.js'

type Schema = Readonly<Record<string, unknown>>

/** Definitions in their places: a schema inside a document has no root of its own to refer to. */
const inPlace = (value: unknown, definitions: Schema): unknown => {
  if (Array.isArray(value)) return value.map((one) => inPlace(one, definitions))
  if (typeof value !== 'object' || value === null) return value
  const { $ref, ...rest } = value as Schema
  const name = typeof $ref === 'string' ? /^#\/\$defs\/(.+)$/.exec($ref)?.[1] : undefined
  const { id: _, ...definition } = (name === undefined ? {} : definitions[name]) as { id?: unknown }
  const whole = name === undefined ? (value as Schema) : { ...definition, ...rest }
  return Object.fromEntries(Object.entries(whole).map(([key, each]) => [key, inPlace(each, definitions)]))
}

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, id: __, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, reused: 'inline' })
  return inPlace(rest, $defs as Schema) as Record<string, unknown>
}

const keyHeader = {
  type: 'object',
  required: ['idempotency-key'],
  properties: {
    'idempotency-key': {
      type: 'string',
      minLength: 8,
      maxLength: 128,
      pattern: '^[!-~]+$',
      description: 'Fresh for each new request, the same on a retry.',
    },
  },
}

const validatorHeader = {
  type: 'object',
  properties: {
    'if-none-match': { type: 'string', description: 'The ETag of an earlier answer: 304 while it still stands.' },
  },
}

const cachingDoc: Readonly<Record<Caching, string>> = {
  public: 'public, max-age=60: the same for everybody.',
  private: 'private, no-cache: kept by who asked, who asks again each time.',
  never: 'no-store',
  undecided: 'no-store',
}

const headersOf = (caching: Caching): Record<string, unknown> => ({
  'cache-control': { type: 'string', description: cachingDoc[caching] },
  ...(hasEtag(caching) && { etag: { type: 'string', description: 'Strong validator (RFC 9110 section 8.8.3).' } }),
})

const responsesOf = (one: Operation): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(one.responses).map(([status, { description, schema, mediaType = 'application/json' }]) => [
      status,
      {
        description,
        headers: headersOf(cachingOf(one)),
        content: { [mediaType]: { schema: jsonSchema(schema, 'output') } },
      },
    ]),
  ),
  ...(hasEtag(cachingOf(one)) && {
    304: { description: 'What If-None-Match names still stands.', type: 'null', headers: headersOf(cachingOf(one)) },
  }),
  default: {
    description: `A refusal. Beside those of every operation: ${one.refusals.map((reason) => `${reason} (${reasons[reason].http})`).join(', ')}.`,
    content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  },
})

/** What the OpenAPI document says of an operation. The gateway itself checks with zod, from the same schemas. */
export const documentedSchema = (one: Operation): FastifySchema =>
  ({
    operationId: one.id,
    summary: one.summary,
    tags: one.kinds,
    security: one.isPublic ? [] : [{ bearer: [] }],
    ...(one.params && { params: jsonSchema(one.params, 'input') }),
    ...(one.query && { querystring: jsonSchema(one.query, 'input') }),
    ...(one.body && { body: jsonSchema(one.body, 'input') }),
    ...(one.hasEffect && { headers: keyHeader }),
    ...(hasEtag(cachingOf(one)) && { headers: validatorHeader }),
    response: responsesOf(one),
    'x-unefois-kinds': one.kinds,
    'x-unefois-refusals': one.refusals,
  }) as FastifySchema

export const routePath = (path: string): string => path.replace(/\{([a-zA-Z0-9]+)\}/g, ':$1')

const describe = async (app: FastifyInstance): Promise<void> => {
  app.addSchema({ $id: 'Problem', ...jsonSchema(problem, 'output') })
  await app.register(swagger, {
    refResolver: { buildLocalReference: ({ $id }, _baseUri, _fragment, count) => String($id ?? `Schema${count}`) },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Unefois gateway',
        version: '1.0.0',
        description:
          'One door for people and for software. Send a token of this agency or of a federated identity provider; ' +
          'what is refused is refused as RFC 9457 says, with a reason of one closed list. ' +
          'x-unefois-kinds names the gateways that have an operation; the others answer METHOD_UNKNOWN. ' +
          'x-unefois-refusals are the reasons to expect of it beside those of every operation. What GET answers, HEAD ' +
          'answers without a body.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'agency', description: 'The gateway of an agency' },
        { name: 'portal', description: 'The gateway of the citizen portal' },
        { name: 'consent-authority', description: 'The gateway of the consent authority' },
      ],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
  })
}

export type OpenApiDocument = ReturnType<FastifyInstance['swagger']>

/** The OpenAPI 3.1 document, generated from the operations; the same for every gateway. */
export const openApiDocument = async (): Promise<OpenApiDocument> => {
  const app = Fastify()
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  await describe(app)
  for (const one of operations)
    app.route({
      method: one.method,
      url: routePath(one.path),
      schema: documentedSchema(one),
      handler: async () => undefined,
    })
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}

const write = async (): Promise<string> => `${JSON.stringify(await openApiDocument(), null, 2)}\n`
let written: Promise<string> | undefined

/** The document as it is committed and served: one text for every gateway, so a process of many writes it once. */
export const openApiText = (): Promise<string> => {
  written ??= write()
  return written
}
