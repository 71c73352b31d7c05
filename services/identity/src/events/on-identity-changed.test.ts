import { randomUUID } from 'node:crypto'
import { IdentityChange, type PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, apply, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import { members } from '../federation.fixture.js'
import { forwardKept } from '../forward-kept.js'
import { carryTo, type MemberFixture, openMember } from '../member.fixture.js'
import { mother, twins } from '../people.fixture.js'
import { keptSinceMs } from '../retention.js'
import { correctPerson } from '../rpc/correct-person.js'
import { decideQuestion } from '../rpc/decide-question.js'
import { matchSubject } from '../rpc/match-subject.js'
import { mergePersons } from '../rpc/merge-persons.js'
import { recordDeath } from '../rpc/record-death.js'
import { splitPerson } from '../rpc/split-person.js'
import { forgetEventsBefore } from '../store/identity-events.js'

const staff = callBy({ kind: 'system', clientId: 'civil-register', scopes: ['register:write', 'register:review'] })
const because = { decidedBy: 'agent-12', why: 'Act of the civil register.' }
const { requester, provider, stranger } = members

let authority: AuthorityFixture
let to: ReadonlyMap<string, MemberFixture>
beforeAll(async () => {
  authority = await openAuthority()
  to = new Map([
    [requester, await openMember()],
    [provider, await openMember()],
    [stranger, await openMember()],
  ])
  carryTo(authority, to)
})
afterAll(async () => {
  await authority.outbox.stop()
  await Promise.all([authority, ...to.values()].map(({ postgres }) => postgres.close()))
})

const at = (member: string): MemberFixture => {
  const found = to.get(member)
  if (!found) throw new Error(`no ${member}`)
  return found
}
const register = async (pivot: PivotIdentity) => {
  const { person } = await authority.stores.register.register(pivot, authority.clock.nowMs())
  return { person, subject: authority.pseudonyms.of(person, members.registry) as string }
}
const meet = async (pivot: PivotIdentity, ...by: MemberId[]) => {
  for (const member of by) await ask(matchSubject(authority), { pivot }, callOf(member))
}
const untilCarried = async () => {
  authority.outbox.wake()
  const left = async () => (await authority.postgres.query('SELECT 1 FROM outbox')).rowCount
  await expect.poll(left, { timeout: 10_000, interval: 10 }).toBe(0)
}
/** What a member heard since it last looked. */
const positions = new Map<string, string>()
const heard = async (member: string) => {
  await untilCarried()
  const { events, nextPageToken } = await at(member).events(positions.get(member))
  positions.set(member, nextPageToken)
  return events.map(({ type, change }) => ({ type, ...change?.change?.value }))
}

describe('an event of the identity authority', () => {
  const event = (change: IdentityChange['change'], type: string, position = 1) => ({
    eventId: randomUUID(),
    type,
    topic: `forged-${randomUUID()}`,
    following: [],
    position,
    data: Buffer.from(IdentityChange.encode({ change }).finish()),
    occurredAtMs: 1,
  })
  const split = { $case: 'subjectSplit' as const, value: { subjects: [] } }

  it.each([
    ['of another service', { member: members.registry, service: 'identity' }],
    ['of a member that is no identity authority', { member: requester, service: 'identity-authority' }],
  ])('%s is refused', async (_, sender) => {
    const forged = at(stranger).deliver(event(split, 'identity.subject-split.v1'), sender)
    await expect(forged).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })

  it('that says another thing than its type, or nothing, is refused', async () => {
    for (const forged of [
      event(split, 'identity.subject-merged.v1'),
      event(undefined, 'identity.subject-split.v1'),
      { ...event(split, 'identity.subject-split.v1'), data: Buffer.from([255]) },
    ])
      await expect(at(stranger).deliver(forged)).rejects.toMatchObject({ reason: 'REQUEST_MALFORMED' })
    expect((await at(stranger).events()).events).toEqual([])
  })

  it('of a type that nobody knows is refused', async () => {
    await expect(at(stranger).deliver(event(split, 'identity.subject-sold.v1'))).rejects.toMatchObject({
      reason: 'METHOD_UNKNOWN',
    })
  })
})

describe('a merge', () => {
  it('is told to each member that knows the first entry, in its own pseudonyms, and to nobody else', async () => {
    const one = await register(mother)
    const two = await register({ ...mother, givenName: 'Amélie Rose Anne' })
    await authority.stores.acquaintances.record([one.person], requester, 0)
    await authority.stores.acquaintances.record([two.person], provider, 0)
    const told = await apply(
      authority,
      mergePersons(authority),
      { from: one.subject, into: two.subject, ...because },
      staff,
    )
    expect(told).toEqual({ toldMembers: 1 })
    expect(await heard(requester)).toEqual([
      {
        type: 'identity.subject-merged.v1',
        subjects: [authority.pseudonyms.of(one.person, requester)],
        into: authority.pseudonyms.of(two.person, requester),
      },
    ])
    expect(await heard(provider)).toEqual([])
  })
})

describe('a split', () => {
  it('is told without a word of whom the entry stood for', async () => {
    const { person, subject } = await register(twins[0])
    await meet(twins[0], requester, provider)
    const told = await apply(
      authority,
      splitPerson(authority),
      { subject, pivots: [twins[0], { ...twins[0], birthplace: '29232' }], ...because },
      staff,
    )
    expect(told).toMatchObject({ toldMembers: 2 })
    for (const member of [requester, provider])
      expect(await heard(member)).toEqual([
        { type: 'identity.subject-split.v1', subjects: [authority.pseudonyms.of(person, member)] },
      ])
    expect(await heard(stranger)).toEqual([])
  })
})

describe('a death, and a correction', () => {
  it('are told by day and by nothing, to those who know the person', async () => {
    const pivot = { ...mother, familyName: 'Tanguy' }
    const { person, subject } = await register(pivot)
    await meet(pivot, requester)
    const corrected = { ...pivot, givenName: 'Erwan Rose', gender: 'male' }
    await apply(authority, correctPerson(authority), { subject, pivot: corrected, ...because }, staff)
    await apply(authority, recordDeath(authority), { subject, deceasedOn: '2026-11-02', ...because }, staff)
    const subjects = [authority.pseudonyms.of(person, requester)]
    expect(await heard(requester)).toEqual([
      { type: 'identity.pivot-corrected.v1', subjects },
      { type: 'identity.subject-deceased.v1', subjects, deceasedOn: '2026-11-02' },
    ])
    const { rows } = await at(requester).postgres.query<{ data: Buffer }>('SELECT data FROM identity_event')
    expect(Buffer.concat(rows.map(({ data }) => data)).toString('latin1')).not.toMatch(/Erwan|male|Tanguy/)
  })
})

describe('a decision', () => {
  it('is told to the member that asked, and waits for it while it is down', async () => {
    const pivot = { ...mother, familyName: 'Omnès' }
    await register(pivot)
    const { match } = await ask(matchSubject(authority), { pivot: { ...pivot, gender: '' } }, callOf(provider))
    const questionId = match?.answer?.$case === 'askHuman' ? match.answer.value.questionId : ''
    at(provider).isUp = false
    await apply(
      authority,
      decideQuestion(authority),
      { questionId, decision: { $case: 'nobody', value: {} }, ...because },
      staff,
    )
    authority.outbox.wake()
    const attempts = async () =>
      (await authority.postgres.query<{ attempts: number }>('SELECT attempts FROM outbox')).rows[0]?.attempts ?? 0
    await expect.poll(attempts, { timeout: 5000, interval: 10 }).toBeGreaterThan(0)
    at(provider).isUp = true
    expect(await heard(provider)).toEqual([
      { type: 'identity.question-decided.v1', questionId, match: { answer: { $case: 'different', value: {} } } },
    ])
  })
})

describe('forwarding to the agency’s own services', () => {
  const told = async ({ postgres }: MemberFixture) =>
    (
      await postgres.query<{ receiver: string; type: string }>(
        'SELECT receiver, type FROM outbox ORDER BY receiver, id',
      )
    ).rows
  const changes = [
    ['identity.subject-merged.v1', { $case: 'subjectMerged', value: { subjects: ['p1.1.a'], into: 'p1.1.b' } }],
    ['identity.subject-deceased.v1', { $case: 'subjectDeceased', value: { subjects: ['p1.1.b'], deceasedOn: '' } }],
    ['identity.epoch-opened.v1', { $case: 'epochOpened', value: { epoch: 2 } }],
  ] as const
  const deliverAll = async (member: MemberFixture) => {
    for (const [at, [type, change]] of changes.entries())
      await member.deliver({
        eventId: randomUUID(),
        type,
        topic: 'people',
        following: [],
        position: at + 1,
        data: Buffer.from(IdentityChange.encode({ change: change as never }).finish()),
        occurredAtMs: 1,
      })
  }

  it('tells those that it knows of, in order, what they must follow, and nothing of a death', async () => {
    const member = await openMember(['documents', 'consent'])
    await deliverAll(member)
    const types = ['identity.subject-merged.v1', 'identity.epoch-opened.v1']
    expect(await told(member)).toEqual(
      ['consent', 'documents'].flatMap((receiver) => types.map((type) => ({ receiver, type }))),
    )
    await member.postgres.close()
  })

  it('goes on after what was kept before, once for each event, and keeps nothing back from who lists', async () => {
    const member = await openMember(['consent-authority'])
    await deliverAll(member)
    await member.postgres.query('DELETE FROM outbox')
    await member.postgres.query('UPDATE identity_event SET is_forwarded = false')
    for (const _ of [1, 2]) await member.postgres.transaction((tx) => forwardKept(tx, member.outbox, ['documents']))
    expect((await told(member)).map(({ receiver }) => receiver)).toEqual(['documents', 'documents'])
    expect((await member.events()).events).toHaveLength(3)
    await member.postgres.close()
  })
})

describe('ListIdentityEvents', () => {
  it('goes on from any position, and from the last one finds what came since', async () => {
    const all = (await at(requester).events()).events
    expect(all.length).toBeGreaterThan(2)
    const seen: (typeof all)[number][] = []
    let token = ''
    for (;;) {
      const { events, nextPageToken } = await at(requester).events(token, 1)
      token = nextPageToken
      if (events.length === 0) break
      seen.push(...events)
    }
    expect(seen).toEqual(all)
    const pivot = { ...mother, familyName: 'Riou' }
    const { subject } = await register(pivot)
    await meet(pivot, requester)
    await apply(authority, recordDeath(authority), { subject, deceasedOn: '2026-11-03', ...because }, staff)
    await untilCarried()
    const { events } = await at(requester).events(token)
    expect(events.map(({ type }) => type)).toEqual(['identity.subject-deceased.v1'])
  })

  it('has forgotten what is older than its retention, and goes on from a position that is gone', async () => {
    const { postgres } = at(provider)
    const before = (await at(provider).events()).events
    const now = authority.clock.nowMs()
    await forgetEventsBefore(postgres, keptSinceMs(now))
    expect((await at(provider).events()).events).toEqual(before)
    await forgetEventsBefore(postgres, keptSinceMs(now + 1097 * 86_400_000))
    expect((await at(provider).events('1')).events).toEqual([])
  })

  it('refuses a position that it did not give', async () => {
    for (const token of ['0', '-1', 'x', '01']) await expect(at(requester).events(token)).rejects.toThrow()
  })
})
