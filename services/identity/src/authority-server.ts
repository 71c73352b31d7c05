import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { IdentityAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { authorityFromConfig } from './authority-context.js'
import type { IdentityAuthorityConfig } from './config.js'
import { issueSealedSubject } from './rpc/issue-sealed-subject.js'
import { issueTicket } from './rpc/issue-ticket.js'
import { listMembersOfPerson } from './rpc/list-members-of-person.js'
import { matchSubject } from './rpc/match-subject.js'
import { openLogin } from './rpc/open-login.js'
import { registerPerson } from './rpc/register-person.js'

const forgetLoginsMs = 60_000

/** Starts the identity authority; it answers once this resolves. */
export const startIdentityAuthority = async (
  config: IdentityAuthorityConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await authorityFromConfig(config, overrides)
  return startService(context.runtime, config, {
    definition: IdentityAuthorityServiceDefinition,
    implementation: {
      registerPerson: registerPerson(context),
      matchSubject: matchSubject(context),
      openLogin: openLogin(context),
      issueTicket: issueTicket(context),
      issueSealedSubject: issueSealedSubject(context),
      listMembersOfPerson: listMembersOfPerson(context),
    },
    consumers: {},
    chores: [{ everyMs: forgetLoginsMs, run: () => context.stores.logins.forgetExpired(context.clock.nowMs()) }],
  })
}
