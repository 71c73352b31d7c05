import type { Consumers } from '@unefois/chassis/inbox'
import { type Served, served } from '@unefois/chassis/service'
import { ReviewServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { onEvidenceOutdated } from './events/on-evidence-outdated.js'
import type { ReviewNeeds } from './review-needs.js'
import { inviteObservations } from './rpc/invite-observations.js'
import { listReviews } from './rpc/list-reviews.js'
import { reassessDecision } from './rpc/reassess-decision.js'
import { upholdDecision } from './rpc/uphold-decision.js'

/** Reviews of decisions as one further contract of the eligibility service. */
export const reviewService = (needs: ReviewNeeds): Served =>
  served(ReviewServiceDefinition, {
    listReviews: listReviews(needs),
    reassessDecision: reassessDecision(needs),
    inviteObservations: inviteObservations(needs),
    upholdDecision: upholdDecision(needs),
  })

/** What eligibility hears from the documents of its own agency. */
export const reviewConsumers = (needs: ReviewNeeds): Consumers => ({
  'documents.evidence-outdated.v1': onEvidenceOutdated(needs),
})
