import { Answer, type Finding } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { Direction, type Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { basisIdFrom } from '@unefois/proto/ids'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { agent, applicationId, byAgent, decisionId } from '../application.fixture.js'
import { aRelease } from '../eligibility.fixture.js'
import { type Fakes, gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const system = systemToken('hall', { scope: 'reviews:read reviews:decide evidence:request' })
const reviewId = '2b0d1c2e-77aa-4f0e-9c11-0a1b2c3d4e5f'
const one = `/v1/reviews/${reviewId}`
const by = { who: 'agent', ...agent }
const inviting = { what: 'Votre quotient familial semble autre.', untilDay: '2026-12-20', by }
const upholding = { words: 'Cela ne change rien.', by }
const reassessing = { bases: [{ provider: 'fund', purpose: 'leisure-card', basisId: basisIdFrom(Buffer.alloc(16)) }] }

const atMs = Date.parse('2026-11-22T09:00:00Z')
const finding: Finding = { answer: Answer.ANSWER_NO, release: aRelease, gives: [], missing: [], explanation: undefined }
const aReview: Review = {
  reviewId,
  decisionId,
  applicationId,
  subject,
  procedure: 'meals',
  state: ReviewState.REVIEW_STATE_OBSERVATIONS_INVITED,
  openedAtMs: atMs,
  causes: [{ kind: 'corrected', provider: 'fund', evidenceType: 'resources', reference: 'c1', atMs }],
  reassessment: { atMs, direction: Direction.DIRECTION_UNFAVOURABLE, finding, used: [], notObtained: [] },
  limits: [
    { title: { fr: 'Retrait', en: 'Withdrawal' }, lastDay: '2027-03-22', isOver: false, legalReference: 'L242-1' },
  ],
  observationsUntilDay: '2026-12-20',
  words: '',
  replacedBy: '',
  endedAtMs: 0,
}

interface Asked {
  readonly url: string
  readonly token?: string
  readonly body?: object | undefined
  readonly key?: string
}
const ask = async ({ url, token = system, body, key = 'a-key-of-its-own' }: Asked, rpcs: object = {}) => {
  const { app, calls } = await gatewayForTest('agency', { reviews: rpcs as Required<Fakes>['reviews'] })
  const response = await app.inject({
    method: body ? 'POST' : 'GET',
    url,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'idempotency-key': key }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  })
  const asked = calls.filter(({ rpc }) => rpc.startsWith('reviews.'))
  return { status: response.statusCode, headers: response.headers, body: response.json(), asked }
}
const acts: readonly (readonly [string, string, object])[] = [
  ['reassessDecision', `${one}/reassessments`, reassessing],
  ['inviteObservations', `${one}/observations`, inviting],
  ['upholdDecision', `${one}/upheld`, upholding],
]

describe('a review over REST', () => {
  it.each(acts)('has no effect by %s without a token and a key of its own', async (_, url, body) => {
    const stranger = await ask({ url, body, token: '' })
    expect([stranger.body.reason, stranger.asked]).toEqual(['TOKEN_MISSING', []])
    const keyless = await ask({ url, body, key: '' })
    expect([keyless.body.reason, keyless.asked]).toEqual(['IDEMPOTENCY_KEY_MISSING', []])
  })

  it.each<[string, string, object | undefined, string]>([
    ['a review that is none', '/v1/reviews/seven/upheld', upholding, 'id'],
    [
      'a basis that is none',
      `${one}/reassessments`,
      { bases: [{ provider: 'fund', purpose: 'x' }] },
      'bases.0.basisId',
    ],
    ['a second person who is none', `${one}/reassessments`, { relatedSubject: 'secret' }, 'relatedSubject'],
    ['words that say nothing', `${one}/observations`, { ...inviting, what: 'secret' }, 'what'],
    ['no last day', `${one}/observations`, { ...inviting, untilDay: undefined }, 'untilDay'],
    ['a day that is none', `${one}/observations`, { ...inviting, untilDay: 'secret' }, 'untilDay'],
    ['nobody’s hand', `${one}/observations`, { ...inviting, by: undefined }, 'by'],
    ['the hand of a helper', `${one}/upheld`, { ...upholding, by: { ...by, who: 'helper' } }, 'by.who'],
    ['no reason', `${one}/upheld`, { by }, 'words'],
    ['a state that is none', '/v1/reviews?state=lost', undefined, 'state'],
    ['a decision that is none', '/v1/reviews?decisionId=seven', undefined, 'decisionId'],
  ])('refuses %s, naming the field and never its value', async (_, url, body, field) => {
    const refused = await ask({ url, body })
    expect(refused.body).toMatchObject({ status: 400, reason: 'REQUEST_INVALID', facts: { field } })
    expect(JSON.stringify(refused.body)).not.toContain('secret')
    expect(refused.asked).toEqual([])
  })

  it.each<[Reason, number]>([
    ['REVIEW_UNKNOWN', 404],
    ['REVIEW_ENDED', 409],
    ['REVIEW_NOT_REASSESSED', 409],
  ])('passes on %s of the service', async (reason, status) => {
    for (const [rpc, url, body] of acts) {
      const refused = await ask({ url, body }, { [rpc]: () => Promise.reject(new MeshError(reason)) })
      expect([refused.status, refused.body.reason]).toEqual([status, reason])
    }
  })

  it('is listed to nobody but who may, and kept by nobody', async () => {
    const person = personToken('hall')
    const listReviews = () => Promise.reject(new MeshError('CALLER_NOT_ALLOWED'))
    expect((await ask({ url: '/v1/reviews', token: person }, { listReviews })).status).toBe(403)
    const listed = await ask(
      { url: `/v1/reviews?state=upheld&decisionId=${decisionId}&pageSize=7` },
      { listReviews: async () => ({ reviews: [aReview], nextPageToken: '1-2' }) },
    )
    expect(listed.asked).toMatchObject([
      { request: { state: ReviewState.REVIEW_STATE_UPHELD, decisionId, pageSize: 7, pageToken: '' } },
    ])
    expect(listed.headers['cache-control']).toBe('no-store')
    expect(listed.body).toEqual({
      reviews: [
        {
          reviewId,
          decisionId,
          applicationId,
          subject,
          procedure: 'meals',
          state: 'observations-invited',
          openedAt: '2026-11-22T09:00:00.000Z',
          causes: [
            {
              kind: 'corrected',
              provider: 'fund',
              evidenceType: 'resources',
              reference: 'c1',
              at: '2026-11-22T09:00:00.000Z',
            },
          ],
          reassessment: {
            at: '2026-11-22T09:00:00.000Z',
            direction: 'unfavourable',
            finding: expect.objectContaining({ answer: 'no', gives: [] }),
            used: [],
            notObtained: [],
          },
          limits: aReview.limits,
          observationsUntilDay: '2026-12-20',
          words: null,
          replacedBy: null,
          endedAt: null,
        },
      ],
      nextPageToken: '1-2',
    })
  })

  it('shows what nobody knows as unknown, and what has not happened as null', async () => {
    const reassessment = { atMs, direction: 99 as never, finding: undefined, used: [], notObtained: [] }
    const odd = { ...aReview, state: 99 as never, reassessment, observationsUntilDay: '' }
    const open = { ...aReview, reassessment: undefined, endedAtMs: atMs, words: 'Oui.', replacedBy: decisionId }
    const { body } = await ask(
      { url: '/v1/reviews' },
      { listReviews: async () => ({ reviews: [odd, open], nextPageToken: '' }) },
    )
    expect(body).toMatchObject({
      reviews: [
        { state: 'unknown', reassessment: { direction: 'unknown', finding: null }, observationsUntilDay: null },
        { reassessment: null, endedAt: '2026-11-22T09:00:00.000Z', words: 'Oui.', replacedBy: decisionId },
      ],
      nextPageToken: null,
    })
  })

  it.each<[string, string, object, object]>([
    ['reassessDecision', `${one}/reassessments`, reassessing, { reviewId, ...reassessing, relatedSubject: '' }],
    ['reassessDecision', `${one}/reassessments`, {}, { reviewId, bases: [], relatedSubject: '' }],
    ['inviteObservations', `${one}/observations`, inviting, { reviewId, ...inviting, by: byAgent }],
    ['upholdDecision', `${one}/upheld`, upholding, { reviewId, ...upholding, by: byAgent }],
  ])('asks for %s with the caller’s own token and key', async (rpc, url, body, request) => {
    const answered = await ask({ url, body }, { [rpc]: async () => ({ review: aReview }) })
    expect([answered.status, answered.body.review.reviewId]).toEqual([200, reviewId])
    expect(answered.asked).toMatchObject([
      { rpc: `reviews.${rpc}`, request, call: { accessToken: system, idempotencyKey: 'a-key-of-its-own' } },
    ])
  })
})
