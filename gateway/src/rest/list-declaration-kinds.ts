import { z } from 'zod'
import { declarationKind } from './declaration-schemas.js'
import { kindView } from './declaration-views.js'
import { operation } from './operation.js'

export const listDeclarationKinds = operation({
  id: 'listDeclarationKinds',
  method: 'GET',
  path: '/v1/declaration-kinds',
  summary: 'What a person may tell several agencies at once, what is asked, and which agencies receive it',
  kinds: ['agency', 'portal'],
  isPublic: true,
  responses: {
    200: { description: 'The kinds.', schema: z.strictObject({ declarationKinds: z.array(declarationKind) }) },
  },
  refusals: ['FEDERATION_LIST_EXPIRED'],
  handle: async (_call, { federation }) => ({
    body: { declarationKinds: (federation.current.claims.declarations ?? []).map(kindView) },
  }),
})
