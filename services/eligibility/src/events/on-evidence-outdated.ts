import { randomUUID } from 'node:crypto'
import { Deadline } from '@unefois/chassis/deadline'
import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { EvidenceOutdated } from '@unefois/proto/gen/unefois/documents/v1/outdated'
import { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { Review, ReviewCause } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { isMemberId, isSubjectId } from '@unefois/proto/ids'
import { z } from 'zod'
import { keepChange, procedureOf } from '../application-changes.js'
import { reviewOpened } from '../application-events.js'
import { evidenceOutdated, isOpen, type KeptApplication } from '../domain/application.js'
import { opened, withCause } from '../domain/review.js'
import type { ReviewNeeds } from '../review-needs.js'
import { name } from '../rpc/fields.js'
import { type ReliantDecision, reliantOnExchange, reliantOnType } from '../store/reliances.js'

const common = {
  subject: z.string().refine(isSubjectId),
  provider: z.string().refine(isMemberId),
  evidenceType: name,
  reference: z.uuid(),
  atMs: z.number().int().positive(),
}
const said = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('corrected'),
    exchangeId: z.uuid(),
    wrongVersion: z.number().int().positive(),
  }),
  z.object({ ...common, kind: z.literal('changed') }),
])
type Outdated = z.infer<typeof said>

/** To look into a pseudonym of another epoch. */
const lookIntoMs = 5000
const atOnce = 100

const isOutdatedBy =
  (outdated: Outdated) =>
  ({ exchangeId, provider, source }: FactUsed): boolean =>
    outdated.kind === 'corrected'
      ? exchangeId === outdated.exchangeId
      : provider === outdated.provider && source?.evidenceType === outdated.evidenceType

const isConcerned = ({ used }: { readonly used: readonly FactUsed[] }, outdated: Outdated): boolean =>
  used.some(isOutdatedBy(outdated))

/** This person's applications that nobody decided, with what is no longer right in their file. */
const openApplications = async (
  { applications }: Pick<ReviewNeeds, 'applications'>,
  tx: Transaction,
  outdated: Outdated,
): Promise<KeptApplication[]> => {
  const found: KeptApplication[] = []
  const states = [ApplicationState.APPLICATION_STATE_INCOMPLETE, ApplicationState.APPLICATION_STATE_IN_REVIEW]
  for (const state of states)
    for (let after: number | undefined = 0; after !== undefined; ) {
      const wanted = { subject: outdated.subject, state, procedure: undefined, dueByDay: undefined }
      const page = await applications.list(after, wanted, atOnce, tx)
      found.push(...page.applications.filter(({ application }) => isConcerned(application, outdated)))
      after = page.read < atOnce ? undefined : page.upTo
    }
  return found
}

/** What is no longer right leaves the files that nobody decided: they are examined, and a decision prepared, anew. */
const reopenReading = async (needs: ReviewNeeds, tx: Transaction, outdated: Outdated): Promise<void> => {
  for (const { application } of await openApplications(needs, tx, outdated)) {
    const kept = await needs.applications.lock(tx, application.applicationId)
    if (!kept || !isOpen(kept.application)) continue
    await keepChange(
      needs,
      tx,
      kept,
      evidenceOutdated(kept, isOutdatedBy(outdated)),
      await procedureOf(needs, kept, tx),
    )
  }
}

const causeOf = ({ kind, provider, evidenceType, reference, atMs }: Outdated): ReviewCause => ({
  kind,
  provider,
  evidenceType,
  reference,
  atMs,
})

/** One more cause of a review; where somebody had looked at it already, the agency hears that it is to be looked at again. */
const addCause = async (
  { runtime, reviews }: Pick<ReviewNeeds, 'runtime' | 'reviews'>,
  tx: Transaction,
  standing: Review,
  outdated: Outdated,
): Promise<void> => {
  const after = withCause(standing, causeOf(outdated))
  if (!after) return
  await reviews.save(tx, after)
  const { applicationId, reviewId } = standing
  const event = reviewOpened(applicationId, reviewId, Math.floor(runtime.clock.nowMs()))
  if (standing.state !== after.state) await runtime.outbox.add(tx, [event])
}

/** What a reassessment rests on may be wrong in its turn. */
const reopenReassessed = async (needs: ReviewNeeds, tx: Transaction, outdated: Outdated): Promise<void> => {
  for (const standing of await needs.reviews.lockStandingOf(tx, outdated.subject))
    if (standing.reassessment && isConcerned(standing.reassessment, outdated))
      await addCause(needs, tx, standing, outdated)
}

const openReview = async (
  needs: ReviewNeeds,
  tx: Transaction,
  { decisionId, applicationId, subject, procedure }: ReliantDecision,
  outdated: Outdated,
): Promise<void> => {
  const { runtime, reviews } = needs
  const standing = await reviews.lockStanding(tx, decisionId)
  if (standing) return addCause(needs, tx, standing, outdated)
  const openedAtMs = Math.floor(runtime.clock.nowMs())
  const reviewId = randomUUID()
  const begun = opened({ reviewId, decisionId, applicationId, subject, procedure, openedAtMs }, causeOf(outdated))
  if (await reviews.insert(tx, begun)) await runtime.outbox.add(tx, [reviewOpened(applicationId, reviewId, openedAtMs)])
}

/**
 * Evidence that this agency received is no longer right: each decision that rests on it gets a review, or one more cause of the
 * review that it has. Nothing else happens to a decision.
 */
export const onEvidenceOutdated = (needs: ReviewNeeds): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'documents',
  apply: async (received, tx) => {
    const { runtime, subjects } = needs
    const event = said.safeParse(readEvent(EvidenceOutdated, received)).data
    if (!event) return runtime.log.warn('what is outdated makes no sense')
    await subjects.ready([event.subject], Deadline.after(lookIntoMs, runtime.clock), 'keep')
    // Before the decisions are looked for: whoever decides now either comes later and prepares anew, or is found below.
    await reopenReading(needs, tx, event)
    await reopenReassessed(needs, tx, event)
    const reliant = event.kind === 'corrected' ? await reliantOnExchange(tx, event) : await reliantOnType(tx, event)
    for (const decision of reliant) await openReview(needs, tx, decision, event)
  },
})
