import { OpeningKeys } from '@unefois/proto/jwe'
import { openSubjectTicket } from '@unefois/proto/subject-ticket'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callOf, openAuthority } from '../authority.fixture.js'
import { keys, members, startSeconds } from '../federation.fixture.js'
import { idToken, mother, twins } from '../people.fixture.js'
import { listMembersOfPerson } from './list-members-of-person.js'
import { matchSubject } from './match-subject.js'
import { openLogin } from './open-login.js'

let authority: AuthorityFixture

beforeAll(async () => {
  authority = await openAuthority()
  for (const pivot of [mother, twins[0]]) await authority.stores.register.register(pivot, authority.clock.nowMs())
  await ask(matchSubject(authority), { pivot: mother }, callOf(members.provider))
  await ask(matchSubject(authority), { pivot: twins[0] }, callOf(members.stranger))
})
afterAll(() => authority.postgres.close())

const open = (ticket: string) =>
  openSubjectTicket(ticket, {
    authority: members.registry,
    audience: members.provider,
    openingKeys: new OpeningKeys([keys.of(members.provider, 'seal', 'documents').privateKey]),
    keyOf: authority.federation.current.keyOf('ticket'),
    nowSeconds: startSeconds,
  })

const logInAtPortal = (pivot: typeof mother) =>
  ask(openLogin(authority), { federatedToken: idToken(pivot, { aud: 'portal-client' }) }, callOf(members.portal))
const list = (subject: string, loginHandle: string, ticketPurpose = '') =>
  ask(listMembersOfPerson(authority), { subject, loginHandle, ticketPurpose }, callOf(members.portal))

describe('ListMembersOfPerson', () => {
  it('refuses without a login, with another person’s, or after it ended', async () => {
    const { subject, loginHandle } = await logInAtPortal(mother)
    const another = await logInAtPortal(twins[0])
    await expect(list(subject, '')).rejects.toMatchObject({ reason: 'LOGIN_HANDLE_INVALID' })
    await expect(list(subject, another.loginHandle)).rejects.toMatchObject({ reason: 'LOGIN_HANDLE_INVALID' })
    authority.clock.seconds = startSeconds + authority.loginSeconds
    await expect(list(subject, loginHandle)).rejects.toMatchObject({ reason: 'LOGIN_HANDLE_INVALID' })
    authority.clock.seconds = startSeconds
  })

  it('refuses a pseudonym of another member', async () => {
    const { loginHandle } = await logInAtPortal(mother)
    const login = await authority.stores.logins.find(loginHandle)
    if (!login) throw new Error('a login expected')
    const foreign = authority.pseudonyms.of(login.person, members.provider)
    await expect(list(foreign, loginHandle)).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it('answers the members that know this person, and not those that know others', async () => {
    const { subject, loginHandle } = await logInAtPortal(mother)
    expect(await list(subject, loginHandle)).toEqual({ members: [members.provider], tickets: [] })
  })

  it('names the person to each of them for the purpose, on a basis of its own each time', async () => {
    const { subject, loginHandle } = await logInAtPortal(mother)
    const login = await authority.stores.logins.find(loginHandle)
    if (!login) throw new Error('a login expected')
    const bases: string[] = []
    for (let time = 0; time < 2; time += 1) {
      const { tickets } = await list(subject, loginHandle, 'personal-access')
      expect(tickets.map(({ member }) => member)).toEqual([members.provider])
      const [{ ticket, basisId, expiresAtSeconds } = expect.fail('a ticket expected')] = tickets
      expect(open(ticket)).toMatchObject({
        aud: members.provider,
        requester: members.portal,
        purpose: 'personal-access',
        sub: authority.pseudonyms.of(login.person, members.provider),
        basis: basisId,
        acr: login.acr,
        auth_time: login.authTimeSeconds,
        exp: expiresAtSeconds,
      })
      bases.push(basisId)
    }
    expect(new Set(bases).size).toBe(2)
  })

  it('gives no ticket with a login that has ended', async () => {
    const { subject, loginHandle } = await logInAtPortal(mother)
    authority.clock.seconds = startSeconds + authority.loginSeconds
    await expect(list(subject, loginHandle, 'personal-access')).rejects.toMatchObject({
      reason: 'LOGIN_HANDLE_INVALID',
    })
    authority.clock.seconds = startSeconds
  })
})
