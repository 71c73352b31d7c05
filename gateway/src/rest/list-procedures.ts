import { z } from 'zod'
import { publishedProcedure } from './eligibility-schemas.js'
import { procedureView } from './eligibility-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'

export const listProcedures = operation({
  id: 'listProcedures',
  method: 'GET',
  path: '/v1/procedures',
  summary: 'What people can ask of this agency; an agency’s own software publishes it, by gRPC',
  kinds: ['agency'],
  isPublic: true,
  query: listQuery({}, 200),
  responses: {
    200: {
      description: 'The procedures in force, in the order of their ids.',
      schema: z.strictObject({ procedures: z.array(publishedProcedure), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['UNAVAILABLE', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, deadline }, { neighbours }) => {
    const { procedures, nextPageToken } = await neighbours.procedures.listProcedures(pageOf(query), { deadline })
    return { body: { procedures: procedures.map(procedureView), nextPageToken: nextPageToken || null } }
  },
})
