import { DeclarationState } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { z } from 'zod'
import { declaration, declarationState } from './declaration-schemas.js'
import { declarationStateOf, declarationView } from './declaration-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { name } from './schemas.js'

const mostPerPage = 50

export const listDeclarations = operation({
  id: 'listDeclarations',
  method: 'GET',
  path: '/v1/declarations',
  summary: 'What people declared to this agency, in the order in which it came; one that was supplemented comes again',
  kinds: ['agency'],
  query: listQuery(
    {
      state: declarationState.optional(),
      kind: name.optional(),
      declarationId: z.uuid().optional().meta({ description: 'As an event of the feed refers to it.' }),
    },
    mostPerPage,
  ),
  responses: {
    200: {
      description: 'The declarations that follow; none, and the same token, when nothing is new.',
      schema: z.strictObject({ declarations: z.array(declaration), nextPageToken: z.string() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'FILTER_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, deadline, accessToken }, { neighbours }) => {
    const state = query.state ? declarationStateOf[query.state] : DeclarationState.DECLARATION_STATE_UNSPECIFIED
    const { declarations, nextPageToken } = await neighbours.declarations.listDeclarations(
      { state, kind: query.kind ?? '', declarationId: query.declarationId ?? '', ...pageOf(query) },
      { deadline, accessToken },
    )
    return { body: { declarations: declarations.map(declarationView), nextPageToken } }
  },
})
