import { z } from 'zod'
import { givenBasis } from './assessment-views.js'
import { operation } from './operation.js'
import { reviewAnswered, reviewNamed } from './review-schemas.js'
import { reviewIn } from './review-views.js'
import { subjectId } from './schemas.js'

export const reassessDecision = operation({
  id: 'reassessDecision',
  method: 'POST',
  path: '/v1/reviews/{id}/reassessments',
  summary:
    'Asks anew for what the decision rested on, and says what the release that was applied then finds now; the decision stays as it is',
  kinds: ['agency'],
  hasEffect: true,
  params: reviewNamed,
  body: z.strictObject({
    bases: z.array(givenBasis).max(20).default([]).meta({ description: 'Of whom it may be asked.' }),
    relatedSubject: subjectId.optional().meta({ description: 'The second person that a predicate is about.' }),
  }),
  responses: { 200: { description: 'What was found, and what it would mean to the person.', schema: reviewAnswered } },
  refusals: ['CALLER_NOT_ALLOWED', 'REVIEW_UNKNOWN', 'REVIEW_ENDED'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.reviews.reassessDecision(
      { reviewId: params.id, bases: body.bases, relatedSubject: body.relatedSubject ?? '' },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { review: reviewIn(answer) } }
  },
})
