import swagger from '@fastify/swagger'
import { reasons } from '@unefois/proto/reasons'
import type { FastifyInstance, FastifySchema } from 'fastify'
import Fastify from 'fastify'
import { z } from 'zod'
import type { Operation } from './operation.js'
import { operations } from './operations.js'
import { problem } from './schemas.js'

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, id: __, ...rest } = z.toJSONSchema(schema, { io, reused: 'inline' })
  return rest
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

const responsesOf = ({ responses, refusals }: Operation): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(responses).map(([status, { description, schema }]) => [
      status,
      { description, content: { 'application/json': { schema: jsonSchema(schema, 'output') } } },
    ]),
  ),
  default: {
    description: `A refusal. Beside those of every operation: ${refusals.map((one) => `${one} (${reasons[one].http})`).join(', ')}.`,
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
    response: responsesOf(one),
    'x-unefois-kinds': one.kinds,
  }) as FastifySchema

export const routePath = (path: string): string => path.replace(/\{([a-zA-Z]+)\}/g, ':$1')

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
          'x-unefois-kinds names the gateways that have an operation; the others answer METHOD_UNKNOWN.',
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

/** The document as it is committed and served. */
export const openApiText = async (): Promise<string> => `${JSON.stringify(await openApiDocument(), null, 2)}\n`
