import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type {
  ReassessDecisionRequest,
  ReassessDecisionResponse,
  Reassessment,
  Review,
} from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { algorithmOfFile } from '../algorithm-of-file.js'
import { find } from '../domain/finding.js'
import { hasEnded, reassessed } from '../domain/review.js'
import { directionOf, directionOfValues, type Told } from '../domain/review-direction.js'
import { type AskedAbout, gather } from '../gather.js'
import { gatherFields } from '../gather-fields.js'
import { keepReview, reviewNamed } from '../review-changes.js'
import type { ReviewNeeds } from '../review-needs.js'
import { type ReviewedDecision, reviewedDecision } from '../reviewed-decision.js'
import { factsUsed } from '../ruling.js'
import { bases, subject } from './evidence-fields.js'
import { languageOf } from './facts-given.js'
import { orEmpty } from './fields.js'
import { findingView } from './finding-view.js'
import { reviewView } from './review-view.js'
import { toldView } from './told-view.js'

type Asking = AskedAbout & Pick<ReassessDecisionRequest, 'bases'>
type Found = Omit<Reassessment, 'atMs'>

/** What nobody else told stands as it was then: the person's own word, and the agency's own records. */
const stands = ({ exchangeId }: FactUsed): boolean => exchangeId === ''

const valuesOf = (used: readonly FactUsed[]): Told =>
  used.flatMap(({ fact }) => (fact ? [[fact.name, fact.value?.value] as const] : []))

/** Applies the release that was applied then to what stands, and to what evidence tells now. */
const byRule = async (
  needs: ReviewNeeds,
  { file, procedure }: ReviewedDecision,
  asking: Asking,
  call: Call,
): Promise<Found> => {
  const { read, used } = await algorithmOfFile(needs, file)
  const standing = used.filter(stands)
  const now = await gather(needs, read, procedure.purposes, factsUsed(standing), asking, call)
  const then = find(read.release, read.computation, factsUsed(used))
  return {
    direction: directionOf(then, now.finding, procedure.application?.better ?? {}),
    finding: findingView(needs.book, read, now.facts, languageOf(file.language)),
    used: [...standing, ...now.told.map(toldView)],
    notObtained: [...now.notObtained],
  }
}

/** Without a rule it is only known whether the same is told as then. */
const byValues = async (
  needs: ReviewNeeds,
  { file: { used }, procedure }: ReviewedDecision,
  asking: Asking,
  call: Call,
): Promise<Found> => {
  const now = await gatherFields(needs, procedure, asking, call)
  return {
    direction: directionOfValues(valuesOf(used.filter((each) => !stands(each))), valuesOf(now.used)),
    finding: undefined,
    used: [...used.filter(stands), ...now.used],
    notObtained: [...now.notObtained],
  }
}

const reassess = async (
  needs: ReviewNeeds,
  { subject, procedure }: Review,
  decision: ReviewedDecision,
  { bases, relatedSubject }: ReassessDecisionRequest,
  call: Call,
): Promise<Reassessment> => {
  const apply = decision.file.algorithm ? byRule : byValues
  const found = await apply(needs, decision, { subject, procedure, bases, relatedSubject }, call)
  return { ...found, atMs: Math.floor(needs.runtime.clock.nowMs()) }
}

/**
 * Errors: REVIEW_UNKNOWN, REVIEW_ENDED, those of the caller's own token; what a member refuses is told, not thrown.
 */
export const reassessDecision = (needs: ReviewNeeds): PlainRpc<ReassessDecisionRequest, ReassessDecisionResponse> => ({
  request: z.object({ reviewId: z.uuid(), bases, relatedSubject: orEmpty(subject) }),
  handle: async (request, call) => {
    const { runtime, reviews } = needs
    const before = await reviewNamed(needs, request.reviewId)
    if (hasEnded(before)) throw new MeshError('REVIEW_ENDED')
    const decision = await reviewedDecision(needs, before)
    const reassessment = await reassess(needs, before, decision, request, call)
    const after = await runtime.postgres.transaction(async (tx) => {
      const locked = await reviews.lock(tx, request.reviewId)
      if (!locked) throw new MeshError('REVIEW_UNKNOWN')
      return keepReview(needs, tx, reassessed(before, locked, reassessment))
    })
    return { review: reviewView(needs, after, decision) }
  },
})
