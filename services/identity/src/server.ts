import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { IdentityConfig } from './config.js'
import { fromConfig } from './context.js'
import { enrolSubject } from './rpc/enrol-subject.js'
import { exchangeToken } from './rpc/exchange-token.js'
import { issueToken } from './rpc/issue-token.js'
import { listKnowingMembers } from './rpc/list-knowing-members.js'
import { requestSealedSubject } from './rpc/request-sealed-subject.js'
import { requestTicket } from './rpc/request-ticket.js'

export { startIdentityAuthority } from './authority-server.js'

/** Starts an agency's identity service; it answers once this resolves. */
export const startIdentity = async (
  config: IdentityConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  return startService(context.runtime, config, {
    definition: IdentityServiceDefinition,
    implementation: {
      issueToken: issueToken(context),
      exchangeToken: exchangeToken(context),
      enrolSubject: enrolSubject(context),
      requestTicket: requestTicket(context),
      requestSealedSubject: requestSealedSubject(context),
      listKnowingMembers: listKnowingMembers(context),
    },
    consumers: {},
  })
}
