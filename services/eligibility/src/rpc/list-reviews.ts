import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type ListReviewsRequest,
  type ListReviewsResponse,
  Review,
  ReviewState,
} from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ReviewNeeds } from '../review-needs.js'
import { decisionOf } from '../reviewed-decision.js'
import type { PlacedReview, ReviewPosition } from '../store/reviews.js'
import { orEmpty } from './fields.js'
import { reviewView } from './review-view.js'

const usualSize = 20
const mostSize = 100
/** What fits, sealed and encoded, into one message of 256 kB with room to spare. */
const mostPageBytes = 180_000

const positionIn = (text: string): ReviewPosition | undefined => {
  if (text === '') return undefined
  const [, rank, position] = /^([012])-(\d{1,15})$/.exec(text) ?? []
  if (rank === undefined || position === undefined) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { rank: Number(rank), position: Number(position) }
}

const textOf = (at: ReviewPosition | undefined): string => (at ? `${at.rank}-${at.position}` : '')

/** The first that fit together; always the first of all, or a list would never go on. */
const fitting = (reviews: readonly PlacedReview[]): readonly PlacedReview[] => {
  let bytes = 0
  const tooMany = reviews.findIndex(({ review }, index) => {
    bytes += Review.encode(review).finish().length
    return bytes > mostPageBytes && index > 0
  })
  return tooMany < 0 ? reviews : reviews.slice(0, tooMany)
}

/** Error: PAGE_TOKEN_MISMATCH. */
export const listReviews = (needs: ReviewNeeds): PlainRpc<ListReviewsRequest, ListReviewsResponse> => ({
  request: z.object({
    state: z.number().int().min(0).max(ReviewState.REVIEW_STATE_REPLACED),
    decisionId: orEmpty(z.uuid()),
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async ({ state, decisionId, pageSize, pageToken }) => {
    const tokens = new PageTokens('reviews', { state, decisionId })
    const limit = pageSize || usualSize
    const wanted = {
      state: state === ReviewState.REVIEW_STATE_UNSPECIFIED ? undefined : state,
      decisionId: decisionId || undefined,
    }
    const found = await needs.reviews.list(positionIn(tokens.positionIn(pageToken)), wanted, limit)
    const shown = fitting(found.reviews)
    const reviews: Review[] = []
    for (const { review } of shown) {
      const decision = await decisionOf(needs, review)
      if (decision) reviews.push(reviewView(needs, review, decision))
    }
    const isCut = shown.length < found.reviews.length
    const upTo = isCut ? shown.at(-1) : found.read === limit ? found.upTo : undefined
    return { reviews, nextPageToken: tokens.after(textOf(upTo)) }
  },
})
