import { randomBytes } from 'node:crypto'
import { basisIdFrom, type MemberId } from '@unefois/proto/ids'
import { OpeningKeys } from '@unefois/proto/jwe'
import { openSubjectTicket } from '@unefois/proto/subject-ticket'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callOf, openAuthority } from '../authority.fixture.js'
import type { PersonId } from '../domain/person.js'
import { adultsPurpose, keys, members, purpose, startSeconds } from '../federation.fixture.js'
import { mother, presumed, twins } from '../people.fixture.js'
import { Pseudonyms } from '../pseudonyms.js'
import { issueTicket } from './issue-ticket.js'

let authority: AuthorityFixture
let person: PersonId
let other: PersonId
const basisId = basisIdFrom(randomBytes(16))

const register = async (pivot: typeof mother): Promise<PersonId> => {
  await authority.stores.register.register(pivot, authority.clock.nowMs())
  const found = await authority.stores.register.candidates(pivot)
  const [known] = found.filter((each) => each.pivot.givenName === pivot.givenName)
  if (!known) throw new Error('a person expected')
  return known.person
}

beforeAll(async () => {
  authority = await openAuthority()
  person = await register(mother)
  other = await register(twins[0])
})
afterEach(() => {
  authority.clock.seconds = startSeconds
})
afterAll(() => authority.postgres.close())

const login = (member: MemberId, of: PersonId = person) =>
  authority.stores.logins.open({
    member,
    person: of,
    acr: 'eidas2',
    authTimeSeconds: startSeconds - 60,
    expiresAtSeconds: startSeconds + 1800,
  })

const requestOf = (requester: MemberId, changed: object = {}) => ({
  subject: authority.pseudonyms.of(person, requester) as string,
  provider: members.provider as string,
  purpose,
  basisId: basisId as string,
  loginHandle: '',
  ...changed,
})

const issue = (requester: MemberId, changed: object = {}) =>
  ask(issueTicket(authority), requestOf(requester, changed), callOf(requester))

const refused = (requester: MemberId, changed: object, reason: string) =>
  expect(issue(requester, changed)).rejects.toMatchObject({ reason })

const open = (ticket: string, provider: MemberId, service: string) =>
  openSubjectTicket(ticket, {
    authority: members.registry,
    audience: provider,
    openingKeys: new OpeningKeys([keys.of(provider, 'seal', service).privateKey]),
    keyOf: authority.federation.current.keyOf('ticket'),
    nowSeconds: startSeconds,
  })

describe('IssueTicket', () => {
  it.each([
    ['a subject that is no pseudonym', { subject: 'p1.1.x' }],
    ['a basis that is none', { basisId: 'x' }],
    ['no basis', { basisId: '' }],
    ['no purpose', { purpose: '' }],
  ])('refuses %s', (_, changed) => {
    const request = requestOf(members.requester, changed)
    expect(issueTicket(authority).request.safeParse(request).success).toBe(false)
  })

  it('refuses a provider that is no member, or no longer', async () => {
    await refused(members.requester, { provider: 'nobody' }, 'MEMBER_UNKNOWN')
    await refused(members.requester, { provider: members.closed }, 'MEMBER_UNKNOWN')
  })

  it('refuses a requester, a provider or a purpose that no authorisation in force joins', async () => {
    await refused(members.stranger, {}, 'PURPOSE_NOT_AUTHORISED')
    await refused(members.requester, { provider: members.stranger }, 'PURPOSE_NOT_AUTHORISED')
    await refused(members.requester, { purpose: 'another' }, 'PURPOSE_NOT_AUTHORISED')
    await refused(members.provider, { provider: members.requester }, 'PURPOSE_NOT_AUTHORISED')
    authority.clock.seconds = startSeconds + 3600 * 12
    await refused(members.requester, {}, 'PURPOSE_NOT_AUTHORISED')
  })

  it('refuses a pseudonym of another member, of nobody, or of a retired epoch', async () => {
    const foreign = authority.pseudonyms.of(person, members.provider)
    await refused(members.requester, { subject: foreign }, 'SUBJECT_UNKNOWN')
    await refused(members.requester, { subject: `p1.1.${Buffer.alloc(16).toString('base64url')}` }, 'SUBJECT_UNKNOWN')
    await refused(members.requester, { subject: `p1.9.${Buffer.alloc(16).toString('base64url')}` }, 'SUBJECT_UNKNOWN')
  })

  it('refuses a login handle that is unknown, another member’s, another person’s, or ended', async () => {
    const reason = 'LOGIN_HANDLE_INVALID'
    await refused(members.requester, { loginHandle: randomBytes(32).toString('base64url') }, reason)
    await refused(members.requester, { loginHandle: await login(members.provider) }, reason)
    await refused(members.requester, { loginHandle: await login(members.requester, other) }, reason)
    const ended = await login(members.requester)
    authority.clock.seconds = startSeconds + 1800
    await refused(members.requester, { loginHandle: ended }, reason)
  })

  it('refuses a child where the provider has set an age, and whoever may be one', async () => {
    const reason = 'AGE_NOT_REACHED'
    const subjectOf = (of: PersonId) => authority.pseudonyms.of(of, members.requester)
    await refused(members.requester, { purpose: adultsPurpose, subject: subjectOf(other) }, reason)
    const undated = await register({
      ...presumed,
      birthdate: `${new Date(startSeconds * 1000).getUTCFullYear() - 18}-00-00`,
    })
    await refused(members.requester, { purpose: adultsPurpose, subject: subjectOf(undated) }, reason)
    await issue(members.requester, { purpose: adultsPurpose })
    await issue(members.requester, { subject: subjectOf(other) })
  })

  it('refuses the portal without a login', async () => {
    await refused(members.portal, { purpose: 'own-data' }, 'LOGIN_HANDLE_INVALID')
  })

  it('names the person to the provider by the provider’s own pseudonym, readable by its documents alone', async () => {
    const { ticket, expiresAtSeconds } = await issue(members.requester)
    expect(expiresAtSeconds).toBe(startSeconds + authority.ticketSeconds)
    expect(() => open(ticket, members.provider, 'consent')).toThrow()
    expect(() => open(ticket, members.requester, 'documents')).toThrow()
    expect(open(ticket, members.provider, 'documents')).toEqual({
      jti: expect.any(String),
      iss: members.registry,
      aud: members.provider,
      requester: members.requester,
      purpose,
      sub: authority.pseudonyms.of(person, members.provider),
      basis: basisId,
      iat: startSeconds,
      exp: expiresAtSeconds,
    })
  })

  it('adds acr and auth_time of the login, for an agency and for the portal', async () => {
    for (const requester of [members.requester, members.portal]) {
      const { ticket } = await issue(requester, { loginHandle: await login(requester) })
      expect(open(ticket, members.provider, 'documents')).toMatchObject({
        requester,
        acr: 'eidas2',
        auth_time: startSeconds - 60,
      })
    }
  })

  it('serves both sides of the consent authority, which opens with its own key', async () => {
    const toAuthority = await issue(members.stranger, { provider: members.consentAuthority })
    expect(open(toAuthority.ticket, members.consentAuthority, 'consent-authority')).toMatchObject({
      aud: members.consentAuthority,
      sub: authority.pseudonyms.of(person, members.consentAuthority),
    })
    const fromAuthority = await issue(members.consentAuthority, { provider: members.stranger })
    expect(open(fromAuthority.ticket, members.stranger, 'documents')).toMatchObject({
      sub: authority.pseudonyms.of(person, members.stranger),
    })
  })

  it('still opens a pseudonym of the epoch before, and answers in the current one', async () => {
    const rotated = new Pseudonyms([...authority.secrets, { epoch: 2, secret: randomBytes(32) }])
    const rpc = issueTicket({ ...authority, pseudonyms: rotated })
    const { ticket } = await ask(rpc, requestOf(members.requester), callOf(members.requester))
    expect(open(ticket, members.provider, 'documents').sub).toBe(rotated.of(person, members.provider))
  })
})
