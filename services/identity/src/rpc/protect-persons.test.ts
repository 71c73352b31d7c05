import { randomBytes, randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { PivotIdentity, SubjectProtected } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { ProtectionGround } from '@unefois/proto/gen/unefois/identity/v1/protection'
import { basisIdFrom, type MemberId } from '@unefois/proto/ids'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { announceEpoch } from '../announce-epoch.js'
import { type AuthorityFixture, apply, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import { members, purpose } from '../federation.fixture.js'
import { carryTo, type MemberFixture, openMember, system } from '../member.fixture.js'
import { idToken, mother, twins } from '../people.fixture.js'
import { Pseudonyms } from '../pseudonyms.js'
import { endPersonProtection } from './end-person-protection.js'
import { issueTicket } from './issue-ticket.js'
import { listIdentityEvents } from './list-identity-events.js'
import { listMembersOfPerson } from './list-members-of-person.js'
import { matchSubject } from './match-subject.js'
import { mergePersons } from './merge-persons.js'
import { openLogin } from './open-login.js'
import { protectPersons } from './protect-persons.js'
import { registerPerson } from './register-person.js'
import { splitPerson } from './split-person.js'

const staff = callBy({ kind: 'system', clientId: 'civil-register', scopes: ['people:protect', 'register:review'] })
const because = { decidedBy: 'agent-12', why: 'The order was lifted.' }
const { requester, provider, portal } = members
const dayMs = 24 * 3600 * 1000
const open: { postgres: { close(): Promise<void> } }[] = []
let authority: AuthorityFixture
let told: ReadonlyMap<MemberId, MemberFixture>
beforeEach(async () => {
  authority = await openAuthority()
  told = new Map([
    [requester, await openMember(['documents'])],
    [provider, await openMember(['documents'])],
  ])
  open.push(authority, ...told.values())
  carryTo(authority, told)
})
afterAll(() => Promise.all(open.map(({ postgres }) => postgres.close())))

const dayIn = (days: number): string => new Date(authority.clock.nowMs() + days * dayMs).toISOString().slice(0, 10)
const enter = async (pivot: PivotIdentity): Promise<string> =>
  (await ask(registerPerson(authority), { pivot }, staff)).subject
const subjectOf = async (pivot: PivotIdentity, member: MemberId): Promise<string> => {
  const { match } = await ask(matchSubject(authority), { pivot }, callOf(member))
  if (match?.answer?.$case !== 'subject') throw new Error('a match expected')
  return match.answer.value
}
const protection = (subjects: string[], changes: object = {}) => ({
  protectionId: randomUUID(),
  subjects,
  ground: ProtectionGround.PROTECTION_GROUND_PROTECTION_ORDER,
  reference: 'RG 26/01234 Châlons',
  until: dayIn(100),
  decidedBy: 'agent-12',
  ...changes,
})
const protect = (asked: ReturnType<typeof protection>, call: Call = staff) =>
  ask(protectPersons(authority), { protection: asked }, call)
const end = (protectionId: string, call: Call = staff) =>
  ask(endPersonProtection(authority), { protectionId, ...because }, call)

/** What a member was told of protections, once everything has been carried; `undefined` for an end. */
const heard = async (member: MemberId): Promise<(SubjectProtected | undefined)[]> => {
  const carried = async () => (await authority.postgres.query('SELECT 1 FROM outbox')).rowCount
  authority.outbox.wake()
  await expect.poll(carried, { timeout: 5000, interval: 10 }).toBe(0)
  const of = told.get(member) as MemberFixture
  const call = callBy({ kind: 'system', clientId: 'desk', scopes: ['identity:enrol', 'people:protect'] })
  const { events } = await ask(listIdentityEvents(of), { pageSize: 200, pageToken: '' }, call)
  return events.flatMap(({ change }) => {
    if (change?.change?.$case === 'subjectProtected') return [change.change.value]
    return change?.change?.$case === 'subjectProtectionEnded' ? [undefined] : []
  })
}

describe('ProtectPersons', () => {
  it('refuses a protection without end, one that is over, one of more than a year, no ground, no reference', async () => {
    const subject = await enter(mother)
    const accepts = (changes: object) =>
      protectPersons(authority).request.safeParse({ protection: protection([subject], changes) }).success
    expect(accepts({})).toBe(true)
    for (const changes of [
      { until: '' },
      { until: '2026-02-30' },
      { ground: 0 },
      { ground: 6 },
      { reference: ' ' },
      { subjects: [] },
      { subjects: [subject, subject] },
      { protectionId: randomUUID().toUpperCase() },
      { decidedBy: '' },
    ])
      expect(accepts(changes)).toBe(false)
    for (const until of [dayIn(-2), dayIn(370)])
      await expect(protect(protection([subject], { until }))).rejects.toMatchObject({
        reason: 'REQUEST_INVALID',
        facts: { field: 'protection.until' },
      })
  })

  it('refuses another’s pseudonym, whoever asks, and records nothing then', async () => {
    const subject = await enter(mother)
    const known = await subjectOf(mother, requester)
    await expect(protect(protection([known]))).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
    await expect(protect(protection([subject]), callOf(requester))).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
    await expect(protect(protection([known]), callOf(provider))).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
    expect((await authority.postgres.query('SELECT 1 FROM protection')).rowCount).toBe(0)
  })

  it('refuses the id of another protection, and changes nothing when the same comes again', async () => {
    const subject = await enter(mother)
    await subjectOf(mother, requester)
    const asked = protection([subject])
    const first = await protect(asked)
    expect(await protect(asked)).toEqual(first)
    await expect(protect({ ...asked, until: dayIn(50) })).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
    await expect(protect({ ...asked, subjects: [await enter(twins[0])] })).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    })
    expect(await heard(requester)).toHaveLength(1)
  })

  it('tells whoever knows the person until when, by its own pseudonyms and a mark of its own, and nothing of the reason', async () => {
    const [subject, child] = [await enter(mother), await enter(twins[0])]
    const known = new Map<MemberId, string>()
    for (const member of [requester, provider]) known.set(member, await subjectOf(mother, member))
    const atProvider = await subjectOf(twins[0], provider)
    const asked = protection([subject, child])
    const { endsAtMs } = await protect(asked)
    expect(new Date(endsAtMs).toISOString()).toBe(`${dayIn(101)}T12:00:00.000Z`)
    const [first] = await heard(requester)
    const both = await heard(provider)
    expect(first).toMatchObject({ subjects: [known.get(requester)], untilMs: endsAtMs })
    expect(both.map((each) => each?.subjects[0]).sort()).toEqual([known.get(provider), atProvider].sort())
    expect(both[0]?.together).toEqual(both[1]?.together)
    expect(first?.together).not.toEqual(both[0]?.together)
    const said = JSON.stringify([first, both, authority.logged])
    for (const secret of ['RG 26', 'Châlons', 'agent-12', known.get(requester) as string])
      expect(JSON.stringify(authority.logged)).not.toContain(secret)
    for (const secret of ['RG 26', 'Châlons', asked.protectionId])
      expect(JSON.stringify([first, both])).not.toContain(secret)
    expect(said).toContain('a protection was recorded')
  })

  it('keeps ground, reference and staff unreadable in its table', async () => {
    const asked = protection([await enter(mother)])
    await protect(asked)
    await end(asked.protectionId)
    const { rows } = await authority.postgres.query<{ content: Buffer; ending: Buffer }>('SELECT * FROM protection')
    const text = rows.map((row) => `${row.content.toString('latin1')} ${row.ending.toString('latin1')}`).join()
    for (const secret of ['RG 26', 'agent-12', 'lifted', 'ground']) expect(text).not.toContain(secret)
    expect(text.length).toBeGreaterThan(100)
  })

  it('tells a member that gets to know the person later, at enrolment and at a login, once', async () => {
    await protect(protection([await enter(mother)]))
    const known = await subjectOf(mother, provider)
    await subjectOf(mother, provider)
    const { subject } = await ask(openLogin(authority), { federatedToken: idToken(mother) }, callOf(requester))
    expect((await heard(provider)).map((each) => each?.subjects)).toEqual([[known]])
    expect((await heard(requester)).map((each) => each?.subjects)).toEqual([[subject]])
  })

  it('is told to no software of the agency that may not protect people', async () => {
    await protect(protection([await enter(mother)]))
    await subjectOf(mother, requester)
    expect(await heard(requester)).toHaveLength(1)
    const of = told.get(requester) as MemberFixture
    expect(await ask(listIdentityEvents(of), { pageSize: 0, pageToken: '' }, system)).toEqual({
      events: [],
      nextPageToken: '',
    })
  })

  it('is told again by the pseudonym of a new epoch, before anybody is asked by one', async () => {
    await protect(protection([await enter(mother)]))
    const known = await subjectOf(mother, requester)
    const pseudonyms = new Pseudonyms([...authority.secrets, { epoch: 2, secret: randomBytes(32) }], 1)
    const transaction = (work: (tx: Transaction) => Promise<void>) => authority.postgres.transaction(work)
    await announceEpoch({ ...authority, pseudonyms, transaction })
    const [, again] = await heard(requester)
    expect(again?.subjects).toEqual([expect.stringMatching(/^p1\.2\./), known])
  })

  it('stays with the person after a merge, and with everybody whom an entry stood for', async () => {
    const elder = { ...mother, givenName: 'Amélie Rose Anne' }
    const into = await enter(elder)
    const standing = await subjectOf(elder, provider)
    const from = await enter(mother)
    await protect(protection([from]))
    await apply(authority, mergePersons(authority), { from, into, ...because }, staff)
    expect((await heard(provider)).map((each) => each?.subjects)).toEqual([[standing]])
    const pivots = [elder, { ...mother, givenName: 'Solenn Rose' }]
    const { subjects } = await apply(authority, splitPerson(authority), { subject: into, pivots, ...because }, staff)
    const people = subjects.map((each) => authority.pseudonyms.open(each, members.registry) as never)
    expect((await authority.stores.protections.standing(people, authority.clock.nowMs())).size).toBe(2)
  })
})

describe('EndPersonProtection', () => {
  it('refuses what nobody recorded, and to an agency what another recorded', async () => {
    const asked = protection([await enter(mother)])
    await protect(asked)
    await expect(end(randomUUID())).rejects.toMatchObject({ reason: 'PROTECTION_UNKNOWN' })
    await expect(end(asked.protectionId, callOf(requester))).rejects.toMatchObject({ reason: 'PROTECTION_UNKNOWN' })
    const known = await subjectOf(mother, requester)
    const own = protection([known])
    await protect(own, callOf(requester))
    await expect(end(own.protectionId, callOf(provider))).rejects.toMatchObject({ reason: 'PROTECTION_UNKNOWN' })
    expect((await end(own.protectionId, callOf(requester))).endedAtMs).toBe(authority.clock.nowMs())
  })

  it('ends one of two protections and the other goes on; only the last one is told as an end, once', async () => {
    const subject = await enter(mother)
    await subjectOf(mother, requester)
    const [longer, shorter] = [protection([subject]), protection([subject], { until: dayIn(30) })]
    const { endsAtMs } = await protect(shorter)
    await protect(longer)
    await end(longer.protectionId)
    const first = await end(shorter.protectionId)
    authority.clock.seconds += 60
    expect(await end(shorter.protectionId)).toEqual(first)
    const all = await heard(requester)
    expect(all.map((each) => each?.untilMs)).toEqual([endsAtMs, expect.any(Number), endsAtMs, undefined])
    expect(all[1]?.together).toHaveLength(2)
  })
})

describe('a protected person’s own view', () => {
  const logIn = (acr: string) =>
    ask(openLogin(authority), { federatedToken: idToken(mother, { acr, aud: 'portal-client' }) }, callOf(portal))
  const view = async (acr: string) => {
    const { subject, loginHandle } = await logIn(acr)
    const basisId = basisIdFrom(Buffer.alloc(16, 7))
    const wish = { subject, provider, purpose: 'personal-access', basisId, loginHandle }
    return Promise.allSettled([
      ask(issueTicket(authority), wish, callOf(portal)),
      ask(listMembersOfPerson(authority), { subject, loginHandle, ticketPurpose: '' }, callOf(portal)),
    ])
  }
  const refusals = async (acr: string) =>
    (await view(acr)).map((each) => (each.status === 'rejected' ? [each.reason.reason, each.reason.facts] : 'shown'))

  it('is refused to a weak login, naming the level, and again open to it once the protection is over', async () => {
    const asked = protection([await enter(mother)], { until: dayIn(1) })
    expect(await refusals('eidas1')).toEqual(['shown', 'shown'])
    const { endsAtMs } = await protect(asked)
    const refused = ['ASSURANCE_TOO_LOW', { required_acr: 'eidas2' }]
    expect(await refusals('eidas1')).toEqual([refused, refused])
    expect(await refusals('eidas2')).toEqual(['shown', 'shown'])
    authority.clock.seconds = endsAtMs / 1000 - 1
    const { protections } = authority.stores
    const people = [authority.pseudonyms.open(await enter(mother), members.registry) as never]
    expect((await protections.standing(people, authority.clock.nowMs())).size).toBe(1)
    expect((await protections.standing(people, endsAtMs)).size).toBe(0)
  })

  it('leaves what agencies ask in the person’s name as it was: they are told to withhold, not refused', async () => {
    await protect(protection([await enter(mother)]))
    const subject = await subjectOf(mother, requester)
    const wish = { subject, provider, purpose, basisId: basisIdFrom(Buffer.alloc(16, 7)), loginHandle: '' }
    expect((await ask(issueTicket(authority), wish, callOf(requester))).ticket).not.toBe('')
  })
})
