import { ContestState } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import { contest, contestState } from './correction-schemas.js'
import { contestView, stateOf } from './correction-views.js'
import { positionToken } from './list-corrections.js'
import { operation } from './operation.js'

export const listContests = operation({
  id: 'listContests',
  method: 'GET',
  path: '/v1/contests',
  summary: 'What people contest of the evidence that this agency provides, in the order in which it came',
  kinds: ['agency'],
  query: z.strictObject({
    state: contestState.optional(),
    pageToken: positionToken.optional().meta({ description: 'The last `nextPageToken`, however long ago.' }),
  }),
  responses: {
    200: {
      description: 'The contests that follow; none, and the same token, when nothing is new.',
      schema: z.strictObject({ contests: z.array(contest), nextPageToken: z.string() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async ({ query, deadline, accessToken }, { neighbours }) => {
    const state = query.state ? stateOf[query.state] : ContestState.CONTEST_STATE_UNSPECIFIED
    const { contests, nextPageToken } = await neighbours.corrections.listContests(
      { state, pageSize: 0, pageToken: query.pageToken ?? '' },
      { deadline, accessToken },
    )
    return { body: { contests: contests.map(contestView), nextPageToken } }
  },
})
