import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { IdentityAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { announceEpoch } from './announce-epoch.js'
import { authorityFromConfig } from './authority-context.js'
import type { IdentityAuthorityConfig } from './config.js'
import { protectionAuthorityService } from './protection-service.js'
import { forgetEveryMs, keptSinceMs } from './retention.js'
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

const forgetLoginsMs = 60_000
const addKeysMs = 1000
const keysAtOnce = 200

/** Starts the identity authority; it answers once this resolves. */
export const startIdentityAuthority = async (
  config: IdentityAuthorityConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await authorityFromConfig(config, overrides)
  await announceEpoch({ ...context, transaction: (work) => context.runtime.postgres.transaction(work) })
  return startService(context.runtime, config, {
    definition: IdentityAuthorityServiceDefinition,
    implementation: {
      registerPerson: registerPerson(context),
      matchSubject: matchSubject(context),
      matchSubjects: matchSubjects(context),
      listMemberQuestions: listMemberQuestions(context),
      listOpenQuestions: listOpenQuestions(context),
      getQuestion: getQuestion(context),
      decideQuestion: decideQuestion(context),
      resolveMemberSubjects: resolveMemberSubjects(context),
      mergePersons: mergePersons(context),
      splitPerson: splitPerson(context),
      recordDeath: recordDeath(context),
      correctPerson: correctPerson(context),
      openLogin: openLogin(context),
      issueTicket: issueTicket(context),
      issueSealedSubject: issueSealedSubject(context),
      listMembersOfPerson: listMembersOfPerson(context),
    },
    further: [protectionAuthorityService(context)],
    consumers: {},
    chores: [
      { everyMs: forgetLoginsMs, run: () => context.stores.logins.forgetExpired(context.clock.nowMs()) },
      { everyMs: forgetEveryMs, run: () => context.stores.askings.forgetPast(context.clock.nowMs()) },
      {
        everyMs: forgetEveryMs,
        run: () => context.stores.questions.forgetDecidedBefore(keptSinceMs(context.clock.nowMs())),
      },
      {
        everyMs: forgetEveryMs,
        run: () => context.stores.protections.forgetEndedBefore(keptSinceMs(context.clock.nowMs())),
      },
      {
        everyMs: addKeysMs,
        run: async () => {
          await context.stores.register.addMissingKeys(keysAtOnce)
        },
      },
    ],
  })
}
