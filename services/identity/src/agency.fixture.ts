import type { Call } from '@unefois/chassis/rpc'
import type { MemberId } from '@unefois/proto/ids'
import { type AuthorityFixture, ask, callOf } from './authority.fixture.js'
import type { AuthorityClient } from './authority-client.js'
import { issueSealedSubject } from './rpc/issue-sealed-subject.js'
import { issueTicket } from './rpc/issue-ticket.js'
import { listMembersOfPerson } from './rpc/list-members-of-person.js'
import { matchSubject } from './rpc/match-subject.js'
import { openLogin } from './rpc/open-login.js'
import { registerPerson } from './rpc/register-person.js'

/** The real authority, as this member's identity service reaches it, without the bus between them. */
export const authorityAskedBy = (authority: AuthorityFixture, member: MemberId): AuthorityClient => {
  const call: Call = callOf(member)
  return () => ({
    registerPerson: (request) => ask(registerPerson(authority), request, call),
    matchSubject: (request) => ask(matchSubject(authority), request, call),
    openLogin: (request) => ask(openLogin(authority), request, call),
    issueTicket: (request) => ask(issueTicket(authority), request, call),
    issueSealedSubject: (request) => ask(issueSealedSubject(authority), request, call),
    listMembersOfPerson: (request) => ask(listMembersOfPerson(authority), request, call),
  })
}
