import { randomUUID } from 'node:crypto'
import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { Direction, type Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { system } from '../agency.fixture.js'
import { applicationView, procedureOf } from '../application-changes.js'
import { grantMade, refusalMade } from '../decision.fixture.js'
import { dayMs, person, startMs, toldIncome } from '../decision-office.fixture.js'
import { bases, openReviewOffice, type ReviewOffice } from '../review-office.fixture.js'
import { inviteObservations } from './invite-observations.js'
import { listReviews } from './list-reviews.js'
import { reassessDecision } from './reassess-decision.js'
import { sendMessage } from './send-message.js'
import { upholdDecision } from './uphold-decision.js'

let office: ReviewOffice
beforeAll(async () => {
  office = await openReviewOffice()
})
afterAll(() => office.close())
beforeEach(async () => {
  await office.postgres.query('DELETE FROM decision')
  office.asked.length = 0
})
afterEach(() => office.setNow(startMs))

const because = (reason: string) => expect.objectContaining({ reason })
const helper = { who: { $case: 'helper' as const, value: { firstName: 'H', lastName: 'H', organisation: 'M' } } }

/** A review of a decision on this income, of which the fund now tells another. */
const reviewed = async (before: number, now: number, made = grantMade()): Promise<Review> => {
  const { decision, told } = await office.decided(before, made)
  await office.correct(told)
  office.tell(now)
  return office.reviewOf(decision.decisionId)
}
const ended = async (): Promise<Review> => {
  const { reviewId } = await reviewed(500, 600)
  await office.reassess(reviewId)
  return office.uphold(reviewId)
}

describe.each([
  ['ReassessDecision', (reviewId: string) => office.reassess(reviewId)],
  ['InviteObservations', (reviewId: string) => office.invite(reviewId)],
  ['UpholdDecision', (reviewId: string) => office.uphold(reviewId)],
])('%s', (_, act) => {
  it('knows no review that there is not, whose decision was deleted, or whose key', async () => {
    await expect(act(randomUUID())).rejects.toEqual(because('REVIEW_UNKNOWN'))
    const { reviewId, decisionId } = await reviewed(500, 600)
    await office.agency.fileKeys.forget(office.postgres, [decisionId])
    await expect(act(reviewId)).rejects.toEqual(because('REVIEW_UNKNOWN'))
    await office.needs.decisions.deleteEnded('2099-01-01')
    await expect(act(reviewId)).rejects.toEqual(because('REVIEW_UNKNOWN'))
  })

  it('does nothing in a review that has ended', async () => {
    const { reviewId } = await ended()
    await expect(act(reviewId)).rejects.toEqual(because('REVIEW_ENDED'))
  })
})

describe.each([
  ['InviteObservations', (reviewId: string, given?: object) => office.invite(reviewId, given)],
  ['UpholdDecision', (reviewId: string, given?: object) => office.uphold(reviewId, given)],
])('%s', (_, act) => {
  it('needs to know what is found now', async () => {
    const { reviewId, applicationId } = await reviewed(500, 5000)
    await expect(act(reviewId)).rejects.toEqual(because('REVIEW_NOT_REASSESSED'))
    expect((await office.read(applicationId))?.messages).toEqual([])
  })

  it('is done by an agent who is named', async () => {
    const { reviewId } = await reviewed(500, 5000)
    await office.reassess(reviewId)
    for (const by of [undefined, helper, { who: { $case: 'service' as const, value: true } }])
      await expect(act(reviewId, { by })).rejects.toMatchObject({
        reason: 'APPLICATION_INVALID',
        facts: { field: 'by' },
      })
  })

  it('needs the application, in whose thread the person is told', async () => {
    const { reviewId, applicationId } = await reviewed(500, 5000)
    await office.reassess(reviewId)
    await office.postgres.query('DELETE FROM application WHERE application_id = $1', [applicationId])
    await expect(act(reviewId)).rejects.toEqual(because('APPLICATION_UNKNOWN'))
  })
})

describe('ReassessDecision', () => {
  it('asks nobody without a basis, and then does not know', async () => {
    const { reviewId } = await reviewed(500, 5000)
    expect(await office.reassess(reviewId, { bases: [] })).toMatchObject({
      state: ReviewState.REVIEW_STATE_REASSESSED,
      reassessment: {
        direction: Direction.DIRECTION_UNKNOWN,
        finding: { answer: Answer.ANSWER_UNKNOWN },
        used: [],
        notObtained: [],
      },
    })
    expect(office.asked).toEqual([])
  })

  it('takes a refused gate for no answer at all, and names it', async () => {
    const { reviewId } = await reviewed(500, 5000)
    office.fail(new MeshError('NOTICE_MISMATCH'))
    expect((await office.reassess(reviewId)).reassessment).toMatchObject({
      direction: Direction.DIRECTION_UNKNOWN,
      notObtained: [{ provider: 'fund', why: { $case: 'refused', value: 'NOTICE_MISMATCH' } }],
    })
  })

  it('has no power of its own: what the caller’s token may not do is refused', async () => {
    const { reviewId, decisionId } = await reviewed(500, 5000)
    office.fail(new MeshError('CALLER_NOT_ALLOWED'))
    await expect(office.reassess(reviewId)).rejects.toEqual(because('CALLER_NOT_ALLOWED'))
    expect(await office.reviewOf(decisionId)).toMatchObject({ state: ReviewState.REVIEW_STATE_OPEN })
  })

  it('knows only whether the same is told as then where no rule had part in the decision', async () => {
    const told = { ...toldIncome(500), fact: { name: 'income', value: { $case: 'number' as const, value: 500 } } }
    const { decision } = await office.decided(500, grantMade(), { procedure: 'plain', used: [told] })
    await office.correct(told)
    const { reviewId } = await office.reviewOf(decision.decisionId)
    for (const [amount, direction] of [
      [500, Direction.DIRECTION_SAME],
      [600, Direction.DIRECTION_UNKNOWN],
      [400, Direction.DIRECTION_UNKNOWN],
    ] as const) {
      office.tell(amount)
      expect((await office.reassess(reviewId)).reassessment).toMatchObject({
        direction,
        finding: undefined,
        used: [{ fact: { name: 'income', value: { value: amount } }, provider: 'fund', version: 2 }],
      })
    }
    await expect(office.prepare(decision.applicationId, grantMade(), office.agent, reviewId)).rejects.toEqual(
      because('OBSERVATIONS_NOT_INVITED'),
    )
    office.tell(500)
    await office.reassess(reviewId)
    const again = await office.prepare(decision.applicationId, grantMade(), office.agent, reviewId)
    expect(JSON.parse(again)).toMatchObject({ review: { replaces: decision.decisionId } })
  })

  it('keeps what the agency’s own records said then, and asks nobody for it', async () => {
    const own = { ...toldIncome(400), provider: 'hall', source: undefined, exchangeId: '', version: 0 }
    const { decision } = await office.decided(400, grantMade(), { used: [own] })
    await office.postgres.query(`INSERT INTO reliance VALUES ($1, $2, 'fund', 'income', 1)`, [
      decision.decisionId,
      randomUUID(),
    ])
    await office.hear({ kind: 'changed' })
    const { reviewId } = await office.reviewOf(decision.decisionId)
    expect((await office.reassess(reviewId)).reassessment).toMatchObject({
      direction: Direction.DIRECTION_SAME,
      used: [own],
    })
    expect(office.asked).toEqual([])
  })

  it.each([
    ['favourable', 5000, 500, refusalMade(), Direction.DIRECTION_FAVOURABLE],
    ['unfavourable', 500, 5000, grantMade(), Direction.DIRECTION_UNFAVOURABLE],
    ['the same', 500, 600, grantMade(), Direction.DIRECTION_SAME],
  ])(
    'says what is %s, asked with the caller’s own token, and changes nothing else',
    async (_, before, now, made, direction) => {
      const review = await reviewed(before, now, made)
      const file = await office.needs.decisions.get(review.decisionId, undefined)
      const application = await office.read(review.applicationId)
      const exchangeId = office.tell(now)
      const after = await office.reassess(review.reviewId)
      expect(after).toMatchObject({
        state: ReviewState.REVIEW_STATE_REASSESSED,
        reassessment: {
          atMs: startMs,
          direction,
          finding: { explanation: { language: 'fr' } },
          used: [{ fact: { name: 'revenu', value: { value: now } }, isSelfDeclared: false, exchangeId, version: 2 }],
          notObtained: [],
        },
      })
      expect(office.asked).toMatchObject([
        {
          accessToken: 'the token of the caller',
          request: { subject: review.subject, ...bases[0], procedure: 'reviewed' },
        },
      ])
      expect(await office.reviewOf(review.decisionId)).toEqual(after)
      expect(await office.needs.decisions.get(review.decisionId, undefined)).toEqual(file)
      expect(await office.read(review.applicationId)).toEqual(application)
    },
  )

  it('keeps what the person stated then, and asks nobody else for it', async () => {
    const stated = { name: 'revenu', value: { $case: 'number' as const, value: 400 } }
    const { decision } = await office.decided(500, grantMade(), { facts: [stated] })
    await office.postgres.query(`INSERT INTO reliance VALUES ($1, $2, 'fund', 'income', 1)`, [
      decision.decisionId,
      randomUUID(),
    ])
    await office.hear({ kind: 'changed' })
    const { reviewId } = await office.reviewOf(decision.decisionId)
    expect((await office.reassess(reviewId)).reassessment).toMatchObject({
      direction: Direction.DIRECTION_SAME,
      used: [{ fact: stated, isSelfDeclared: true }],
    })
    expect(office.asked).toEqual([])
  })

  it('applies the release that was applied then, although another replaced it', async () => {
    const review = await reviewed(500, 900)
    const { postgres } = office
    const [{ sha256 } = { sha256: '' }] = (await postgres.query<{ sha256: string }>('SELECT sha256 FROM rule_release'))
      .rows
    // As a publication would: the release of then is replaced, and no longer found by its day.
    await postgres.query('UPDATE rule_release SET replaced_by = sha256 WHERE sha256 = $1', [sha256])
    try {
      const { reassessment } = await office.reassess(review.reviewId)
      expect(reassessment).toMatchObject({ direction: Direction.DIRECTION_SAME, finding: { release: { sha256 } } })
    } finally {
      await postgres.query('UPDATE rule_release SET replaced_by = NULL WHERE sha256 = $1', [sha256])
    }
  })

  it('leaves a review open of which something came up meanwhile', async () => {
    const { decision, told } = await office.decided(500)
    await office.correct(told)
    const { reviewId } = await office.reviewOf(decision.decisionId)
    const { needs } = office
    const documents: typeof needs.documents = {
      requestEvidence: async (request, call) => {
        await office.hear({ kind: 'changed' })
        return needs.documents.requestEvidence(request, call)
      },
    }
    office.tell(5000)
    const { review } = await reassessDecision({ ...needs, documents }).handle(
      { reviewId, bases, relatedSubject: '' },
      system(),
    )
    expect(review).toMatchObject({
      state: ReviewState.REVIEW_STATE_OPEN,
      causes: [{ kind: 'corrected' }, { kind: 'changed' }],
      reassessment: { direction: Direction.DIRECTION_UNFAVOURABLE },
    })
  })

  it('takes 20 bases at most, and no review but by its id', () => {
    const { request } = reassessDecision(office.needs)
    const wished = { reviewId: randomUUID(), bases, relatedSubject: '' }
    expect(request.safeParse(wished).success).toBe(true)
    expect(request.safeParse({ ...wished, bases: Array(21).fill(bases[0]) }).success).toBe(false)
    expect(request.safeParse({ ...wished, reviewId: 'seven' }).success).toBe(false)
    expect(request.safeParse({ ...wished, relatedSubject: 'nobody' }).success).toBe(false)
  })
})

describe('InviteObservations', () => {
  it('gives fifteen days at least, a year at most, and never less than before', async () => {
    const { reviewId } = await reviewed(500, 5000)
    await office.reassess(reviewId)
    const isWrong = { reason: 'APPLICATION_INVALID', facts: { field: 'untilDay' } }
    for (const untilDay of ['2026-12-06', '2027-11-24', '2026-11-01'])
      await expect(office.invite(reviewId, { untilDay })).rejects.toMatchObject(isWrong)
    await office.invite(reviewId, { untilDay: '2026-12-20' })
    await expect(office.invite(reviewId, { untilDay: '2026-12-19' })).rejects.toMatchObject(isWrong)
    expect(await office.invite(reviewId, { untilDay: '2027-01-10' })).toMatchObject({
      observationsUntilDay: '2027-01-10',
    })
  })

  it('takes plain words of some length, and a day', () => {
    const { request } = inviteObservations(office.needs)
    const wished = {
      reviewId: randomUUID(),
      what: 'Your income seems to be another.',
      untilDay: '2026-12-20',
      by: undefined,
    }
    expect(request.safeParse(wished).success).toBe(true)
    for (const wrong of [{ what: 'Too short.' }, { what: 'x'.repeat(4001) }, { untilDay: 'soon' }, { reviewId: '7' }])
      expect(request.safeParse({ ...wished, ...wrong }).success).toBe(false)
  })

  it('tells the person in their thread, which is open again until the review ends', async () => {
    const { reviewId, applicationId, subject } = await reviewed(500, 5000)
    const say = (text: string) =>
      office.postgres.transaction((tx) =>
        sendMessage({ ...office.agency, isAppealable: undefined, afterExamination: undefined } as never).effect(
          { applicationId, text, by: undefined },
          person(subject),
          tx,
        ),
      )
    const takesMessages = async () => {
      const kept = await office.agency.applications.get(applicationId)
      return (
        kept &&
        applicationView(office.agency, kept, await procedureOf(office.agency, kept), person(subject)).takesMessages
      )
    }
    await expect(say('Before.')).rejects.toEqual(because('APPLICATION_ENDED'))
    expect(await takesMessages()).toBe(false)
    await office.reassess(reviewId)
    const before = await office.read(applicationId)
    expect(await office.invite(reviewId)).toMatchObject({
      state: ReviewState.REVIEW_STATE_OBSERVATIONS_INVITED,
      observationsUntilDay: '2026-12-20',
    })
    expect(await takesMessages()).toBe(true)
    await say('My son moved out.')
    const after = await office.read(applicationId)
    expect(after).toMatchObject({
      state: before?.state,
      decisionId: before?.decisionId,
      messages: [
        { from: { who: { $case: 'agent' } }, text: expect.stringMatching(/^Your income .*2026-12-20/s) },
        { from: { who: { $case: 'person' } }, text: 'My son moved out.' },
      ],
    })
    await office.uphold(reviewId)
    expect(await takesMessages()).toBe(false)
    await expect(say('After.')).rejects.toEqual(because('APPLICATION_ENDED'))
    expect((await office.read(applicationId))?.messages).toHaveLength(3)
  })

  it('stands when the same is found again, and is void when something else is', async () => {
    const { reviewId } = await reviewed(500, 5000)
    await office.reassess(reviewId)
    await office.invite(reviewId)
    office.tell(6000)
    expect(await office.reassess(reviewId)).toMatchObject({ observationsUntilDay: '2026-12-20' })
    office.tell(500)
    expect(await office.reassess(reviewId)).toMatchObject({
      state: ReviewState.REVIEW_STATE_REASSESSED,
      observationsUntilDay: '',
    })
  })
})

describe('UpholdDecision', () => {
  it('takes words that say why', () => {
    const { request } = upholdDecision(office.needs)
    for (const words of ['Because.', ' '.repeat(20), 'x'.repeat(2001)])
      expect(request.safeParse({ reviewId: randomUUID(), words, by: undefined }).success).toBe(false)
  })

  it('ends a review with the decision as it was, and tells the person why', async () => {
    const { reviewId, applicationId, decisionId } = await reviewed(500, 5000)
    const file = await office.needs.decisions.get(decisionId, undefined)
    await office.reassess(reviewId)
    office.setNow(startMs + dayMs)
    expect(await office.uphold(reviewId)).toMatchObject({
      state: ReviewState.REVIEW_STATE_UPHELD,
      words: 'It changes nothing.',
      replacedBy: '',
      endedAtMs: startMs + dayMs,
    })
    expect(await office.needs.decisions.get(decisionId, undefined)).toEqual(file)
    expect((await office.read(applicationId))?.messages).toMatchObject([
      { from: { who: { $case: 'agent' } }, text: expect.stringMatching(/It changes nothing\.$/) },
    ])
  })
})

describe('ListReviews', () => {
  it('refuses a page token of another list, and one that is none', async () => {
    await reviewed(500, 600)
    await reviewed(500, 600)
    const { nextPageToken } = await office.list({ pageSize: 1 })
    for (const pageToken of ['3-1', '1-x', 'NO', nextPageToken]) {
      const state = pageToken === nextPageToken ? ReviewState.REVIEW_STATE_OPEN : 0
      await expect(office.list({ state, pageToken })).rejects.toEqual(because('PAGE_TOKEN_MISMATCH'))
    }
    const { request } = listReviews(office.needs)
    const all = { state: 0, decisionId: '', pageSize: 0, pageToken: '' }
    for (const wrong of [{ state: 6 }, { decisionId: 'seven' }, { pageSize: 101 }])
      expect(request.safeParse({ ...all, ...wrong }).success).toBe(false)
  })

  it('shows first from what the person would gain, then what nobody knows, then the rest; alike in pages of one', async () => {
    const same = await reviewed(500, 600)
    await office.reassess(same.reviewId)
    const open = await reviewed(500, 600)
    const worse = await reviewed(500, 5000)
    await office.reassess(worse.reviewId)
    const unknown = await reviewed(500, 600)
    await office.reassess(unknown.reviewId, { bases: [] })
    const better = await reviewed(5000, 500, refusalMade())
    await office.reassess(better.reviewId)
    const expected = [better, open, unknown, same, worse].map(({ reviewId }) => reviewId)
    expect((await office.list()).reviews.map(({ reviewId }) => reviewId)).toEqual(expected)
    const paged: string[] = []
    let pageToken = ''
    do {
      const page = await office.list({ pageSize: 1, pageToken })
      paged.push(...page.reviews.map(({ reviewId }) => reviewId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(paged).toEqual(expected)
  })

  it('leaves out what has ended, unless it is asked for', async () => {
    const upheld = await ended()
    const open = await reviewed(500, 600)
    const ids = async (given: object) => (await office.list(given)).reviews.map(({ reviewId }) => reviewId)
    expect(await ids({})).toEqual([open.reviewId])
    expect(await ids({ decisionId: upheld.decisionId })).toEqual([])
    expect(await ids({ state: ReviewState.REVIEW_STATE_UPHELD })).toEqual([upheld.reviewId])
    expect(await ids({ state: ReviewState.REVIEW_STATE_UPHELD, decisionId: open.decisionId })).toEqual([])
  })

  it('shows until when the agency may take the decision back, and applies no such limit', async () => {
    const { reviewId, decisionId } = await reviewed(500, 5000)
    const limits = async () => (await office.reviewOf(decisionId)).limits
    expect(await limits()).toEqual([
      { title: { fr: 'w', en: 'w' }, lastDay: '2027-03-22', isOver: false, legalReference: 'article 1' },
    ])
    office.setNow(Date.parse('2027-03-23T09:00:00Z'))
    expect(await limits()).toMatchObject([{ isOver: true }])
    office.setNow(startMs)
    await office.reassess(reviewId)
  })

  it('keeps nothing of it in clear', async () => {
    const { reviewId } = await reviewed(500, 5000)
    await office.reassess(reviewId)
    const { rows } = await office.postgres.query<{ content: Buffer }>('SELECT content FROM review')
    expect(rows.map(({ content }) => content.includes('revenu') || content.includes('income'))).toEqual([false])
  })
})
