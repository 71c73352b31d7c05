import { type Consumer, type Consumers, readEvent } from '@unefois/chassis/inbox'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import type { AppointmentsContext } from '../context.js'
import { type WithdrawalNeeds, withdrawFromHub } from '../hub/withdraw.js'

const fromIdentity: Consumer['isSender'] = (caller) => caller.kind === 'neighbour' && caller.service === 'identity'

/** Hears from the member's own identity service of whom few may know where they will be, and of whom no longer. */
export const protectionConsumers = (
  needs: Pick<AppointmentsContext, 'protectedSubjects'> & WithdrawalNeeds,
): Consumers => ({
  'identity.subject-protected.v1': {
    isSender: fromIdentity,
    apply: async (received, tx) => {
      const { change } = readEvent(IdentityChange, received)
      if (change?.$case !== 'subjectProtected') throw new MeshError('REQUEST_MALFORMED')
      const { subjects, untilMs } = change.value
      await needs.protectedSubjects.protect(tx, subjects, untilMs)
      await withdrawFromHub(needs, tx, subjects)
    },
  },
  'identity.subject-protection-ended.v1': {
    isSender: fromIdentity,
    apply: async (received, tx) => {
      const { change } = readEvent(IdentityChange, received)
      if (change?.$case !== 'subjectProtectionEnded') throw new MeshError('REQUEST_MALFORMED')
      await needs.protectedSubjects.end(tx, change.value.subjects, received.occurredAtMs)
    },
  },
})
