import { randomUUID } from 'node:crypto'
import { Direction, type Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { refusalOf, refused } from './_refusals.js'
import { fund, told } from './_resident.js'
import { byAgent, granted, Reviewed } from './_reviewed.js'

let family: Reviewed
let review: Review
beforeAll(async () => {
  family = await Reviewed.settle(await sharedFederation())
  const decision = await family.decide()
  await family.correctQuotient(512)
  review = await family.reviewOf(decision)
})
afterAll(() => family.leave())

const call = (scope: string) => family.resident.town.call(scope)
const untilDay = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const list = async (given: object = {}) =>
  family.reviews.listReviews(
    { state: 0, decisionId: '', pageSize: 0, pageToken: '', ...given },
    await call('reviews:read'),
  )
const reassess = async (given: object = {}, scope = 'reviews:decide evidence:request') =>
  family.reviews.reassessDecision(
    { reviewId: review.reviewId, bases: [], relatedSubject: '', ...given },
    await call(scope),
  )
const invite = async (given: object = {}) =>
  family.reviews.inviteObservations(
    {
      reviewId: review.reviewId,
      what: 'Votre quotient familial semble être autre.',
      untilDay: untilDay(20),
      by: byAgent,
      ...given,
    },
    await call('reviews:decide'),
  )
const uphold = async (given: object = {}) =>
  family.reviews.upholdDecision(
    { reviewId: review.reviewId, words: 'Cela ne change rien.', by: byAgent, ...given },
    await call('reviews:decide'),
  )

// Each answers the refusal; undefined where nothing was refused.
const listRefused = (given?: object) => refused('unefois.eligibility.v1.ReviewService/ListReviews', () => list(given))
const reassessRefused = (given?: object, scope?: string) =>
  refused('unefois.eligibility.v1.ReviewService/ReassessDecision', () => reassess(given, scope))
const inviteRefused = (given?: object) =>
  refused('unefois.eligibility.v1.ReviewService/InviteObservations', () => invite(given))
const upholdRefused = (given?: object) =>
  refused('unefois.eligibility.v1.ReviewService/UpholdDecision', () => uphold(given))

describe('a review', () => {
  it('is listed by a token that one was given, and by a state that there is', async () => {
    expect((await listRefused({ pageToken: 'nonsense' }))?.reason).toBe('PAGE_TOKEN_MISMATCH')
    expect((await listRefused({ state: 9 }))?.reason).toBe('REQUEST_INVALID')
    expect((await listRefused({ decisionId: 'seven' }))?.reason).toBe('REQUEST_INVALID')
  })

  it('is nothing that there is not', async () => {
    const reviewId = randomUUID()
    expect((await reassessRefused({ reviewId }))?.reason).toBe('REVIEW_UNKNOWN')
    expect((await inviteRefused({ reviewId }))?.reason).toBe('REVIEW_UNKNOWN')
    expect((await upholdRefused({ reviewId }))?.reason).toBe('REVIEW_UNKNOWN')
  })

  it('asks nobody for observations, and ends with nothing, before anybody asked anew', async () => {
    expect((await inviteRefused())?.reason).toBe('REVIEW_NOT_REASSESSED')
    expect((await upholdRefused())?.reason).toBe('REVIEW_NOT_REASSESSED')
  })

  it('has no power of its own: a system without the scope for evidence is refused by the documents', async () => {
    const bases = [{ provider: fund, purpose: told, basisId: await family.resident.tell() }]
    expect((await reassessRefused({ bases }, 'reviews:decide'))?.reason).toBe('CALLER_NOT_ALLOWED')
  })

  it('takes a refused gate for something unknown, and never for a no', async () => {
    const bases = [{ provider: fund, purpose: told, basisId: basisIdFrom(Buffer.alloc(16)) }]
    const answer = await reassess({ bases })
    expect(answer.review?.reassessment).toMatchObject({
      direction: Direction.DIRECTION_UNKNOWN,
      notObtained: [{ provider: fund, why: { $case: 'refused' } }],
    })
    review = await family.reassess(review.reviewId)
  })

  it('is by the hand of an agent who is named, and gives a person time', async () => {
    for (const by of [undefined, { who: { $case: 'service' as const, value: true } }]) {
      const [asked, ended] = [await inviteRefused({ by }), await upholdRefused({ by })]
      for (const each of [asked, ended])
        expect([each?.reason, each?.facts.field]).toEqual(['APPLICATION_INVALID', 'by'])
    }
    const hasty = await inviteRefused({ untilDay: untilDay(7) })
    expect([hasty?.reason, hasty?.facts.field]).toEqual(['APPLICATION_INVALID', 'untilDay'])
  })

  it('replaces no decision of another application, and none without itself', async () => {
    const rpc = 'unefois.eligibility.v1.DecisionService/PrepareDecision'
    const made = granted('Le tarif au quotient.')
    expect(await refusalOf(rpc, () => family.prepare(made, randomUUID()))).toBe('REVIEW_UNKNOWN')
    expect(await refusalOf(rpc, () => family.prepare(made))).toBe('APPLICATION_ENDED')
  })

  it('is over once it has ended', async () => {
    const ended = await uphold()
    expect(ended.review).toMatchObject({ state: ReviewState.REVIEW_STATE_UPHELD })
    expect((await reassessRefused())?.reason).toBe('REVIEW_ENDED')
    expect((await inviteRefused())?.reason).toBe('REVIEW_ENDED')
    expect((await upholdRefused())?.reason).toBe('REVIEW_ENDED')
    const rpc = 'unefois.eligibility.v1.DecisionService/PrepareDecision'
    const made = granted('Le tarif au quotient.')
    expect(await refusalOf(rpc, () => family.prepare(made, review.reviewId))).toBe('REVIEW_ENDED')
  })
})
