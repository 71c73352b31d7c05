import { type PivotIdentity, QuestionState } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type AuthorityFixture, apply, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import { members } from '../federation.fixture.js'
import { idToken, mother, twins } from '../people.fixture.js'
import { decideQuestion } from './decide-question.js'
import { getQuestion } from './get-question.js'
import { listMemberQuestions } from './list-member-questions.js'
import { listOpenQuestions } from './list-open-questions.js'
import { matchSubject } from './match-subject.js'
import { openLogin } from './open-login.js'

const staff = callBy({ kind: 'system', clientId: 'review-desk', scopes: ['register:review'] })
const doubtful = { ...mother, gender: '' }
const anyState = { state: QuestionState.QUESTION_STATE_UNSPECIFIED, pageSize: 0, pageToken: '' }
const open: AuthorityFixture[] = []
let authority: AuthorityFixture

beforeEach(async () => {
  authority = await openAuthority()
  open.push(authority)
  for (const pivot of [mother, ...twins]) await authority.stores.register.register(pivot, authority.clock.nowMs())
})
afterAll(() => Promise.all(open.map(({ postgres }) => postgres.close())))

const answerTo = async (pivot: PivotIdentity, member: MemberId = members.requester) =>
  (await ask(matchSubject(authority), { pivot }, callOf(member))).match?.answer
const questionAbout = async (pivot: PivotIdentity, member: MemberId = members.requester): Promise<string> => {
  const answer = await answerTo(pivot, member)
  if (answer?.$case !== 'askHuman') throw new Error('a question expected')
  return answer.value.questionId
}
const shown = (questionId: string) => ask(getQuestion(authority), { questionId }, staff)
const decide = (questionId: string, changes: object) =>
  apply(
    authority,
    decideQuestion(authority),
    { questionId, decidedBy: 'agent-12', why: 'Same birth certificate.', ...changes } as never,
    staff,
  )
const nobody = { decision: { $case: 'nobody', value: {} } }
const sameAs = (subject: string) => ({ decision: { $case: 'same', value: subject } })
const own = (member: MemberId) => ask(listMemberQuestions(authority), anyState, callOf(member))

describe('DecideQuestion', () => {
  it('refuses a question that nobody asked', async () => {
    await expect(decide('0b0e7a1c-6a8e-4d0e-8f7e-0c3c3c3c3c3c', nobody)).rejects.toMatchObject({
      reason: 'QUESTION_UNKNOWN',
    })
  })

  it('refuses somebody who could not be meant, and whoever is nobody’s pseudonym', async () => {
    const questionId = await questionAbout(doubtful)
    const [other] = await authority.stores.register.candidates(twins[0])
    const subject = authority.pseudonyms.of(other?.person ?? ('' as never), members.registry)
    const foreign = (await shown(questionId)).candidates[0]?.subject.replace(/^p1\.1/, 'p1.7') ?? ''
    for (const wrong of [subject, foreign])
      await expect(decide(questionId, sameAs(wrong))).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it.each([
    ['no reason', { why: ' ' }],
    ['nobody who decided', { decidedBy: '' }],
    ['no decision', { decision: undefined }],
  ])('refuses %s', (_, changes) => {
    const request = { questionId: '0b0e7a1c-6a8e-4d0e-8f7e-0c3c3c3c3c3c', decidedBy: 'a', why: 'why', ...nobody }
    expect(decideQuestion(authority).request.safeParse(request).success).toBe(true)
    expect(decideQuestion(authority).request.safeParse({ ...request, ...changes }).success).toBe(false)
  })

  it('refuses a second decision, also one that was taken while the first was not yet committed', async () => {
    const questionId = await questionAbout(doubtful)
    const request = { questionId, decision: { $case: 'nobody' as const, value: {} }, decidedBy: 'agent-9', why: 'Why.' }
    let second: Promise<unknown> = Promise.resolve()
    await authority.postgres.transaction(async (tx) => {
      await decideQuestion(authority).effect(request, staff, tx)
      second = decide(questionId, nobody).catch((error) => error)
      const waits = async () =>
        (
          await authority.postgres.query(
            `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM question%FOR UPDATE'
             AND application_name = current_setting('application_name')`,
          )
        ).rowCount
      await expect.poll(waits, { timeout: 5000, interval: 10 }).toBe(1)
    })
    expect(await second).toMatchObject({ reason: 'QUESTION_DECIDED' })
    expect((await shown(questionId)).decision?.decidedBy).toBe('agent-9')
  })

  it('is answered to the agency the next time it asks, which knows the person from then on', async () => {
    const questionId = await questionAbout(doubtful)
    const [candidate] = (await shown(questionId)).candidates
    await decide(questionId, sameAs(candidate?.subject ?? ''))
    const [held] = await authority.stores.register.candidates(mother)
    const person = held?.person ?? ('' as never)
    const subject = authority.pseudonyms.of(person, members.requester)
    expect(await authority.stores.acquaintances.membersOf(person)).toEqual([members.requester])
    expect(await answerTo(doubtful)).toEqual({ $case: 'subject', value: subject })
    expect((await own(members.requester)).questions).toMatchObject([
      { questionId, state: QuestionState.QUESTION_STATE_DECIDED, match: { answer: { value: subject } } },
    ])
    // Another agency asked nothing, and a human answered it nothing.
    expect(await answerTo(doubtful, members.provider)).toMatchObject({ $case: 'askHuman' })
  })

  it('lets a person log in at the portal whose identity was in doubt, and makes no acquaintance of the portal', async () => {
    // A homonym who has fewer given names could be meant as well.
    await authority.stores.register.register({ ...mother, givenName: 'Amélie' }, authority.clock.nowMs())
    const federatedToken = idToken(mother, { aud: 'portal-client' })
    const logIn = () => ask(openLogin(authority), { federatedToken }, callOf(members.portal))
    await expect(logIn()).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN', facts: { match: 'ask-human' } })
    const [question] = (await own(members.portal)).questions
    const { candidates } = await shown(question?.questionId ?? '')
    const candidate = candidates.find(({ pivot }) => pivot?.givenName === mother.givenName)
    await decide(question?.questionId ?? '', sameAs(candidate?.subject ?? ''))
    const { subject } = await logIn()
    const person = authority.pseudonyms.open(subject, members.portal)
    expect(person).toBe(authority.pseudonyms.open(candidate?.subject ?? '', members.registry))
    expect(await authority.stores.acquaintances.membersOf(person as never)).toEqual([])
  })

  it('that it is nobody holds until somebody is registered whom the human did not see', async () => {
    const questionId = await questionAbout(doubtful)
    await decide(questionId, nobody)
    expect(await answerTo(doubtful)).toEqual({ $case: 'different', value: {} })
    await authority.stores.register.register({ ...mother, birthplace: '29232' }, authority.clock.nowMs())
    expect(await answerTo(doubtful)).toEqual({ $case: 'different', value: {} })
    await authority.stores.register.register({ ...mother, givenName: 'Amélie' }, authority.clock.nowMs())
    expect(await questionAbout(doubtful)).toBe(questionId)
    expect((await shown(questionId)).decision).toBeUndefined()
  })

  it('keeps who decided, when and why, readable for the staff and for no reader of the table', async () => {
    const questionId = await questionAbout(doubtful)
    await decide(questionId, nobody)
    expect((await shown(questionId)).decision).toEqual({
      subject: '',
      clientId: 'review-desk',
      decidedBy: 'agent-12',
      why: 'Same birth certificate.',
      decidedAtMs: authority.clock.nowMs(),
    })
    const { rows } = await authority.postgres.query<{ row: string }>('SELECT question::text AS row FROM question')
    for (const text of ['Goff', 'certificate', '1988', Buffer.from('Goff').toString('hex')])
      expect(rows.map(({ row }) => row).join()).not.toContain(text)
  })
})

describe('a decision at the end of its retention', () => {
  it('is forgotten, and what is open stays', async () => {
    await decide(await questionAbout(doubtful), nobody)
    const open = await questionAbout({ ...twins[0], gender: '' })
    const now = authority.clock.nowMs()
    await authority.stores.questions.forgetDecidedBefore(now)
    expect((await own(members.requester)).questions).toHaveLength(2)
    await authority.stores.questions.forgetDecidedBefore(now + 1)
    expect((await own(members.requester)).questions.map(({ questionId }) => questionId)).toEqual([open])
  })
})

describe('GetQuestion', () => {
  it('refuses a question that nobody asked', async () => {
    await expect(shown('0b0e7a1c-6a8e-4d0e-8f7e-0c3c3c3c3c3c')).rejects.toMatchObject({ reason: 'QUESTION_UNKNOWN' })
  })

  it('shows the staff what was asked beside all who could be meant, and where they do not agree', async () => {
    const { question, candidates } = await shown(await questionAbout({ ...twins[0], givenName: 'Maël', gender: '' }))
    expect(question).toMatchObject({ member: members.requester, pivot: { givenName: 'Maël' } })
    expect(candidates).toMatchObject([{ pivot: twins[0], isDeceased: false, former: [], doubts: ['gender'] }])
    const [held] = await authority.stores.register.candidates(twins[0])
    expect(candidates[0]?.subject).not.toContain(held?.person)
    expect(candidates[0]?.subject).not.toBe(authority.pseudonyms.of(held?.person ?? ('' as never), members.requester))
  })
})

describe('the questions of an agency', () => {
  it('are its own, with what it asked and nothing of whom the register has', async () => {
    await questionAbout(doubtful)
    await questionAbout({ ...twins[0], gender: '' }, members.provider)
    const { questions } = await own(members.requester)
    expect(questions).toEqual([
      {
        questionId: expect.any(String),
        state: QuestionState.QUESTION_STATE_OPEN,
        pivot: doubtful,
        askedAtMs: authority.clock.nowMs(),
        decidedAtMs: 0,
      },
    ])
    expect((await own(members.stranger)).questions).toEqual([])
  })

  it('are asked once, however often', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => questionAbout(doubtful)))
    expect(new Set(ids).size).toBe(1)
    expect((await own(members.requester)).questions).toHaveLength(1)
  })
})

describe('ListOpenQuestions', () => {
  it('goes through all that are open, oldest first, page by page', async () => {
    const asked = []
    for (const [at, givenName] of ['Amélie A', 'Amélie B', 'Amélie C', 'Amélie D', 'Amélie E'].entries()) {
      authority.clock.seconds += at % 2
      asked.push(await questionAbout({ ...doubtful, givenName: 'Amélie Rose', preferredUsername: givenName }))
    }
    await decide(asked[1] ?? '', nobody)
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await ask(listOpenQuestions(authority), { pageSize: 2, pageToken }, staff)
      seen.push(...page.questions.map(({ questionId }) => questionId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect([...seen].sort()).toEqual(asked.filter((_, at) => at !== 1).sort())
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('refuses a page token that it did not give', () => {
    const { request } = listOpenQuestions(authority)
    for (const pageToken of ['1', 'x.y', '1.0b0e7a1c'])
      expect(request.safeParse({ pageSize: 1, pageToken }).success).toBe(false)
    expect(request.safeParse({ pageSize: 201, pageToken: '' }).success).toBe(false)
  })
})
