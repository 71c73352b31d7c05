import { randomUUID } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { grantMade } from '../decision.fixture.js'
import { signStatement, startMs, toldIncome } from '../decision-office.fixture.js'
import { openReviewOffice, personNamed, type ReviewOffice } from '../review-office.fixture.js'

let office: ReviewOffice
beforeAll(async () => {
  office = await openReviewOffice()
})
afterAll(() => office.close())
beforeEach(async () => {
  await office.postgres.query('DELETE FROM decision')
  await office.postgres.query('DELETE FROM outbox')
})
afterEach(() => office.setNow(startMs))

const reviews = async () => (await office.list()).reviews

describe('documents.evidence-outdated.v1', () => {
  it('is heard from this member’s own documents service only', () => {
    const callers: Caller[] = [
      { kind: 'anyone' },
      { kind: 'neighbour', service: 'consent' },
      { kind: 'member', member: 'fund' as never, service: 'documents' },
    ]
    expect(callers.map(office.consumer.isSender)).toEqual([false, false, false])
    expect(office.consumer.isSender({ kind: 'neighbour', service: 'documents' })).toBe(true)
  })

  it('is confirmed and forgotten where it makes no sense', async () => {
    const { told } = await office.decided(500)
    const { exchangeId } = told
    for (const wrong of [
      { kind: 'withdrawn', exchangeId, wrongVersion: 1 },
      { exchangeId, wrongVersion: 0 },
      { exchangeId: 'none', wrongVersion: 1 },
      { exchangeId, wrongVersion: 1, reference: 'none' },
      { kind: 'changed', subject: 'nobody' },
    ])
      await office.hear(wrong)
    expect(await reviews()).toEqual([])
  })

  it('is no matter of decisions that rest on something else', async () => {
    const { told } = await office.decided(500)
    await office.hear({ exchangeId: randomUUID(), wrongVersion: 1 })
    await office.hear({ exchangeId: told.exchangeId, wrongVersion: 7 })
    await office.hear({ kind: 'changed', provider: 'hall' })
    await office.hear({ kind: 'changed', evidenceType: 'household' })
    await office.hear({ kind: 'changed', subject: personNamed('C') })
    expect(await reviews()).toEqual([])
    expect(await office.told()).toEqual([])
  })

  it('is no matter of what the person stated themselves', async () => {
    const { exchangeId } = toldIncome(500)
    const stated = { ...toldIncome(500), isSelfDeclared: true, provider: '', source: undefined, exchangeId }
    await office.decided(500, grantMade(), { used: [stated] })
    await office.hear({ exchangeId, wrongVersion: 1 })
    expect(await reviews()).toEqual([])
  })

  it('opens a review of exactly the decision that rests on an exchange, and changes nothing else', async () => {
    const { decision, told } = await office.decided(500)
    await office.decided(500)
    const before = await office.needs.decisions.get(decision.decisionId, undefined)
    const application = await office.read(decision.applicationId)
    const reference = await office.correct(told)
    const [review, ...others] = await reviews()
    expect(others).toEqual([])
    expect(review).toMatchObject({
      decisionId: decision.decisionId,
      applicationId: decision.applicationId,
      subject: decision.subject,
      procedure: 'reviewed',
      state: ReviewState.REVIEW_STATE_OPEN,
      openedAtMs: startMs,
      causes: [{ kind: 'corrected', provider: 'fund', evidenceType: 'income', reference, atMs: startMs }],
      reassessment: undefined,
      observationsUntilDay: '',
      endedAtMs: 0,
    })
    expect(await office.told()).toEqual([review?.reviewId])
    expect(await office.needs.decisions.get(decision.decisionId, undefined)).toEqual(before)
    expect(await office.read(decision.applicationId)).toEqual(application)
  })

  it('opens a review of each decision about a person that rests on what a member tells of a type', async () => {
    const of = (letter: string) => ({ subject: personNamed(letter) })
    const own = [await office.decided(500, grantMade(), of('B')), await office.decided(600, grantMade(), of('B'))]
    await office.decided(500, grantMade(), of('D'))
    await office.hear({ kind: 'changed', ...of('B') })
    const opened = (await reviews()).map(({ decisionId }) => decisionId)
    expect(opened.sort()).toEqual(own.map(({ decision }) => decision.decisionId).sort())
  })

  it('adds what comes next to the review that stands, each once, and tells the feed once', async () => {
    const { decision, told } = await office.decided(500)
    const reference = await office.correct(told)
    await office.hear({ exchangeId: told.exchangeId, wrongVersion: 1, reference })
    const subscription = randomUUID()
    for (let times = 0; times < 3; times++) await office.hear({ kind: 'changed', reference: subscription })
    const review = await office.reviewOf(decision.decisionId)
    expect(review.causes.map((each) => each.reference)).toEqual([reference, subscription])
    expect(await office.told()).toEqual([review.reviewId])
  })

  it('reopens what somebody looked at already, and tells the feed again', async () => {
    const { decision, told } = await office.decided(500)
    await office.correct(told)
    const { reviewId } = await office.reviewOf(decision.decisionId)
    const exchangeId = office.tell(5000)
    await office.reassess(reviewId)
    await office.invite(reviewId)
    // What the reassessment itself was told is corrected in its turn.
    await office.hear({ exchangeId, wrongVersion: 2 })
    expect(await office.reviewOf(decision.decisionId)).toMatchObject({
      reviewId,
      state: ReviewState.REVIEW_STATE_OPEN,
      observationsUntilDay: '',
      causes: [{}, { kind: 'corrected' }],
    })
    expect(await office.told()).toEqual([reviewId, reviewId])
  })

  it('opens another review once one has ended', async () => {
    const { decision, told } = await office.decided(500)
    await office.correct(told)
    const { reviewId } = await office.reviewOf(decision.decisionId)
    office.tell(500)
    await office.reassess(reviewId)
    await office.uphold(reviewId)
    await office.hear({ kind: 'changed' })
    const next = await office.reviewOf(decision.decisionId)
    expect(next).toMatchObject({ state: ReviewState.REVIEW_STATE_OPEN, causes: [{ kind: 'changed' }] })
    expect(next.reviewId).not.toBe(reviewId)
  })

  it('opens nothing where the decision was deleted, or its key', async () => {
    const { told } = await office.decided(500)
    await office.needs.decisions.deleteEnded('2099-01-01')
    await office.correct(told)
    const kept = await office.decided(500)
    await office.agency.fileKeys.forget(office.postgres, [kept.decision.decisionId])
    await office.correct(kept.told)
    expect(await reviews()).toEqual([])
    expect((await office.postgres.query('SELECT 1 FROM review')).rowCount).toBe(0)
  })

  it('takes a review away with its decision', async () => {
    const { told } = await office.decided(500)
    await office.correct(told)
    await office.needs.decisions.deleteEnded('2099-01-01')
    for (const table of ['review', 'reliance'])
      expect((await office.postgres.query(`SELECT 1 FROM ${table}`)).rowCount).toBe(0)
  })

  it('finds a decision whose person goes by another pseudonym since', async () => {
    const { decision } = await office.decided(500, grantMade(), { subject: personNamed('E') })
    await office.postgres.transaction((tx) =>
      office.agency.subjects.merge(tx, [personNamed('E')], personNamed('F'), { remainingMs: () => 1000 } as never),
    )
    await office.hear({ kind: 'changed', subject: personNamed('F') })
    expect(await office.reviewOf(decision.decisionId)).toMatchObject({ subject: personNamed('F') })
  })

  it('lets nobody issue what was prepared before on the same evidence, which leaves the file', async () => {
    const told = toldIncome(500)
    const right = { ...toldIncome(2), fact: { name: 'other', value: { $case: 'number' as const, value: 2 } } }
    const { applicationId, revision } = await office.depositReviewed({ used: [told, right] })
    const other = await office.depositReviewed({ used: [toldIncome(500)] })
    const statement = await office.prepare(applicationId, grantMade(), office.agent)
    await office.correct(told)
    expect(await office.read(applicationId)).toMatchObject({ revision: revision + 1, used: [right] })
    expect(await office.read(other.applicationId)).toMatchObject({ revision: other.revision })
    const jws = signStatement(statement, office.agent)
    await expect(office.issue(applicationId, grantMade(), jws)).rejects.toMatchObject({ reason: 'APPLICATION_CHANGED' })
    expect(await office.told()).toEqual([])
  })

  it('misses no decision that is being issued at the same time', async () => {
    const told = toldIncome(500)
    const { applicationId } = await office.depositReviewed({ used: [told] })
    const jws = signStatement(await office.prepare(applicationId, grantMade(), office.agent), office.agent)
    const [issued] = await Promise.allSettled([office.issue(applicationId, grantMade(), jws), office.correct(told)])
    const found = await reviews()
    if (issued.status === 'fulfilled') expect(found).toMatchObject([{ decisionId: issued.value.decisionId }])
    else expect([issued.reason.reason, found]).toEqual(['APPLICATION_CHANGED', []])
  })
})
