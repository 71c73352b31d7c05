import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { authorityAskedBy } from '../agency.fixture.js'
import { type AuthorityFixture, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import { members } from '../federation.fixture.js'
import { mother, twins } from '../people.fixture.js'
import { enrolSubjects } from './enrol-subjects.js'
import { matchSubject } from './match-subject.js'
import { matchSubjects } from './match-subjects.js'

const open: AuthorityFixture[] = []
let authority: AuthorityFixture
beforeEach(async () => {
  authority = { ...(await openAuthority()), quotaOf: (member) => (member === members.provider ? 0 : 6) }
  open.push(authority)
  for (const pivot of [mother, ...twins]) await authority.stores.register.register(pivot, authority.clock.nowMs())
})
afterAll(() => Promise.all(open.map(({ postgres }) => postgres.close())))

const unknown = { ...mother, birthdate: '1988-03-10' }
const doubtful = { ...mother, gender: '' }
const match = (pivots: (typeof mother)[], member = members.requester) =>
  ask(matchSubjects(authority), { pivots }, callOf(member))
const made = (count: number) => Array.from({ length: count }, (_, at) => ({ ...mother, familyName: `Essai ${at}` }))
const days = async () =>
  (await authority.postgres.query('SELECT asked, same, different, ask_human, refused FROM asking_day')).rows

describe('MatchSubjects', () => {
  it('refuses more than 500, and none', () => {
    const { request } = matchSubjects(authority)
    expect(request.safeParse({ pivots: made(501) }).success).toBe(false)
    expect(request.safeParse({ pivots: [] }).success).toBe(false)
    expect(request.safeParse({ pivots: made(500) }).success).toBe(true)
  })

  it('refuses what is above the quota of the day whole, loses nothing, and answers the rest of the day’s quota', async () => {
    await expect(match(made(7))).rejects.toMatchObject({ reason: 'ENROLMENT_QUOTA_REACHED', facts: { quota: '6' } })
    expect(await days()).toEqual([{ asked: 0, same: 0, different: 0, ask_human: 0, refused: 1 }])
    expect(await match(made(6))).toMatchObject({ leftToday: 0 })
    await expect(match([mother])).rejects.toMatchObject({ reason: 'ENROLMENT_QUOTA_REACHED' })
    expect((await authority.postgres.query('SELECT 1 FROM acquaintance')).rowCount).toBe(0)
    authority.clock.seconds += 86_400
    expect(await match([mother])).toMatchObject({ leftToday: 5 })
  })

  it('refuses a member whose quota is nothing, while others go on', async () => {
    await expect(match([mother], members.provider)).rejects.toMatchObject({ reason: 'ENROLMENT_QUOTA_REACHED' })
    expect((await match([mother])).matches).toHaveLength(1)
  })

  it('counts one person at a time towards the same quota, so that asking singly is no way round it', async () => {
    await match(made(5))
    await ask(matchSubject(authority), { pivot: mother }, callOf(members.requester))
    const again = ask(matchSubject(authority), { pivot: twins[0] }, callOf(members.requester))
    await expect(again).rejects.toMatchObject({ reason: 'ENROLMENT_QUOTA_REACHED' })
  })

  it('counts a retry once, also when several arrive together', async () => {
    const pivots = [mother, unknown, doubtful]
    const answers = await Promise.all([1, 2, 3].map(() => match(pivots)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]).toMatchObject({ leftToday: 3 })
    expect(await days()).toMatchObject([{ asked: 3 }])
  })

  it('holds the quota when many ask at once', async () => {
    const outcomes = await Promise.allSettled(made(10).map((pivot) => match([pivot])))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(6)
  })

  it('answers each in its place: same, different, ask a human', async () => {
    const { matches } = await match([unknown, mother, doubtful, twins[1]])
    expect(matches.map(({ answer }) => answer?.$case)).toEqual(['different', 'subject', 'askHuman', 'subject'])
    const single = await ask(matchSubject(authority), { pivot: mother }, callOf(members.requester))
    expect(matches[1]).toEqual(single.match)
    expect(await days()).toEqual([{ asked: 4, same: 3, different: 1, ask_human: 1, refused: 0 }])
  })

  it('logs how many, and never who', async () => {
    await match([mother, doubtful])
    const lines = authority.logged.join('')
    expect(lines).toContain('"asked":2')
    for (const text of ['Goff', 'Amélie', '1988', 'p1.1']) expect(lines).not.toContain(text)
  })

  it('forgets what was asked after a day, and keeps the counts', async () => {
    await match([mother])
    await authority.stores.askings.forgetPast(authority.clock.nowMs() + 2 * 86_400_000)
    expect((await authority.postgres.query('SELECT 1 FROM asked_pivot')).rowCount).toBe(0)
    expect(await days()).toMatchObject([{ asked: 1 }])
  })
})

describe('EnrolSubjects', () => {
  const system = callBy({ kind: 'system', clientId: 'desk', scopes: ['identity:enrol'] })
  const rpc = () => enrolSubjects({ authority: authorityAskedBy(authority, members.requester) })
  const entry = (reference: string, pivot: typeof mother) => ({ reference, pivot })

  it('refuses a reference twice, and an entry without a pivot identity', () => {
    const { request } = rpc()
    expect(request.safeParse({ entries: [entry('1', mother), entry('1', unknown)] }).success).toBe(false)
    expect(request.safeParse({ entries: [{ reference: '1' }] }).success).toBe(false)
    expect(request.safeParse({ entries: [{ reference: 'file of Ms Le Goff', pivot: mother }] }).success).toBe(false)
  })

  it('refuses what the authority refuses, with its reason', async () => {
    const entries = made(7).map((pivot, at) => entry(`${at}`, pivot))
    await expect(ask(rpc(), { entries }, system)).rejects.toMatchObject({ reason: 'ENROLMENT_QUOTA_REACHED' })
  })

  it('answers each entry under its own reference', async () => {
    const answer = await ask(rpc(), { entries: [entry('file-7', unknown), entry('file-3', mother)] }, system)
    expect(answer).toMatchObject({
      entries: [
        { reference: 'file-7', match: { answer: { $case: 'different' } } },
        { reference: 'file-3', match: { answer: { $case: 'subject' } } },
      ],
      leftToday: 4,
    })
  })
})
