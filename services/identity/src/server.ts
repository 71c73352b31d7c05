import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { IdentityConfig } from './config.js'
import { fromConfig, type IdentityContext } from './context.js'
import { identityConsumers } from './events/on-identity-changed.js'
import { forwardKept } from './forward-kept.js'
import { protectionService } from './protection-service.js'
import { forgetEveryMs, keptSinceMs } from './retention.js'
import { enrolSubject } from './rpc/enrol-subject.js'
import { enrolSubjects } from './rpc/enrol-subjects.js'
import { exchangeToken } from './rpc/exchange-token.js'
import { issueToken } from './rpc/issue-token.js'
import { listIdentityEvents } from './rpc/list-identity-events.js'
import { listKnowingMembers } from './rpc/list-knowing-members.js'
import { listQuestions } from './rpc/list-questions.js'
import { requestSealedSubject } from './rpc/request-sealed-subject.js'
import { requestTicket } from './rpc/request-ticket.js'
import { resolveSubjects } from './rpc/resolve-subjects.js'
import { forgetEventsBefore } from './store/identity-events.js'

/** What was kept before there was anybody to forward to; whatever comes goes on at once. */
const forwardEveryMs = 5000

const forwardWhatWaits = async ({ runtime, forwardsTo }: IdentityContext): Promise<void> => {
  await runtime.postgres.transaction((tx) => forwardKept(tx, runtime.outbox, forwardsTo))
  runtime.outbox.wake()
}

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
      enrolSubjects: enrolSubjects(context),
      listQuestions: listQuestions(context),
      listIdentityEvents: listIdentityEvents(context.runtime),
      resolveSubjects: resolveSubjects(context),
      requestTicket: requestTicket(context),
      requestSealedSubject: requestSealedSubject(context),
      listKnowingMembers: listKnowingMembers(context),
    },
    further: [protectionService(context.runtime)],
    consumers: identityConsumers({ ...context.runtime, forwardsTo: context.forwardsTo }),
    chores: [
      { everyMs: forwardEveryMs, run: () => forwardWhatWaits(context) },
      {
        everyMs: forgetEveryMs,
        run: () => forgetEventsBefore(context.runtime.postgres, keptSinceMs(context.clock.nowMs())),
      },
    ],
  })
}
