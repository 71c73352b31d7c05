import { randomUUID } from 'node:crypto'
import { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type Decision, type DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { type Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { grantMade, refusalMade } from '../decision.fixture.js'
import { readDecision, signStatement, startMs } from '../decision-office.fixture.js'
import { openReviewOffice, type ReviewOffice } from '../review-office.fixture.js'

let office: ReviewOffice
beforeAll(async () => {
  office = await openReviewOffice()
})
afterAll(() => office.close())
beforeEach(() => office.postgres.query('DELETE FROM decision'))
afterEach(() => office.setNow(startMs))

const because = (reason: string) => expect.objectContaining({ reason })
const partly = grantMade({ outcome: Outcome.OUTCOME_PARTLY_GRANTED, reasons: 'Your income is higher than you said.' })

const opened = async (before: number, now: number, made: DecisionMade): Promise<Review> => {
  const { decision, told } = await office.decided(before, made)
  await office.correct(told)
  office.tell(now)
  return office.reviewOf(decision.decisionId)
}
const reassessed = async (before: number, now: number, made: DecisionMade): Promise<Review> =>
  office.reassess((await opened(before, now, made)).reviewId)
const better = () => reassessed(5000, 500, refusalMade())
const worse = () => reassessed(500, 5000, grantMade())

const prepare = ({ applicationId, reviewId }: Pick<Review, 'applicationId' | 'reviewId'>, made: DecisionMade) =>
  office.prepare(applicationId, made, office.agent, reviewId)
const issue = (
  { applicationId, reviewId }: Pick<Review, 'applicationId' | 'reviewId'>,
  made: DecisionMade,
  statement: string,
): Promise<Decision> => office.issue(applicationId, made, signStatement(statement, office.agent), reviewId)
const replace = async (review: Review, made: DecisionMade): Promise<Decision> =>
  issue(review, made, await prepare(review, made))

describe('a decision in the place of another', () => {
  it('is not prepared without a review, in another’s, or in one that there is not', async () => {
    const review = await better()
    const other = await better()
    const { applicationId } = review
    await expect(prepare({ applicationId, reviewId: '' }, grantMade())).rejects.toEqual(because('APPLICATION_ENDED'))
    for (const reviewId of [other.reviewId, randomUUID()])
      await expect(prepare({ applicationId, reviewId }, grantMade())).rejects.toEqual(because('REVIEW_UNKNOWN'))
  })

  it('is not prepared before anybody asked anew, nor once the review has ended', async () => {
    const review = await opened(5000, 500, refusalMade())
    await expect(prepare(review, grantMade())).rejects.toEqual(because('REVIEW_NOT_REASSESSED'))
    await office.reassess(review.reviewId)
    await office.uphold(review.reviewId)
    await expect(prepare(review, grantMade())).rejects.toEqual(because('REVIEW_ENDED'))
  })

  it.each([
    ['where the finding is against them', worse, grantMade()],
    ['where nobody knows', async () => office.reassess((await worse()).reviewId, { bases: [] }), grantMade()],
    ['where the finding is the same', () => reassessed(500, 600, grantMade()), partly],
    ['where the finding is better', () => reassessed(5000, 500, grantMade()), partly],
    [
      'where they had nothing, and are to have nothing again',
      () => reassessed(5000, 6000, refusalMade()),
      refusalMade(),
    ],
  ])('takes nothing from a person who was not heard, %s', async (_, make, made) => {
    const review = await make()
    await expect(prepare(review, made)).rejects.toEqual(because('OBSERVATIONS_NOT_INVITED'))
    await office.invite(review.reviewId)
    await expect(prepare(review, made)).rejects.toEqual(because('OBSERVATIONS_AWAITED'))
    // The last hour of the last day in Europe/Paris is the person's too.
    office.setNow(Date.parse('2026-12-20T22:30:00Z'))
    await expect(prepare(review, made)).rejects.toEqual(because('OBSERVATIONS_AWAITED'))
    office.setNow(Date.parse('2026-12-20T23:30:00Z'))
    expect(await replace(review, made)).toMatchObject({ made })
  })

  it('never rests a refusal on what is not known', async () => {
    const review = await office.reassess((await worse()).reviewId, { bases: [] })
    await office.invite(review.reviewId)
    office.setNow(Date.parse('2026-12-21T09:00:00Z'))
    await expect(prepare(review, refusalMade())).rejects.toEqual(because('DATUM_MISSING'))
  })

  it('is refused where it was prepared before the person answered', async () => {
    const review = await worse()
    await office.invite(review.reviewId)
    office.setNow(Date.parse('2026-12-21T09:00:00Z'))
    const made = refusalMade()
    const statement = await prepare(review, made)
    await office.change(review.applicationId, {})
    await expect(issue(review, made, statement)).rejects.toEqual(because('APPLICATION_CHANGED'))
  })

  it('is refused where something was found since it was prepared', async () => {
    const review = await better()
    const statement = await prepare(review, grantMade())
    office.setNow(startMs + 1000)
    await office.reassess(review.reviewId)
    await expect(issue(review, grantMade(), statement)).rejects.toEqual(because('DECISION_SIGNATURE_INVALID'))
    await office.hear({ kind: 'changed' })
    await expect(issue(review, grantMade(), statement)).rejects.toEqual(because('REVIEW_NOT_REASSESSED'))
    expect(await office.reviewOf(review.decisionId)).toMatchObject({ endedAtMs: 0 })
  })

  it('is not issued without the review under which it was signed', async () => {
    const review = await better()
    const statement = await prepare(review, grantMade())
    const { applicationId } = review
    await expect(issue({ applicationId, reviewId: '' }, grantMade(), statement)).rejects.toEqual(
      because('APPLICATION_ENDED'),
    )
  })

  it('gives the person what they gain at once, by the release of then and what is told now', async () => {
    const review = await better()
    const before = await office.needs.decisions.get(review.decisionId, undefined)
    office.setNow(startMs + 1000)
    const made = grantMade()
    const decision = await replace(review, made)
    const { statement } = readDecision(decision.jws)
    expect(statement).toMatchObject({
      outcome: 'granted',
      finding: 'yes',
      release_sha256: before?.decision.releaseSha256,
      review: { id: review.reviewId, replaces: review.decisionId, reassessed_at_ms: startMs },
    })
    expect(await office.needs.decisions.get(decision.decisionId, undefined)).toMatchObject({
      used: review.reassessment?.used,
      algorithm: { releaseSha256: before?.decision.releaseSha256 },
    })
    expect(await office.read(review.applicationId)).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_GRANTED,
      decisionId: decision.decisionId,
    })
    const [ended] = (await office.list({ state: ReviewState.REVIEW_STATE_REPLACED })).reviews
    expect(ended).toMatchObject({
      reviewId: review.reviewId,
      replacedBy: decision.decisionId,
      endedAtMs: startMs + 1000,
    })
    // The decision that was replaced stays as it was, on its file.
    expect(await office.needs.decisions.get(review.decisionId, undefined)).toEqual(before)
  })

  it('is reviewed in its turn; the one that it replaced no more', async () => {
    const review = await better()
    const decision = await replace(review, grantMade())
    await office.hear({ kind: 'changed' })
    expect((await office.list()).reviews.map(({ decisionId }) => decisionId)).toEqual([decision.decisionId])
  })

  it('is issued once, however many are signed', async () => {
    const review = await better()
    const statements = [await prepare(review, grantMade()), await prepare(review, grantMade())]
    const settled = await Promise.allSettled(statements.map((each) => issue(review, grantMade(), each)))
    const refused = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason] : []))
    expect(refused).toHaveLength(1)
    expect(['APPLICATION_CHANGED', 'REVIEW_ENDED']).toContain(refused[0])
  })
})
