import { ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { z } from 'zod'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { review, reviewState } from './review-schemas.js'
import { reviewStateOf, reviewView } from './review-views.js'

export const listReviews = operation({
  id: 'listReviews',
  method: 'GET',
  path: '/v1/reviews',
  summary: 'Decisions whose evidence was corrected or changed since; first those from which the person would gain',
  kinds: ['agency'],
  query: listQuery({
    state: reviewState.optional().meta({ description: 'Left out: all that did not end.' }),
    decisionId: z.uuid().optional(),
  }),
  responses: {
    200: {
      description: 'The reviews that follow.',
      schema: z.strictObject({ reviews: z.array(review), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const { reviews, nextPageToken } = await neighbours.reviews.listReviews(
      {
        state: query.state ? reviewStateOf[query.state] : ReviewState.REVIEW_STATE_UNSPECIFIED,
        decisionId: query.decisionId ?? '',
        ...pageOf(query),
      },
      { deadline, accessToken },
    )
    return { body: { reviews: reviews.map(reviewView), nextPageToken: nextPageToken || null } }
  },
})
