import { randomUUID } from 'node:crypto'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import {
  type AnswerContestRequest,
  type Contest,
  type ContestEvidenceRequest,
  ContestState,
  CorrectionOutcome,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Correcting,
  declareVersion,
  effectOf,
  exchangeOf,
  fund,
  join,
  openCorrecting,
  readOf,
  town,
  untilCarried,
} from '../corrections.fixture.js'
import { mostOpenContests } from '../domain/contest.js'
import { deleteAfterMs } from '../domain/exchange-record.js'
import { basis, members, person, portalTicket, startMs, ticket, types } from '../federation.fixture.js'
import { callFrom } from '../member.fixture.js'
import { type Register, startRegister } from '../register.fixture.js'
import { answerContest } from './answer-contest.js'
import { contestEvidence } from './contest-evidence.js'
import { getCorrectionReport } from './get-correction-report.js'
import { listContests } from './list-contests.js'
import { listOwnContests } from './list-own-contests.js'

let provider: Correcting
let requester: Correcting
let register: Register
beforeAll(async () => {
  register = await startRegister()
  provider = await openCorrecting(fund, { sources: { [types.household]: register.source } })
  requester = await openCorrecting(town)
  join(provider, requester)
})
afterAll(async () => {
  await Promise.all([provider.close(), requester.close()])
  await register.stop()
})

const { CONTEST_STATE_OPEN: open, CONTEST_STATE_UNSPECIFIED: any } = ContestState
const { CONTEST_STATE_CORRECTED: corrected, CONTEST_STATE_UPHELD: upheld } = ContestState

const statement = 'My daughter was born in March and is not in it.'
const wish = (name: string, given: Partial<ContestEvidenceRequest> = {}): ContestEvidenceRequest => ({
  ticket: portalTicket({ sub: person(name) }),
  basisId: basis('own-access'),
  contestId: randomUUID(),
  evidenceType: types.income,
  version: 1,
  field: 'amount',
  statement,
  ...given,
})
const contest = (name: string, given: Partial<ContestEvidenceRequest> = {}, from = members.desk) => {
  const rpc = contestEvidence(provider)
  const request = wish(name, given)
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callFrom(from, provider.clock))
}
/** A contest of a person's only income. */
const contested = async (name: string): Promise<string> => {
  await declareVersion(provider, name, 1, { amount: 1 })
  const contestId = randomUUID()
  await contest(name, { contestId })
  return contestId
}
const everything = { evidenceType: '', sinceMs: 0 }
const own = (
  name: string,
  pageSize = 0,
  pageToken = '',
  filters: Partial<typeof everything & { state: ContestState }> = {},
) =>
  listOwnContests(provider).handle(
    {
      ticket: portalTicket({ sub: person(name) }),
      basisId: basis('own-access'),
      pageSize,
      pageToken,
      state: any,
      ...everything,
      ...filters,
    },
    callFrom(members.desk, provider.clock),
  )
const listed = (state: ContestState = any, pageToken = '', pageSize = 0, filters: Partial<typeof everything> = {}) =>
  readOf(provider, listContests(provider), { state, pageSize, pageToken, ...everything, ...filters })
const allOf = async (state: ContestState = any, filters: Partial<typeof everything> = {}): Promise<Contest[]> => {
  const found: Contest[] = []
  let pageToken = ''
  for (;;) {
    const page = await listed(state, pageToken, 50, filters)
    if (page.contests.length === 0) return found
    found.push(...page.contests)
    pageToken = page.nextPageToken
  }
}
const answer = (request: AnswerContestRequest) => effectOf(provider, answerContest(provider), request)
const no: AnswerContestRequest['answer'] = {
  $case: 'upheld',
  value: {
    reasons: 'The birth was declared in April only.',
    remedies: 'Write to the board within two months.',
    routes: [],
  },
}
const yes = (firstVersion: number, lastVersion: number, correctedVersion: number): AnswerContestRequest['answer'] => ({
  $case: 'corrected',
  value: { firstVersion, lastVersion, correctedVersion },
})

describe('ContestEvidence', () => {
  it.each([
    ['that is none', () => 'no.ticket', 'TICKET_INVALID'],
    ['of another requester', () => portalTicket({ requester: members.stranger }), 'TICKET_MISUSED'],
    [
      'of a person who has not logged in',
      () => ticket({ requester: members.desk, purpose: personalAccessPurpose, basis: basis('own-access') }),
      'ASSURANCE_TOO_LOW',
    ],
  ])('refuses a ticket %s', async (_, made, reason) => {
    await expect(contest('ada', { ticket: made() })).rejects.toMatchObject({ reason })
  })

  it('refuses what says nothing, says too much, or points nowhere, as it reads the request', () => {
    const { request } = contestEvidence(provider)
    const refused: Partial<ContestEvidenceRequest>[] = [
      { statement: '' },
      { statement: ' \n ' },
      { statement: 'x'.repeat(2001) },
      { field: '__proto__' },
      { field: 'a..b' },
      { contestId: 'mine' },
      { version: 0 },
      { evidenceType: 'In Come' },
    ]
    for (const given of refused) expect(request.safeParse(wish('ada', given)).success).toBe(false)
    expect(request.safeParse(wish('ada', { field: '', statement: 'x'.repeat(2000) })).success).toBe(true)
  })

  it('refuses evidence that is not here, and a version that never was', async () => {
    await declareVersion(provider, 'held', 1, { amount: 1 })
    for (const given of [{ version: 2 }, { evidenceType: 'pension' }])
      await expect(contest('held', given)).rejects.toMatchObject({ reason: 'EVIDENCE_UNKNOWN' })
    await expect(contest('nobody')).rejects.toMatchObject({ reason: 'EVIDENCE_UNKNOWN' })
  })

  it('refuses another contest under an id in use, and another person’s', async () => {
    const contestId = await contested('taken')
    await declareVersion(provider, 'eve', 1, { amount: 1 })
    for (const again of [() => contest('taken', { contestId, field: 'year' }), () => contest('eve', { contestId })])
      await expect(again()).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('keeps one contest, however often it is sent', async () => {
    const contestId = await contested('again')
    provider.clock.advance(1000)
    expect(await contest('again', { contestId: contestId.toUpperCase() })).toEqual({
      contestedAtMs: provider.clock.nowMs() - 1000,
    })
    expect((await own('again')).contests).toHaveLength(1)
  })

  it('refuses more than may wait for one person, also all at once, until one is answered', async () => {
    const first = await contested('many')
    const rest = await Promise.allSettled(Array.from({ length: mostOpenContests + 3 }, () => contest('many')))
    const refused = rest.filter((each) => each.status === 'rejected')
    expect(refused).toHaveLength(4)
    for (const { reason } of refused) expect(reason).toMatchObject({ reason: 'CONTEST_LIMIT_REACHED' })
    await answer({ contestId: first, answer: no })
    await contest('many')
  })

  it('takes the version of a register as the person read it there', async () => {
    const contestId = randomUUID().toUpperCase()
    await contest('registered', { contestId, evidenceType: types.household, version: 40, field: '' })
    expect((await own('registered')).contests).toMatchObject([{ version: 40, field: '', state: open }])
  })

  it('stores nothing of it readable', async () => {
    const contestId = await contested('encrypted')
    const { rows } = await provider.runtime.postgres.query<{ content: Buffer; row: string }>(
      'SELECT content, contest::text AS row FROM contest WHERE contest_id = $1',
      [contestId],
    )
    const stored = `${rows[0]?.content.toString('latin1')} ${rows[0]?.row}`
    expect(stored).toContain(person('encrypted'))
    for (const word of ['daughter', 'amount', types.income]) expect(stored).not.toContain(word)
    await provider.subjectKeys.forget(person('encrypted'))
    expect((await own('encrypted')).contests).toEqual([])
    expect((await allOf()).map((each) => each.contestId)).not.toContain(contestId)
    const again = contest('encrypted', { contestId })
    await expect(again).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
    await expect(answer({ contestId, answer: no })).rejects.toMatchObject({ reason: 'CONTEST_UNKNOWN' })
  })
})

describe('ListOwnContests', () => {
  it('shows nobody another person’s, and no name of the agency’s', async () => {
    await contested('hers')
    expect((await own('his')).contests).toEqual([])
    expect((await own('hers')).contests).toMatchObject([
      { subject: '', reportId: '', evidenceType: types.income, field: 'amount', statement, state: open },
    ])
  })

  it('refuses a ticket that is none', async () => {
    const asked = {
      ticket: 'no.ticket',
      basisId: basis('own-access'),
      pageSize: 0,
      pageToken: '',
      state: any,
      ...everything,
    }
    await expect(listOwnContests(provider).handle(asked, callFrom(members.desk, provider.clock))).rejects.toMatchObject(
      { reason: 'TICKET_INVALID' },
    )
  })

  it('goes through all of them, newest first, however long they are', async () => {
    await declareVersion(provider, 'long', 1, { amount: 1 })
    const sent: string[] = []
    for (let n = 0; n < mostOpenContests; n++) {
      sent.unshift(randomUUID())
      await contest('long', { contestId: sent[0] as string, statement: '漢'.repeat(2000) })
    }
    const seen: string[] = []
    let pageToken = ''
    let pages = 0
    do {
      const page = await own('long', 50, pageToken)
      seen.push(...page.contests.map(({ contestId }) => contestId))
      pageToken = page.nextPageToken
      pages++
    } while (pageToken !== '')
    expect(seen).toEqual(sent)
    expect(pages).toBeGreaterThan(1)
  })
})

describe('filters of contests', () => {
  it('refuse a type that is none, and a page token of other filters', async () => {
    const nonsense = { evidenceType: 'nonsense' }
    for (const asked of [() => own('filters', 0, '', nonsense), () => listed(any, '', 0, nonsense)])
      await expect(asked()).rejects.toMatchObject({ reason: 'FILTER_UNKNOWN' })
    await contested('filters')
    const { nextPageToken } = await listed(open, '', 1)
    for (const [state, filters] of [
      [any, {}],
      [open, { evidenceType: types.income }],
    ] as const)
      await expect(listed(state, nextPageToken, 0, filters)).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    const token = nextPageToken.replace(/~.*/, '')
    await expect(own('filters', 0, token, { state: open })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
  })

  it('leave out other types and what came before', async () => {
    const contestId = await contested('filtered')
    const nowMs = Math.floor(provider.clock.nowMs())
    const ids = (page: { contests: Contest[] }) => page.contests.map((one) => one.contestId)
    expect(ids(await own('filtered', 0, '', { evidenceType: types.income, state: open }))).toEqual([contestId])
    expect(ids(await own('filtered', 0, '', { evidenceType: types.household }))).toEqual([])
    expect(ids(await own('filtered', 0, '', { sinceMs: nowMs + 1 }))).toEqual([])
    const found = await allOf(open, { evidenceType: types.income, sinceMs: nowMs })
    expect(ids({ contests: found })).toContain(contestId)
    expect(new Set(found.map(({ evidenceType }) => evidenceType))).toEqual(new Set([types.income]))
    const others = await allOf(any, { evidenceType: types.household })
    expect(others.filter(({ evidenceType }) => evidenceType !== types.household)).toEqual([])
    expect(ids(await listed(any, '', 50, { sinceMs: nowMs + 1 }))).toEqual([])
  })
})

describe('ListContests', () => {
  it('refuses a state and a token that are none', () => {
    const { request } = listContests(provider)
    for (const given of [{ state: 9 }, { pageToken: 'x' }, { pageSize: 51 }])
      expect(request.safeParse({ state: any, pageSize: 0, pageToken: '', ...everything, ...given }).success).toBe(false)
    expect(request.safeParse({ state: any, pageSize: 0, pageToken: '', ...everything }).success).toBe(true)
  })

  it('goes on from where it was, in the order in which they came', async () => {
    let { nextPageToken } = await listed(open, '', 1)
    for (let page = await listed(open, nextPageToken, 50); page.contests.length > 0; ) {
      nextPageToken = page.nextPageToken
      page = await listed(open, nextPageToken, 50)
    }
    const sent = [await contested('first'), await contested('second')]
    const seen: string[] = []
    for (const _ of sent) {
      const page = await listed(open, nextPageToken, 1)
      seen.push(...page.contests.map(({ contestId }) => contestId))
      nextPageToken = page.nextPageToken
    }
    expect(seen).toEqual(sent)
  })

  it('names the person to the agency, and only what is in the state asked for', async () => {
    const contestId = await contested('named')
    const found = (await allOf(open)).find((each) => each.contestId === contestId)
    expect(found).toMatchObject({ subject: person('named'), statement, version: 1 })
    await answer({ contestId, answer: no })
    const ids = async (state: ContestState) => (await allOf(state)).map((each) => each.contestId)
    expect(await ids(open)).not.toContain(contestId)
    expect(await ids(upheld)).toContain(contestId)
  })
})

describe('AnswerContest', () => {
  it('refuses a contest that is none', async () => {
    await expect(answer({ contestId: randomUUID(), answer: no })).rejects.toMatchObject({ reason: 'CONTEST_UNKNOWN' })
  })

  it('refuses no answer, and a no without reasons or remedies, as it reads the request', () => {
    const { request } = answerContest(provider)
    const refused: AnswerContestRequest['answer'][] = [
      undefined,
      { $case: 'upheld', value: { reasons: 'No.', remedies: 'Write to the board within two months.', routes: [] } },
      { $case: 'upheld', value: { reasons: 'The birth was declared in April.', remedies: ' '.repeat(30), routes: [] } },
      yes(2, 1, 3),
    ]
    for (const given of refused)
      expect(request.safeParse({ contestId: randomUUID(), answer: given }).success).toBe(false)
    expect(request.safeParse({ contestId: randomUUID(), answer: no }).success).toBe(true)
  })

  it('refuses a correction that leaves the contested version as it is, and then it is still open', async () => {
    const contestId = await contested('beside')
    for (const version of [2, 3]) await declareVersion(provider, 'beside', version, { amount: version })
    const beside = answer({ contestId, answer: yes(2, 2, 3) })
    await expect(beside).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
    const never = answer({ contestId, answer: yes(1, 1, 9) })
    await expect(never).rejects.toMatchObject({ reason: 'EVIDENCE_UNKNOWN' })
    expect((await own('beside')).contests).toMatchObject([{ state: open }])
  })

  it('refuses a second answer', async () => {
    const contestId = await contested('once')
    await answer({ contestId, answer: no })
    await expect(answer({ contestId, answer: yes(1, 1, 0) })).rejects.toMatchObject({ reason: 'CONTEST_ANSWERED' })
  })

  it('shows the person why it was upheld, the remedies, and where a human is', async () => {
    const contestId = await contested('told-no')
    const { answeredAtMs, reportId } = await answer({ contestId, answer: no })
    expect(reportId).toBe('')
    const [seen] = (await own('told-no')).contests
    expect(seen).toMatchObject({ state: upheld, answeredAtMs, upheld: { reasons: no.value.reasons } })
    expect(seen?.upheld?.remedies).toBe('Write to the board within two months.')
    expect(seen?.upheld?.routes.map(({ kind }) => kind)).toContain('counter')
  })

  it('corrects: the person sees it, every past recipient hears it and answers', async () => {
    const contestId = await contested('right')
    const exchangeId = await exchangeOf({ provider, requester, name: 'right' })
    await declareVersion(provider, 'right', 2, { amount: 2 })
    const { reportId } = await answer({ contestId, answer: yes(1, 1, 2) })
    expect((await own('right')).contests).toMatchObject([
      { state: corrected, corrected: { firstVersion: 1, lastVersion: 1, correctedVersion: 2 } },
    ])
    await untilCarried(provider, town)
    const all = { listed: 'all', exchangeId } as const
    expect(await requester.receivedCorrections.after(0, all, 10)).toMatchObject([{ wrongVersion: 1 }])
    const { told } = await readOf(provider, getCorrectionReport(provider), { reportId, pageSize: 0, pageToken: '' })
    expect(told).toMatchObject([{ exchangeId, outcome: CorrectionOutcome.CORRECTION_OUTCOME_UNSPECIFIED }])
  })
})

describe('contests', () => {
  it('wait as long as it takes, and are kept for 36 months once they are answered', async () => {
    const contestId = await contested('retained')
    const farMs = startMs + 100 * 365 * 86_400_000
    await provider.contests.deleteEnded(farMs)
    expect((await own('retained')).contests).toHaveLength(1)
    const { answeredAtMs } = await answer({ contestId, answer: no })
    await provider.contests.deleteEnded(deleteAfterMs(answeredAtMs) - 1)
    expect((await own('retained')).contests).toHaveLength(1)
    await provider.contests.deleteEnded(deleteAfterMs(answeredAtMs))
    expect((await own('retained')).contests).toEqual([])
  })
})
