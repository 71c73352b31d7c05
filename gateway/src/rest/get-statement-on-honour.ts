import { z } from 'zod'
import { operation } from './operation.js'
import { statedValue } from './record-statement-on-honour.js'
import { instant, name, opaqueId } from './schemas.js'
import { instantOf } from './views.js'

export const getStatementOnHonour = operation({
  id: 'getStatementOnHonour',
  method: 'GET',
  path: '/v1/statements-on-honour/{id}',
  summary: 'What a person stated on their honour, with the text that they read',
  kinds: ['agency'],
  params: z.strictObject({ id: opaqueId }),
  query: z.strictObject({ purpose: name.meta({ description: 'What it is read for.' }) }),
  responses: {
    200: {
      description: 'The statement.',
      schema: z.strictObject({
        isSelfDeclared: z.literal(true).meta({ description: 'No source confirms these values.' }),
        statementId: z.string(),
        subject: z.string(),
        evidenceType: z.string(),
        purpose: z.string(),
        exchangeId: z.string(),
        values: z.array(statedValue),
        text: z.string(),
        textVersion: z.string(),
        language: z.string(),
        statedAt: instant,
        keepUntil: instant,
      }),
    },
  },
  refusals: ['EXCHANGE_UNKNOWN', 'PURPOSE_LOCKED', 'CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW'],
  handle: async ({ params, query, deadline, accessToken }, { neighbours }) => {
    const {
      channel: _,
      statedAtMs,
      keepUntilMs,
      ...stated
    } = await neighbours.documents.getStatementOnHonour(
      { statementId: params.id, purpose: query.purpose },
      { deadline, accessToken },
    )
    return {
      body: {
        isSelfDeclared: true,
        ...stated,
        statedAt: instantOf(statedAtMs),
        keepUntil: instantOf(keepUntilMs),
      },
    }
  },
})
