import { randomBytes } from 'node:crypto'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { basisIdFrom, type MemberId } from '@unefois/proto/ids'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type AuthorityFixture, apply, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import type { PersonId } from '../domain/person.js'
import { members, purpose } from '../federation.fixture.js'
import { idToken, mother, twins } from '../people.fixture.js'
import { correctPerson } from './correct-person.js'
import { issueTicket } from './issue-ticket.js'
import { matchSubject } from './match-subject.js'
import { mergePersons } from './merge-persons.js'
import { openLogin } from './open-login.js'
import { recordDeath } from './record-death.js'
import { registerPerson } from './register-person.js'
import { splitPerson } from './split-person.js'

const staff = callBy({ kind: 'system', clientId: 'civil-register', scopes: ['register:write', 'register:review'] })
const because = { decidedBy: 'agent-12', why: 'Act of the civil register.' }
const { requester, provider } = members
const elder = { ...mother, givenName: 'Amélie Rose Anne' }
const open: AuthorityFixture[] = []
let authority: AuthorityFixture
beforeEach(async () => {
  authority = await openAuthority()
  open.push(authority)
})
afterAll(() => Promise.all(open.map(({ postgres }) => postgres.close())))

const enter = async (pivot: PivotIdentity): Promise<string> =>
  (await ask(registerPerson(authority), { pivot }, staff)).subject
const answerTo = async (pivot: PivotIdentity, member: MemberId = requester) =>
  (await ask(matchSubject(authority), { pivot }, callOf(member))).match?.answer
const subjectOf = async (pivot: PivotIdentity, member: MemberId = requester): Promise<string> => {
  const answer = await answerTo(pivot, member)
  if (answer?.$case !== 'subject') throw new Error('a match expected')
  return answer.value
}
const ticketFor = (subject: string) =>
  ask(
    issueTicket(authority),
    { subject, provider, purpose, basisId: basisIdFrom(randomBytes(16)), loginHandle: '' },
    callOf(requester),
  )
const logIn = (pivot: PivotIdentity) => ask(openLogin(authority), { federatedToken: idToken(pivot) }, callOf(requester))
const merge = (from: string, into: string) =>
  apply(authority, mergePersons(authority), { from, into, ...because }, staff)
const split = (subject: string, pivots: PivotIdentity[]) =>
  apply(authority, splitPerson(authority), { subject, pivots, ...because }, staff)
const die = (subject: string, deceasedOn = '2026-11-02') =>
  apply(authority, recordDeath(authority), { subject, deceasedOn, ...because }, staff)
const correct = (subject: string, pivot: PivotIdentity) =>
  apply(authority, correctPerson(authority), { subject, pivot, ...because }, staff)
/** Two entries, and the requester's own pseudonym of the first. */
const twoEntries = async () => {
  const from = await enter(mother)
  const known = await subjectOf(mother)
  return { from, known, into: await enter(elder) }
}

describe('MergePersons', () => {
  it('refuses an entry with itself, an agency’s pseudonym, and whoever is nobody', async () => {
    const { from, known } = await twoEntries()
    await expect(merge(from, from)).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
    await expect(merge(known, from)).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
    await expect(merge(from, `p1.1.${'A'.repeat(22)}`)).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it('refuses to merge again what is one person already, and two that cross each other', async () => {
    const { from, into } = await twoEntries()
    const outcomes = await Promise.allSettled([merge(from, into), merge(into, from)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(merge(from, into)).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
  })

  it('keeps tickets, logins and matching of the first entry going, as the second', async () => {
    const from = await enter(mother)
    const known = await subjectOf(mother)
    const { loginHandle } = await logIn(mother)
    const into = await enter(elder)
    await merge(from, into)
    const person = authority.pseudonyms.open(into, members.registry)
    expect((await ticketFor(known)).ticket).not.toBe('')
    expect((await authority.stores.logins.find(loginHandle))?.person).toBe(person)
    expect(authority.pseudonyms.open((await logIn(mother)).subject, requester)).toBe(person)
    for (const pivot of [mother, elder])
      expect(authority.pseudonyms.open(await subjectOf(pivot, provider), provider)).toBe(person)
    expect(await authority.stores.acquaintances.membersOf(person as never)).toEqual([provider, requester])
    expect(await enter(mother)).toBe(into)
  })

  it('lets no member meet the first entry while it is being merged, or it would not be told', async () => {
    const { from, into } = await twoEntries()
    const person = (subject: string) => authority.pseudonyms.open(subject, members.registry) as PersonId
    const met: PromiseSettledResult<PersonId[]>[] = []
    let meeting: Promise<unknown> = Promise.resolve()
    await authority.postgres.transaction(async (tx) => {
      await mergePersons(authority).effect({ from, into, ...because }, staff, tx)
      meeting = Promise.allSettled([
        authority.inTransaction((stores) => stores.acquaintances.record([person(from)], provider, 0)),
      ]).then((outcomes) => met.push(...outcomes))
      const waits = async () =>
        (
          await authority.postgres.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                                         AND query LIKE '%FOR KEY SHARE%' AND application_name = current_setting('application_name')`)
        ).rowCount
      await expect.poll(waits, { timeout: 5000, interval: 10 }).toBe(1)
    })
    await meeting
    expect(met).toMatchObject([{ status: 'rejected', reason: { reason: 'UNAVAILABLE' } }])
    expect(await authority.stores.acquaintances.membersOf(person(into))).toEqual([requester])
  })

  it('keeps what the first was registered as, so that who asks by it finds the second', async () => {
    const otherName = { ...mother, familyName: 'Kerbrat', givenName: 'Yuna' }
    const [from, into] = [await enter(otherName), await enter(mother)]
    await merge(from, into)
    expect(await subjectOf(otherName)).toBe(await subjectOf(mother))
  })

  it('leads through several merges to the one who stands', async () => {
    const { from, known, into } = await twoEntries()
    const last = await enter({ ...mother, givenName: 'Amélie Rose Anne Yvonne' })
    await merge(from, into)
    await merge(into, last)
    expect((await ticketFor(known)).ticket).not.toBe('')
    expect(await enter(mother)).toBe(last)
  })

  it('is recorded with who, when and why, of which the table tells no reader the last', async () => {
    const { from, into } = await twoEntries()
    await merge(from, into)
    const { rows } = await authority.postgres.query('SELECT kind, client_id, decided_by, at_ms, why FROM person_change')
    expect(rows).toEqual([
      {
        kind: 'merged',
        client_id: 'civil-register',
        decided_by: 'agent-12',
        at_ms: authority.clock.nowMs(),
        why: expect.any(Buffer),
      },
    ])
    expect(String(rows[0]?.why)).not.toContain('civil')
  })
})

describe('SplitPerson', () => {
  it('refuses less than two people, and the same one twice', () => {
    const request = { subject: `p1.1.${'A'.repeat(22)}`, ...because }
    const accepts = (pivots: PivotIdentity[]) =>
      splitPerson(authority).request.safeParse({ ...request, pivots }).success
    expect(accepts([...twins])).toBe(true)
    for (const pivots of [[], [mother], [mother, { ...mother, familyName: 'LE GOFF D YS' }]])
      expect(accepts(pivots)).toBe(false)
  })

  it('refuses tickets by a pseudonym that stood for two, until the agency has enrolled each again', async () => {
    const subject = await enter(mother)
    const known = await subjectOf(mother)
    await logIn(mother)
    const other = { ...mother, givenName: 'Solenn Rose' }
    const { subjects } = await split(subject, [mother, other])
    await expect(ticketFor(known)).rejects.toMatchObject({ reason: 'SUBJECT_SPLIT' })
    await expect(split(subject, [mother, other])).rejects.toMatchObject({ reason: 'SUBJECT_SPLIT' })
    const again = await Promise.all([mother, other].map((pivot) => subjectOf(pivot)))
    expect(new Set([known, ...again]).size).toBe(3)
    expect(again.map((each) => authority.pseudonyms.open(each, requester))).toEqual(
      subjects.map((each) => authority.pseudonyms.open(each, members.registry)),
    )
    expect((await ticketFor(again[1] ?? '')).ticket).not.toBe('')
    // The account is asked again whose it is.
    expect((await logIn(mother)).subject).toBe(again[0])
  })
})

describe('RecordDeath', () => {
  it('refuses a day that is none', () => {
    const request = { subject: `p1.1.${'A'.repeat(22)}`, ...because }
    for (const deceasedOn of ['2026-02-30', '2026-00-00', 'yesterday'])
      expect(recordDeath(authority).request.safeParse({ ...request, deceasedOn }).success).toBe(false)
  })

  it('refuses tickets and logins of the dead, and asks a human about whoever comes as them', async () => {
    const subject = await enter(mother)
    const known = await subjectOf(mother)
    const { loginHandle } = await logIn(mother)
    await die(subject)
    await expect(ticketFor(known)).rejects.toMatchObject({ reason: 'SUBJECT_DECEASED' })
    await expect(logIn(mother)).rejects.toMatchObject({ reason: 'SUBJECT_DECEASED' })
    expect(await authority.stores.logins.find(loginHandle)).toBeUndefined()
    expect(await answerTo(mother)).toMatchObject({ $case: 'askHuman' })
  })

  it('is taken back when it was a mistake', async () => {
    const subject = await enter(mother)
    const known = await subjectOf(mother)
    await die(subject)
    await die(subject, '')
    expect((await ticketFor(known)).ticket).not.toBe('')
    expect(await subjectOf(mother)).toBe(known)
  })
})

describe('CorrectPerson', () => {
  it('refuses a pivot identity that another entry has, and an incomplete one', async () => {
    const { from } = await twoEntries()
    await expect(correct(from, elder)).rejects.toMatchObject({ reason: 'PIVOT_TAKEN' })
    const { request } = correctPerson(authority)
    expect(request.safeParse({ subject: from, pivot: { ...mother, gender: '' }, ...because }).success).toBe(false)
  })

  it('keeps the pseudonym, knows the person by either identity, and asks a human about a mixture', async () => {
    const subject = await enter(mother)
    const known = await subjectOf(mother)
    const now = { ...mother, givenName: 'Erwan Rose', familyName: 'Le Goff', gender: 'male' }
    await correct(subject, now)
    for (const pivot of [mother, now]) expect(await subjectOf(pivot)).toBe(known)
    expect(await answerTo({ ...now, gender: 'female' })).toMatchObject({ $case: 'askHuman' })
    expect(await enter(now)).toBe(subject)
  })

  it('back to what was registered before leaves one person', async () => {
    const subject = await enter(mother)
    const known = await subjectOf(mother)
    await correct(subject, { ...mother, givenName: 'Solenn' })
    await correct(subject, mother)
    expect(await subjectOf(mother)).toBe(known)
    expect(await enter(mother)).toBe(subject)
  })
})
