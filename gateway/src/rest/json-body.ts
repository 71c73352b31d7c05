import { MeshError } from '@unefois/proto/reasons'
import { parseJsonObject } from '@unefois/proto/strict-json'
import type { FastifyInstance } from 'fastify'

/**
 * The only body that the REST door reads: one JSON object, unambiguous, not deep. Any other content type is refused by the
 * HTTP library with CONTENT_TYPE_UNSUPPORTED. Error: REQUEST_MALFORMED.
 */
export const readJsonOnly = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => {
    try {
      return parseJsonObject(body)
    } catch {
      throw new MeshError('REQUEST_MALFORMED')
    }
  })
}
