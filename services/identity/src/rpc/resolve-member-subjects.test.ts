import { randomBytes } from 'node:crypto'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { basisIdFrom } from '@unefois/proto/ids'
import { OpeningKeys } from '@unefois/proto/jwe'
import { openSubjectTicket } from '@unefois/proto/subject-ticket'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { authorityAskedBy } from '../agency.fixture.js'
import { announceEpoch } from '../announce-epoch.js'
import { type AuthorityFixture, apply, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import { keys, members, purpose } from '../federation.fixture.js'
import { system } from '../member.fixture.js'
import { mother, twins } from '../people.fixture.js'
import { Pseudonyms } from '../pseudonyms.js'
import { issueTicket } from './issue-ticket.js'
import { matchSubject } from './match-subject.js'
import { mergePersons } from './merge-persons.js'
import { resolveMemberSubjects } from './resolve-member-subjects.js'
import { resolveSubjects } from './resolve-subjects.js'
import { splitPerson } from './split-person.js'

const { requester, provider, registry } = members
const staff = callBy({ kind: 'system', clientId: 'civil-register', scopes: ['register:review'] })
const because = { decidedBy: 'agent-12', why: 'Act of the civil register.' }
const secondEpoch = { epoch: 2, secret: randomBytes(32) }
const open: AuthorityFixture[] = []
let before: AuthorityFixture
/** The same authority once the second epoch is prepared, once it is issued, and once the first is retired. */
let prepared: AuthorityFixture
let issued: AuthorityFixture
let retired: AuthorityFixture

beforeEach(async () => {
  before = await openAuthority()
  open.push(before)
  const both = [...before.secrets, secondEpoch]
  prepared = { ...before, pseudonyms: new Pseudonyms(both, 1) }
  issued = { ...before, pseudonyms: new Pseudonyms(both) }
  retired = { ...before, pseudonyms: new Pseudonyms([secondEpoch]) }
  for (const pivot of [mother, ...twins]) await before.stores.register.register(pivot, before.clock.nowMs())
})
afterAll(() => Promise.all(open.map(({ postgres }) => postgres.close())))

const enrol = async (authority: AuthorityFixture, pivot = mother, member = requester): Promise<string> => {
  const { match } = await ask(matchSubject(authority), { pivot }, callOf(member))
  return match?.answer?.$case === 'subject' ? match.answer.value : ''
}
const resolve = async (authority: AuthorityFixture, subjects: string[], member = requester) =>
  (await ask(resolveMemberSubjects(authority), { subjects }, callOf(member))).subjects.map(({ standing }) => standing)
const known = (subject: string, ...aliases: string[]) => ({ $case: 'known', value: { subject, aliases } })
const unknown = { $case: 'unknown', value: {} }

describe('ResolveSubjects', () => {
  it('refuses none, more than 500, and what is no pseudonym', () => {
    const { request } = resolveSubjects({ authority: authorityAskedBy(before, requester) })
    const many = Array.from({ length: 501 }, () => `p1.1.${'A'.repeat(22)}`)
    for (const subjects of [[], many, ['amelie']]) expect(request.safeParse({ subjects }).success).toBe(false)
    expect(request.safeParse({ subjects: many.slice(1) }).success).toBe(true)
  })

  it('knows nobody by another agency’s pseudonym, a made-up one, or one of a retired epoch', async () => {
    const own = await enrol(before)
    const foreign = await enrol(before, mother, provider)
    expect(await resolve(before, [foreign, `p1.1.${'A'.repeat(22)}`, own])).toEqual([unknown, unknown, known(own)])
    expect(await resolve(retired, [own])).toEqual([unknown])
  })

  it('answers each in its place: the pseudonym to keep, aliases of merged entries, and that it was split', async () => {
    const [one = '', two = ''] = [await enrol(before, twins[0]), await enrol(before, twins[1])]
    const subject = await enrol(before)
    const own = (pseudonym: string) =>
      before.pseudonyms.of(before.pseudonyms.open(pseudonym, requester) as never, registry)
    await apply(before, mergePersons(before), { from: own(one), into: own(two), ...because }, staff)
    const pivots = [mother, { ...mother, birthplace: '29232' }]
    await apply(before, splitPerson(before), { subject: own(subject), pivots, ...because }, staff)
    const { subjects } = await ask(
      resolveSubjects({ authority: authorityAskedBy(before, requester) }),
      { subjects: [one, subject, two] },
      system,
    )
    expect(subjects.map(({ standing }) => standing)).toEqual([
      known(two, one),
      { $case: 'split', value: {} },
      known(two, one),
    ])
  })
})

describe('a rotation of pseudonyms', () => {
  const ticketOf = async (authority: AuthorityFixture, subject: string): Promise<string> => {
    const { ticket } = await ask(
      issueTicket(authority),
      { subject, provider, purpose, basisId: basisIdFrom(randomBytes(16)), loginHandle: '' },
      callOf(requester),
    )
    return openSubjectTicket(ticket, {
      authority: registry,
      audience: provider,
      openingKeys: new OpeningKeys([keys.of(provider, 'seal', 'documents').privateKey]),
      keyOf: authority.federation.current.keyOf('ticket'),
      nowSeconds: authority.clock.seconds,
    }).sub
  }

  it('is announced once to every member that knows somebody', async () => {
    await enrol(before)
    await enrol(before, twins[0], provider)
    const announce = (authority: AuthorityFixture) =>
      announceEpoch({ ...authority, transaction: (work) => authority.postgres.transaction(work) })
    await announce(prepared)
    await announce(prepared)
    await announce(issued)
    const { rows } = await before.postgres.query<{ receiver: string; data: Buffer }>(
      'SELECT receiver, data FROM outbox ORDER BY receiver',
    )
    expect(rows.map(({ receiver, data }) => [receiver, IdentityChange.decode(data).change?.value])).toEqual([
      // Which knows nobody, and keeps consents under pseudonyms of its own.
      [`${members.consentAuthority}/identity`, { epoch: 2 }],
      [`${provider}/identity`, { epoch: 2 }],
      [`${requester}/identity`, { epoch: 2 }],
    ])
  })

  it('gives an agency its own new pseudonyms before any ticket carries one', async () => {
    const first = await enrol(before)
    const [standing] = await resolve(prepared, [first])
    const second =
      prepared.pseudonyms.spellings(prepared.pseudonyms.open(first, requester) as never, requester)[0] ?? ''
    expect(second).toMatch(/^p1\.2\./)
    expect(standing).toEqual(known(second, first))
    expect(await resolve(prepared, [second])).toEqual([known(second, first)])
    expect(await enrol(prepared)).toBe(first)
    expect(await enrol(issued)).toBe(second)
    expect(await resolve(retired, [second])).toEqual([known(second)])
  })

  it('goes on under traffic: whoever asks by either epoch, of either replica, means the same person at the provider', async () => {
    const asking = await enrol(before)
    const held = await enrol(before, mother, provider)
    const [standing] = await resolve(prepared, [asking])
    const moved = standing?.$case === 'known' ? standing.value.subject : ''
    // Old and new replicas answer together while the processes are restarted one after the other.
    const asked = await Promise.all(
      Array.from({ length: 60 }, (_, at) => ticketOf(at % 2 ? issued : prepared, at % 3 ? asking : moved)),
    )
    expect(new Set(asked.map((subject) => subject.split('.')[1]))).toEqual(new Set(['1', '2']))
    const [ofHeld] = await resolve(issued, [held], provider)
    const accepted = ofHeld?.$case === 'known' ? [ofHeld.value.subject, ...ofHeld.value.aliases] : []
    expect(new Set(asked)).toEqual(new Set(accepted))
    expect(await ticketOf(retired, moved)).toBe(ofHeld?.$case === 'known' ? ofHeld.value.subject : '')
    await expect(ticketOf(retired, asking)).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it('moves 500 pseudonyms in one call', async () => {
    const people = Array.from({ length: 500 }, (_, at) => ({ ...mother, familyName: `Essai ${at}` }))
    const subjects = []
    for (const pivot of people) {
      const { person } = await before.stores.register.register(pivot, 0)
      subjects.push(before.pseudonyms.of(person, requester) as string)
    }
    const resolved = await resolve(prepared, subjects)
    expect(
      resolved.filter((standing) => standing?.$case === 'known' && standing.value.subject.startsWith('p1.2.')),
    ).toHaveLength(500)
  })
})
