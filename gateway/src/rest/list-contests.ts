import { ContestState } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import { contest, contestState } from './correction-schemas.js'
import { contestView, stateOf } from './correction-views.js'
import { instantFilter, listQuery, msOf, nameFilter, pageOf, requireNamed } from './list-query.js'
import { operation } from './operation.js'

export const listContests = operation({
  id: 'listContests',
  method: 'GET',
  path: '/v1/contests',
  summary: 'What people contest of the evidence that this agency provides, in the order in which it came',
  kinds: ['agency'],
  query: listQuery({ state: contestState.optional(), evidenceType: nameFilter, since: instantFilter }, 50),
  responses: {
    200: {
      description: 'The contests that follow; none, and the same token, when nothing is new.',
      schema: z.strictObject({ contests: z.array(contest), nextPageToken: z.string() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'FILTER_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, deadline, accessToken }, { neighbours, federation }) => {
    requireNamed(federation.current, query)
    const state = query.state ? stateOf[query.state] : ContestState.CONTEST_STATE_UNSPECIFIED
    const { evidenceType = '', since } = query
    const { contests, nextPageToken } = await neighbours.corrections.listContests(
      { ...pageOf(query), state, evidenceType, sinceMs: msOf(since) },
      { deadline, accessToken },
    )
    return { body: { contests: contests.map(contestView), nextPageToken } }
  },
})
