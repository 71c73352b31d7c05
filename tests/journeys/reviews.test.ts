import { randomUUID } from 'node:crypto'
import { type DecisionClaims, decisionType } from '@unefois/proto/decision-statements'
import { AgencyEventType, EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { ChangeServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { type Decision, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { Direction, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { refusalOf } from './_refusals.js'
import { evidenceType, fund, personTokenOf, told, town } from './_resident.js'
import { byAgent, granted, Reviewed } from './_reviewed.js'

let family: Reviewed
let decision: Decision
beforeAll(async () => {
  family = await Reviewed.settle(await sharedFederation())
  decision = await family.decide()
})
afterAll(() => family.leave())

const prepareRpc = 'unefois.eligibility.v1.DecisionService/PrepareDecision'
const partly = { ...granted('Le tarif au nouveau quotient.'), outcome: Outcome.OUTCOME_PARTLY_GRANTED }
const dearer = { ...partly, reasons: 'Le quotient communiqué par la caisse a changé.' }
const call = (scope: string) => family.resident.town.call(scope)
const asPerson = async () => ({
  deadlineMs: 10_000,
  accessToken: await personTokenOf(family.resident.places, family.resident.person, town),
})
const readDecision = async ({ decisionId }: Decision) =>
  (await family.decisions.getDecision({ decisionId }, await call('applications:read'))).decision

/** What the town's feed says of reviews, by what it refers to. */
const toldOf = async (reference: string): Promise<number> => {
  const events = family.resident.town.service('documents', EventServiceDefinition)
  const types = [AgencyEventType.AGENCY_EVENT_TYPE_REVIEW_OPENED]
  let position = ''
  let found = 0
  for (;;) {
    const page = await events.listEvents({ position, types, pageSize: 500, waitMs: 0 }, await call('events:read'))
    if (page.events.length === 0) return found
    found += page.events.filter((each) => each.reference === reference).length
    position = page.position
  }
}
/** Verified with nothing but the federation list. */
const stated = ({ jws }: Decision): DecisionClaims =>
  checkToken(jws, decisionType, {
    keyOf: family.resident.places.list().keyOf('decision'),
    nowSeconds: Math.floor(Date.now() / 1000),
  })

describe('a decision on a quotient that the fund corrects in favour of the family', () => {
  let reviewId: string

  it('gets a review, told in the feed by its id alone, and stays as it is', async () => {
    await family.correctQuotient(512)
    const review = await family.reviewOf(decision)
    reviewId = review.reviewId
    expect(review).toMatchObject({
      decisionId: decision.decisionId,
      subject: family.resident.subject,
      state: ReviewState.REVIEW_STATE_OPEN,
      causes: [{ kind: 'corrected', provider: fund, evidenceType }],
      limits: [{ isOver: false }],
    })
    await expect.poll(() => toldOf(reviewId), { timeout: 10_000 }).toBe(1)
    expect(await readDecision(decision)).toEqual(decision)
    expect((await family.application()).decisionId).toBe(decision.decisionId)
  })

  it('is not replaced before anybody asked anew', async () => {
    const better = () => family.prepare(granted('Le tarif au nouveau quotient.'), reviewId)
    expect(await refusalOf(prepareRpc, better)).toBe('REVIEW_NOT_REASSESSED')
  })

  it('is found to have been too dear, by what the fund tells now under every gate', async () => {
    const review = await family.reassess(reviewId)
    expect(review).toMatchObject({
      state: ReviewState.REVIEW_STATE_REASSESSED,
      reassessment: { direction: Direction.DIRECTION_FAVOURABLE, notObtained: [] },
    })
    expect(review.reassessment?.finding?.gives).toMatchObject([{ value: { $case: 'amount', value: 2.56 } }])
    const [evidence] = review.reassessment?.used.filter(({ isSelfDeclared }) => !isSelfDeclared) ?? []
    expect(await family.resident.onRecord(evidence?.exchangeId)).toEqual(
      expect.arrayContaining([`${town}: ${town} released`, `${fund}: ${town} released`]),
    )
  })

  it('is replaced at once by one that an agent signs, which names it', async () => {
    const before = decision
    decision = await family.issue(granted('Le tarif au nouveau quotient : 2,56 € par repas.'), reviewId)
    expect(stated(decision).statement).toMatchObject({
      outcome: 'granted',
      review: { id: reviewId, replaces: before.decisionId },
    })
    expect((await family.application()).decisionId).toBe(decision.decisionId)
    expect(await readDecision(before)).toEqual(before)
    const asked = {
      state: ReviewState.REVIEW_STATE_REPLACED,
      decisionId: before.decisionId,
      pageSize: 0,
      pageToken: '',
    }
    const { reviews } = await family.reviews.listReviews(asked, await call('reviews:read'))
    expect(reviews).toMatchObject([{ reviewId, replacedBy: decision.decisionId }])
  })
})

describe('the decision in its place, when the quotient changes against the family', () => {
  let reviewId: string
  const untilDay = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)

  it('gets a review of its own, because the town follows the quotient', async () => {
    const { resident } = family
    const basisId = await resident.tell()
    await resident.town
      .service('documents', ChangeServiceDefinition)
      .subscribeToChanges(
        { subject: resident.subject, provider: fund, evidenceType, purpose: told, procedure: told, basisId },
        await call('evidence:request'),
      )
    family.enterQuotient(900)
    await family.fund
      .service('documents', ChangeServiceDefinition)
      .reportChange({ subject: resident.atFund, evidenceType }, await family.fund.call('evidence:declare'))
    const review = await family.reviewOf(decision)
    reviewId = review.reviewId
    expect(review.causes).toMatchObject([{ kind: 'changed', provider: fund, evidenceType }])
    expect((await family.reassess(reviewId)).reassessment).toMatchObject({
      direction: Direction.DIRECTION_UNFAVOURABLE,
    })
  })

  it('is not replaced against them before they were asked, nor while they have time', async () => {
    const worse = () => family.prepare(dearer, reviewId)
    expect(await refusalOf(prepareRpc, worse)).toBe('OBSERVATIONS_NOT_INVITED')
    const { review } = await family.reviews.inviteObservations(
      { reviewId, what: 'Votre quotient familial semble avoir augmenté.', untilDay, by: byAgent },
      await call('reviews:decide'),
    )
    expect(review).toMatchObject({
      state: ReviewState.REVIEW_STATE_OBSERVATIONS_INVITED,
      observationsUntilDay: untilDay,
    })
    expect(await refusalOf(prepareRpc, worse)).toBe('OBSERVATIONS_AWAITED')
  })

  it('is answered by the person in their own thread', async () => {
    const { applicationId } = family
    const read = async () =>
      (await family.applications.getApplication({ applicationId }, await asPerson())).application?.messages ?? []
    const [invitation] = await read()
    expect(invitation?.text).toContain(untilDay)
    expect(invitation?.from).toMatchObject({ who: { $case: 'agent', value: { lastName: 'Roux' } } })
    const text = 'J’ai perdu mon emploi depuis.'
    const sending = { ...(await asPerson()), idempotencyKey: randomUUID() }
    await family.applications.sendMessage({ applicationId, text, by: undefined }, sending)
    expect((await read()).map((each) => each.text)).toEqual([invitation?.text, text])
  })

  it('is upheld, and the person is told so; nothing of it has changed', async () => {
    const { review } = await family.reviews.upholdDecision(
      { reviewId, words: 'Votre situation a changé de nouveau depuis.', by: byAgent },
      await call('reviews:decide'),
    )
    expect(review).toMatchObject({ state: ReviewState.REVIEW_STATE_UPHELD, replacedBy: '' })
    expect((await family.application()).messages.at(-1)?.text).toContain('Elle ne change pas.')
    expect(await readDecision(decision)).toEqual(decision)
  })
})
