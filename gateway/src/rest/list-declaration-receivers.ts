import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnDeclarations } from '../own-declarations.js'
import { operation } from './operation.js'
import { bilingual, name } from './schemas.js'

export const listDeclarationReceivers = operation({
  id: 'listDeclarationReceivers',
  method: 'GET',
  path: '/v1/me/declaration-kinds/{kind}/receivers',
  summary: 'The agencies that receive a declaration and know the person: only these can be chosen',
  kinds: ['portal'],
  params: z.strictObject({ kind: name }),
  responses: {
    200: {
      description: 'The agencies, none of them chosen.',
      schema: z.strictObject({
        receivers: z.array(z.strictObject({ agency: z.string(), use: bilingual, legalReference: z.string() })),
      }),
    },
  },
  refusals: ['DECLARATION_KIND_UNKNOWN', 'ASSURANCE_TOO_LOW', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, caller, accessToken, deadline }, context) => {
    const own = new OwnDeclarations(context)
    const person = requirePerson(caller())
    const kind = own.kind(params.kind, person)
    const receivers = await own.receivers(kind, { person, accessToken, deadline })
    return {
      body: {
        receivers: receivers.map(({ member, use, legalReference }) => ({ agency: member, use, legalReference })),
      },
    }
  },
})
