import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnDeclarations } from '../own-declarations.js'
import { declaredContent, sentDeclaration } from './declaration-schemas.js'
import { operation } from './operation.js'
import { memberId, name } from './schemas.js'

const mostAgencies = 50

export const declare = operation({
  id: 'declare',
  method: 'POST',
  path: '/v1/me/declarations',
  summary: 'The person tells something once, to each agency that they choose; each acknowledges and answers for itself',
  kinds: ['portal'],
  hasEffect: true,
  body: z.strictObject({
    kind: name,
    content: declaredContent,
    agencies: z.array(memberId).min(1).max(mostAgencies),
    language: z.enum(['fr', 'en']),
  }),
  responses: {
    200: {
      description:
        'What became of it at each agency. One that did not receive it can be sent to again under the same key; nothing doubles.',
      schema: z.strictObject({ sent: z.array(sentDeclaration) }),
    },
  },
  refusals: [
    ...(['DECLARATION_KIND_UNKNOWN', 'DECLARATION_INVALID', 'DECLARATION_NOT_RECEIVED'] as const),
    ...(['ASSURANCE_TOO_LOW', 'CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID'] as const),
  ],
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, context) => {
    const asking = { person: requirePerson(caller()), accessToken, deadline }
    return { body: { sent: await new OwnDeclarations(context).declare(body, asking, idempotencyKey) } }
  },
})
