import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnDeclarations } from '../own-declarations.js'
import { declarationReceipt } from './declaration-schemas.js'
import { operation } from './operation.js'
import { memberId } from './schemas.js'

export const supplementDeclaration = operation({
  id: 'supplementDeclaration',
  method: 'POST',
  path: '/v1/me/declarations/{agency}/{id}/supplements',
  summary: 'The person adds what an agency asked for in a declaration',
  kinds: ['portal'],
  hasEffect: true,
  params: z.strictObject({ agency: memberId, id: z.uuid() }),
  body: z.strictObject({
    statement: z.string().trim().min(1).max(2000).meta({ description: 'In the person’s own words.' }),
  }),
  responses: {
    201: { description: 'Received.', schema: z.strictObject({ receipt: declarationReceipt }) },
  },
  refusals: [
    ...(['DECLARATION_UNKNOWN', 'DECLARATION_ANSWERED', 'DECLARATION_NOTHING_MISSING'] as const),
    ...(['CALLER_NOT_ALLOWED', 'PROVIDER_UNREACHABLE'] as const),
  ],
  handle: async ({ params, body, caller, deadline, idempotencyKey }, context) => {
    const of = { agency: params.agency, declarationId: params.id, statement: body.statement }
    const asking = { person: requirePerson(caller()), deadline }
    const receipt = await new OwnDeclarations(context).supplement(of, asking, idempotencyKey)
    return { status: 201, body: { receipt } }
  },
})
