import type { Call } from '@unefois/chassis/rpc'
import type { MemberId } from '@unefois/proto/ids'
import { type AuthorityFixture, apply, ask, callOf } from './authority.fixture.js'
import type { AuthorityClient } from './authority-client.js'
import { correctPerson } from './rpc/correct-person.js'
import { decideQuestion } from './rpc/decide-question.js'
import { getQuestion } from './rpc/get-question.js'
import { issueSealedSubject } from './rpc/issue-sealed-subject.js'
import { issueTicket } from './rpc/issue-ticket.js'
import { listMemberQuestions } from './rpc/list-member-questions.js'
import { listMembersOfPerson } from './rpc/list-members-of-person.js'
import { listOpenQuestions } from './rpc/list-open-questions.js'
import { matchSubject } from './rpc/match-subject.js'
import { matchSubjects } from './rpc/match-subjects.js'
import { mergePersons } from './rpc/merge-persons.js'
import { openLogin } from './rpc/open-login.js'
import { recordDeath } from './rpc/record-death.js'
import { registerPerson } from './rpc/register-person.js'
import { resolveMemberSubjects } from './rpc/resolve-member-subjects.js'
import { splitPerson } from './rpc/split-person.js'

/** The real authority, as this member's identity service reaches it, without the bus between them. */
export const authorityAskedBy = (authority: AuthorityFixture, member: MemberId): AuthorityClient => {
  const call: Call = callOf(member)
  return () => ({
    registerPerson: (request) => ask(registerPerson(authority), request, call),
    matchSubject: (request) => ask(matchSubject(authority), request, call),
    matchSubjects: (request) => ask(matchSubjects(authority), request, call),
    listMemberQuestions: (request) => ask(listMemberQuestions(authority), request, call),
    listOpenQuestions: (request) => ask(listOpenQuestions(authority), request, call),
    getQuestion: (request) => ask(getQuestion(authority), request, call),
    decideQuestion: (request) => apply(authority, decideQuestion(authority), request, call),
    resolveMemberSubjects: (request) => ask(resolveMemberSubjects(authority), request, call),
    mergePersons: (request) => apply(authority, mergePersons(authority), request, call),
    splitPerson: (request) => apply(authority, splitPerson(authority), request, call),
    recordDeath: (request) => apply(authority, recordDeath(authority), request, call),
    correctPerson: (request) => apply(authority, correctPerson(authority), request, call),
    openLogin: (request) => ask(openLogin(authority), request, call),
    issueTicket: (request) => ask(issueTicket(authority), request, call),
    issueSealedSubject: (request) => ask(issueSealedSubject(authority), request, call),
    listMembersOfPerson: (request) => ask(listMembersOfPerson(authority), request, call),
  })
}
