import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { publishedProcedure } from './eligibility-schemas.js'
import { procedureView } from './eligibility-views.js'
import { operation } from './operation.js'
import { name } from './schemas.js'

export const getProcedure = operation({
  id: 'getProcedure',
  method: 'GET',
  path: '/v1/procedures/{id}',
  summary: 'One procedure in force: what it needs, its steps and the ways of each, what silence means, remedies',
  kinds: ['agency'],
  isPublic: true,
  params: z.strictObject({ id: name }),
  responses: { 200: { description: 'The procedure.', schema: publishedProcedure } },
  refusals: ['UNAVAILABLE', 'PROCEDURE_UNKNOWN'],
  handle: async ({ params, deadline }, { neighbours }) => {
    const { procedure } = await neighbours.procedures.getProcedure(params, { deadline })
    if (!procedure) throw new MeshError('PROCEDURE_UNKNOWN')
    return { body: procedureView(procedure) }
  },
})
