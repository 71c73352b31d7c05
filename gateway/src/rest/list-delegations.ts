import { z } from 'zod'
import { delegation } from './decision-schemas.js'
import { delegationView } from './decision-views.js'
import { parisDay } from './eligibility-schemas.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'

export const listDelegations = operation({
  id: 'listDelegations',
  method: 'GET',
  path: '/v1/delegations',
  summary: 'Who may sign which decisions, and who might',
  kinds: ['agency'],
  query: listQuery(
    { day: parisDay.optional().meta({ description: 'Only those in force on this day; left out: all.' }) },
    200,
  ),
  responses: {
    200: {
      description: 'The delegations.',
      schema: z.strictObject({ delegations: z.array(delegation), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const { delegations, nextPageToken } = await neighbours.decisions.listDelegations(
      { day: query.day ?? '', ...pageOf(query) },
      { deadline, accessToken },
    )
    return { body: { delegations: delegations.map(delegationView), nextPageToken: nextPageToken || null } }
  },
})
